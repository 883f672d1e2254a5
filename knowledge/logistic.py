"""Logistic regression in the space of a kernel, by L-BFGS in the kernel's own geometry."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

PENALTY = 0.02
STEPS_MAX = 40
# A step that lowers the loss by less than this share of it is the last: more steps change no ranking.
ENOUGH = 2e-4
MEMORY = 5


class Kernel(Protocol):
    """Likenesses (n, n) of texts, known by their product with weights."""

    def __matmul__(self, weights: Matrix) -> Matrix:
        """Shape (n, c), as the weights."""


def fit_logistic(kernel: Kernel, owners: NDArray[np.int64], count: int, importance: Matrix | None = None) -> Matrix:
    """Weights (n, count): a text's likenesses to the n texts times weights are the logits of `count` owners.

    `owners` (n,) gives the owner of each text, `importance` (n,) how much each counts. Minimises the cross entropy
    plus PENALTY / 2 times the squared length of the weights; one product with the kernel a step.
    """
    problem = _Loss(owners, np.ones(len(owners), np.float32) if importance is None else importance)
    weights = np.zeros((len(owners), count), np.float32)
    logits = np.zeros_like(weights)
    loss, gradient = problem.measure(weights, logits)
    mapped = kernel @ gradient
    past: deque[_Step] = deque(maxlen=MEMORY)
    for _ in range(STEPS_MAX):
        move, mapped_move = _find_direction(gradient, mapped, past)
        slope = _inner(gradient, mapped_move)
        length = 1.0 if past else min(1.0, 2.0 / float(np.abs(mapped_move).max() + 1e-9))
        for shorter in _halve(length):
            found = problem.measure(weights + shorter * move, logits + shorter * mapped_move)
            if found[0] <= loss + 1e-4 * shorter * slope:
                break
        else:
            break
        weights, logits = weights + shorter * move, logits + shorter * mapped_move
        mapped_found = kernel @ found[1]
        past.append(_Step(shorter * move, shorter * mapped_move, found[1] - gradient, mapped_found - mapped))
        if past[-1].curvature <= 0:
            past.clear()
        gain, loss = loss - found[0], found[0]
        gradient, mapped = found[1], mapped_found
        if gain < ENOUGH * loss:
            break
    return weights


class _Loss:
    def __init__(self, owners: NDArray[np.int64], importance: Matrix) -> None:
        self._importance = importance[:, np.newaxis]
        self._owned = np.arange(len(owners)), owners

    def measure(self, weights: Matrix, logits: Matrix) -> tuple[float, Matrix]:
        """The loss, and its gradient in the kernel's geometry, shape (n, c)."""
        highest = logits.max(axis=1, keepdims=True)
        shares = np.exp(logits - highest)
        total = shares.sum(axis=1, keepdims=True)
        shares /= total
        surprise = (highest + np.log(total))[:, 0] - logits[self._owned]
        loss = float(self._importance[:, 0] @ surprise) + PENALTY / 2 * _inner(weights, logits)
        shares[self._owned] -= 1
        return loss, self._importance * shares + np.float32(PENALTY) * weights


class _Step(NamedTuple):
    """One step of L-BFGS: the move and the change of the gradient, each also times the kernel."""

    move: Matrix
    mapped_move: Matrix
    change: Matrix
    mapped_change: Matrix

    @property
    def curvature(self) -> float:
        return _inner(self.move, self.mapped_change)


def _find_direction(gradient: Matrix, mapped: Matrix, past: "deque[_Step]") -> tuple[Matrix, Matrix]:
    direction, mapped_direction = gradient.copy(), mapped.copy()
    shares = []
    for step in reversed(past):
        share = _inner(step.move, mapped_direction) / step.curvature
        direction -= share * step.change
        mapped_direction -= share * step.mapped_change
        shares.append(share)
    if past:
        scale = past[-1].curvature / _inner(past[-1].change, past[-1].mapped_change)
        direction *= scale
        mapped_direction *= scale
    for step, share in zip(past, reversed(shares), strict=True):
        rest = share - _inner(step.change, mapped_direction) / step.curvature
        direction += rest * step.move
        mapped_direction += rest * step.mapped_move
    return -direction, -mapped_direction


def _halve(length: float) -> Iterator[float]:
    for _ in range(12):
        yield length
        length /= 2


def _inner(one: Matrix, other: Matrix) -> float:
    return float(np.vdot(one, other))
