"""What customers waiting for an agent are told."""

from datetime import UTC, datetime

import pytest

from connectors import waiting_wording as wording
from conversations.handoff.schemas import QueuePosition
from conversations.handoff.wording import PAYLOADS, confirm_callback
from conversations.schemas import Reply

NOW = datetime(2026, 7, 1, 14, 0, tzinfo=UTC)
LATER = datetime(2026, 7, 2, 2, 30, tzinfo=UTC)
REPLIES = [
    wording.RETURNED,
    *wording.RATED.values(),
    Reply(text=wording.NOT_UNDERSTOOD),
    wording.receive_in_hours(QueuePosition(ahead=999, recently_accepted=1)),
    wording.receive_out_of_hours(NOW, LATER, NOW),
    wording.receive_sensitive_out_of_hours(LATER, NOW, has_numbers=True),
    wording.receive_sensitive_out_of_hours(LATER, NOW, has_numbers=False),
    *wording.reassure(wording.describe_wait(QueuePosition(ahead=999, recently_accepted=1))),
    *wording.reassure_out_of_hours(wording.describe_opening(LATER, NOW)),
    *wording.ACKNOWLEDGEMENTS,
    wording.cancel_call("13800001234", ends_wait=True),
    wording.cancel_call("13800001234", ends_wait=False),
    wording.cancel_call("", ends_wait=True),
    wording.ask_phone(None),
    wording.ask_phone("13800001234"),
    wording.ask_phone_again(),
    wording.HERE,
    wording.NO_CALL,
    wording.CALL_CANCELLED,
    wording.keep_promise("13800001234", LATER, NOW),
    wording.keep_promise(None, None, NOW),
    confirm_callback("13800001234", LATER, NOW),
]


@pytest.mark.parametrize(
    ("ahead", "recently_accepted", "words"),
    [
        (0, 0, "请稍等，同事看到马上接。"),
        (0, 9, "请稍等，同事看到马上接。"),
        (3, 0, "您前面还有3位，请稍等。"),
        (1, 30, "您前面还有1位，预计等2分钟左右。"),
        (1, 29, "您前面还有1位，预计等3分钟左右。"),
        (1, 10, "您前面还有1位，预计等10分钟左右。"),
        (9, 10, "您前面还有9位，预计等30分钟左右。"),
        (10, 10, "您前面还有10位，预计要等半小时以上。"),
    ],
)
def test_the_wait_is_reckoned_from_the_last_half_hour(ahead: int, recently_accepted: int, words: str) -> None:
    assert wording.describe_wait(QueuePosition(ahead=ahead, recently_accepted=recently_accepted)) == words


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply.text[:8])
def test_it_fits_a_phone_screen_and_tells_no_whole_number(reply: Reply) -> None:
    assert len(reply.text) <= 80
    assert "13800001234" not in reply.text


def test_where_a_number_is_the_answer_no_button_is_numbered() -> None:
    asking = (wording.ask_phone(None), wording.ask_phone("13800001234"), wording.ask_phone_again())
    assert all(reply.awaits_number for reply in asking)
    assert not any(reply.awaits_number for reply in REPLIES if reply not in asking)


def test_every_payload_of_the_waiting_replies_is_recognised() -> None:
    shown = {button.payload for reply in REPLIES for button in reply.buttons}
    assert shown > PAYLOADS
    assert shown - PAYLOADS == {"/check_quota", "/apply_for_loan", "/request_human"}
