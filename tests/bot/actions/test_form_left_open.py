"""What a form may leave open: asked of who wants to tell more, skipped one by one or all at once, told after all."""

import pytest

from bot.actions.form_filling import FormUpdate, fill
from bot.actions.taken import Unclear
from forms.catalogue import LEFT_OPEN
from tests.bot.actions.action_call import inform, text_of
from tests.bot.actions.test_form_filling import APPLICATION, FILLED, without
from understanding.schemas import Act, Fact


def test_a_question_that_may_be_left_open_is() -> None:
    update = fill(APPLICATION, {**without("crops", "household_size"), "more": True}, "crops", Act(name="skip"))
    assert update == FormUpdate({"crops": LEFT_OPEN}, "household_size", Unclear("left_open"))


def test_all_the_rest_may_be_left_open_at_once() -> None:
    slots = {**without("crops", "land_mu", "household_size"), "more": True}
    update = fill(APPLICATION, slots, "crops", Act(name="skip", values={"is_rest": True}))
    left = dict.fromkeys(("crops", "land_mu", "household_size"), LEFT_OPEN)
    assert update == FormUpdate(left, "application_confirmed", Unclear("left_open"))


def test_what_is_needed_cannot_be_left_open() -> None:
    update = fill(APPLICATION, without("phone"), "phone", Act(name="skip", values={"is_rest": True}))
    assert update == FormUpdate(requested="phone", hint=Unclear("required"))


def test_what_was_left_open_can_be_told_after_all() -> None:
    slots = {**FILLED, "crops": LEFT_OPEN}
    update = fill(APPLICATION, slots, "application_confirmed", inform(text_of("livelihood", "crops", "养猪")))
    assert update == FormUpdate({"crops": "养猪"}, "application_confirmed", noted=("crops",))


def test_what_may_be_left_open_is_asked_of_who_wants_to_tell_more() -> None:
    phone = inform(text_of("phone", "phone", "13800001234"))
    slots = without("phone", "id_number")
    assert fill(APPLICATION, slots, "phone", phone) == FormUpdate({"phone": "13800001234"}, "application_confirmed")
    at_summary = fill(APPLICATION, {**slots, "phone": "1"}, "application_confirmed", Act(name="tell_more"))
    assert at_summary == FormUpdate({"more": True}, "id_number", Unclear("few_more"))
    early = fill(APPLICATION, slots, "phone", Act(name="tell_more"))
    assert early == FormUpdate({"more": True}, "phone")
    before_consent = fill(APPLICATION, {}, "application_consent", Act(name="tell_more"))
    assert before_consent == FormUpdate({"more": True}, "application_consent")
    later = fill(APPLICATION, {**slots, "more": True}, "phone", phone)
    assert later == FormUpdate({"phone": "13800001234"}, "id_number", Unclear("few_more"))


def test_who_wants_to_tell_more_is_asked_again_what_was_left_open() -> None:
    slots = {**FILLED, "crops": LEFT_OPEN, "more": True}
    update = fill(APPLICATION, slots, "application_confirmed", Act(name="tell_more"))
    assert update
    assert (update.values["crops"], update.requested) == (None, "crops")


@pytest.mark.parametrize(
    ("fact", "hint"),
    [
        (text_of("identity_number", "id_number", "990123198505050019", "check"), Unclear("check")),
        (text_of("identity_number", "id_number", "9901231985050500", "length"), Unclear("length")),
        (text_of("identity_number", "id_number", "990123202001010011"), Unclear("age", low="18", high="65")),
        (text_of("choice", "repayment", "到期一次还本付息"), Unclear("not_offered", high="到期一次还本付息")),
    ],
)
def test_a_detail_that_cannot_be_right_is_asked_again(fact: Fact, hint: Unclear) -> None:
    update = fill(APPLICATION, without(fact.role), fact.role, inform(fact))
    assert update == FormUpdate({fact.role: None}, fact.role, hint)
