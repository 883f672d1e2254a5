"""Which stage of a pre-application may follow which."""

from itertools import pairwise, product
from typing import get_args

import pytest

from applications.schemas import Stage
from applications.stages import OPEN_STAGES, STAGE_NAMES, TRANSITIONS, require_transition
from bot.actions.application import STAGE_TEXTS
from kit.errors import RequestError

ORDER: tuple[Stage, ...] = get_args(Stage)


def test_every_stage_has_a_name_for_staff_and_one_for_customers() -> None:
    assert list(STAGE_NAMES) == list(STAGE_TEXTS) == list(TRANSITIONS) == list(ORDER)
    assert (*OPEN_STAGES, "closed") == ORDER


@pytest.mark.parametrize(("before", "after"), list(product(ORDER, ORDER)))
def test_it_goes_forward_and_one_stage_back(before: Stage, after: Stage) -> None:
    is_forward = ORDER.index(after) > ORDER.index(before)
    is_slip_corrected = (after, before) in [*pairwise(ORDER), *((stage, "closed") for stage in OPEN_STAGES)]
    if is_forward or is_slip_corrected:
        require_transition(before, after)
        return
    with pytest.raises(RequestError) as refused:
        require_transition(before, after)
    assert (refused.value.status, refused.value.code) == (422, "no_such_transition")
    assert STAGE_NAMES[before] in refused.value.reason
