"""Logistic regression over a kernel, against the same by another way."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from knowledge.logistic import PENALTY, Matrix, fit_logistic

NUMBERS = np.random.default_rng(3)
POINTS = NUMBERS.normal(size=(60, 5)).astype(np.float32)
OWNERS = POINTS[:, :3].argmax(axis=1)
KERNEL: Matrix = POINTS @ POINTS.T


def test_the_weights_are_those_of_logistic_regression() -> None:
    logits = KERNEL @ fit_logistic(KERNEL, OWNERS, 3)
    model = LogisticRegression(C=1 / PENALTY, fit_intercept=False, tol=1e-6, max_iter=1000).fit(POINTS, OWNERS)
    expected = POINTS @ model.coef_.T
    centred = logits - logits.mean(axis=1, keepdims=True)
    assert np.corrcoef(centred.ravel(), expected.ravel())[0, 1] > 0.999
    assert np.abs(centred - expected).max() < 0.15 * np.abs(expected).max()


def test_each_text_is_ranked_to_its_owner() -> None:
    assert ((KERNEL @ fit_logistic(KERNEL, OWNERS, 3)).argmax(axis=1) == OWNERS).all()


def test_importance_counts_like_repetition() -> None:
    twice = np.where(OWNERS == 0, 2, 1).astype(np.float32)
    rows = np.repeat(np.arange(60), twice.astype(int))
    weighted = KERNEL @ fit_logistic(KERNEL, OWNERS, 3, twice)
    repeated = KERNEL[:, rows] @ fit_logistic(KERNEL[np.ix_(rows, rows)], OWNERS[rows], 3)
    assert np.abs(weighted - repeated).max() < 0.05 * np.abs(repeated).max()


@pytest.mark.parametrize("count", [1, 2, 7])
def test_owners_without_texts_are_allowed(count: int) -> None:
    weights = fit_logistic(np.eye(4, dtype=np.float32), np.zeros(4, np.int64), count)
    assert weights.shape == (4, count)
    assert np.isfinite(weights).all()


def test_one_owner_with_nearly_all_texts_does_not_upset_it() -> None:
    owners = np.where(np.arange(60) < 2, 1, 0)
    ranked = (KERNEL + 0.3) @ fit_logistic(KERNEL + np.float32(0.3), owners, 2)
    assert np.isfinite(ranked).all()
    assert (ranked.argmax(axis=1) == owners).mean() > 0.9
