"""The losses fall when texts of one group come nearer to each other than to other groups."""

from collections.abc import Callable

import pytest
import torch

from knowledge.adapter.losses import measure_contrast, measure_ranking

GROUPS = torch.tensor([0, 0, 1, 1, 2])
SAME = GROUPS[:, None] == GROUPS[None]
TEMPERATURE = 0.05
Measure = Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]


def make_cosines(alike: float, unlike: float) -> torch.Tensor:
    return torch.where(SAME, alike, unlike)


@pytest.mark.parametrize("measure", [measure_contrast, measure_ranking])
def test_falls_with_the_distance_of_groups(
    measure: Measure,
) -> None:
    losses = [float(measure(make_cosines(0.8, unlike), SAME, TEMPERATURE)) for unlike in (0.9, 0.8, 0.5, 0.0)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.001


def test_contrast_of_equal_cosines_is_the_log_of_the_choices() -> None:
    # Each of the four texts with a partner has it and three others to choose from.
    assert float(measure_contrast(make_cosines(0.5, 0.5), SAME, TEMPERATURE)) == pytest.approx(torch.tensor(4.0).log())


def test_ranking_compares_pairs_of_different_texts() -> None:
    cosines = make_cosines(0.9, 0.2)
    cosines[0, 1] = cosines[1, 0] = 0.5
    cosines[2, 4] = cosines[4, 2] = 0.7
    assert float(measure_contrast(cosines, SAME, TEMPERATURE)) < 0.02
    assert float(measure_ranking(cosines, SAME, TEMPERATURE)) > 0.2


def test_gradients_are_finite_with_lone_texts_only_beside_one_pair() -> None:
    cosines = make_cosines(0.9, 0.2).requires_grad_()
    loss = measure_contrast(cosines, SAME, TEMPERATURE) + measure_ranking(cosines, SAME, TEMPERATURE)
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    assert cosines.grad is not None
    assert torch.isfinite(cosines.grad).all()
