"""What is read out of the words of somebody who waits, and what they are told."""

from datetime import UTC, datetime

import pytest

from connectors import reception_wording as wording
from conversations.handoff_words import PAYLOADS, confirm_callback
from conversations.schemas import Outlook, Reply

NOW = datetime(2026, 7, 1, 14, 0, tzinfo=UTC)
LATER = datetime(2026, 7, 2, 2, 30, tzinfo=UTC)
REPLIES = [
    wording.RETURNED,
    *wording.RATED.values(),
    Reply(text=wording.NOT_UNDERSTOOD),
    wording.receive_in_hours(Outlook(ahead=999, taken_lately=1)),
    wording.receive_out_of_hours(NOW, LATER, NOW),
    wording.reassure(Outlook(ahead=999, taken_lately=1)),
    wording.reassure_out_of_hours(LATER, NOW),
    wording.ask_phone(None),
    wording.ask_phone("13800001234"),
    wording.ask_phone_again(),
    wording.HERE,
    wording.keep_promise("13800001234", LATER, NOW),
    wording.keep_promise(None, None, NOW),
    confirm_callback("13800001234", LATER, NOW),
]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "不等了",
            "我不等了",
            "不想等了",
            "不用等了",
            "先不转了",
            "不转人工了",
            "不要人工了",
            "不用了",
            "不用了谢谢",
            "算了吧",
        ),
        *(
            "取消",
            "取消排队",
            "取消转接",
            "取消人工",
            "退出",
            "回到小禾",
            "返回小禾",
            "我要找小禾",
            "转回小禾吧",
            " 算了。",
        ),
    ],
)
def test_who_no_longer_wants_to_wait_is_understood(text: str) -> None:
    assert wording.wants_return(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "等了好久了",
        "不等了怎么行",
        "我算了一下利息",
        "取消贷款",
        "取消自动还款",
        "退出登录怎么弄",
        "小禾",
        "不用了这张卡能销吗",
    ],
)
def test_anything_else_does_not_end_the_wait(text: str) -> None:
    assert not wording.wants_return(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "预约回电",
            "回电",
            "回电话",
            "给我打电话",
            "给我打个电话吧",
            "你们打我电话吧",
            "请给我回个电话",
            "打电话给我",
        ),
        *("留个电话", "我留个手机号吧", "留电话", "可以留个号码吗"),
        *("让他们给我回电话", "叫他打我手机", "能不能给我回个电话？", "麻烦回个电话给我，谢谢"),
    ],
)
def test_who_wants_to_be_called_is_understood(text: str) -> None:
    assert wording.wants_callback(text)


@pytest.mark.parametrize(
    "text", ["", "电话多少", "有人给我打电话让我还款", "你们电话打不通", "不要给我打电话", "换电话"]
)
def test_anything_else_is_no_wish_to_be_called(text: str) -> None:
    assert not wording.wants_callback(text)


@pytest.mark.parametrize(
    "text",
    ["13800001234", " 138 0000 1234。", "+86 138-0000-1234", "我的电话是13800001234", "13800001234，手机号"],
)
def test_a_text_that_only_gives_a_number_is_told(text: str) -> None:
    assert wording.is_just_a_phone(text)


@pytest.mark.parametrize("text", ["有人用13800001234给我打电话骗我", "我贷款留的手机号13800001234换了怎么办"])
def test_a_text_that_says_more_is_told_from_it(text: str) -> None:
    assert not wording.is_just_a_phone(text)


@pytest.mark.parametrize("text", ["就打这个", "打这个号码", "就这个号", "可以", "可以的", "好的", "行吧", "对。", "嗯"])
def test_a_number_is_agreed_to(text: str) -> None:
    assert wording.accepts_phone(text)


@pytest.mark.parametrize("text", ["", "不对", "不可以", "可以打别的号码吗", "不是这个", "好久了"])
def test_a_number_is_not_agreed_to(text: str) -> None:
    assert not wording.accepts_phone(text)


@pytest.mark.parametrize(
    ("ahead", "taken_lately", "words"),
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
def test_the_wait_is_reckoned_from_the_last_half_hour(ahead: int, taken_lately: int, words: str) -> None:
    assert wording.describe_wait(Outlook(ahead=ahead, taken_lately=taken_lately)) == words


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply.text[:8])
def test_it_fits_a_phone_screen_and_tells_no_whole_number(reply: Reply) -> None:
    assert len(reply.text) <= 80
    assert "13800001234" not in reply.text


def test_where_a_number_is_the_answer_no_button_is_numbered() -> None:
    asking = (wording.ask_phone(None), wording.ask_phone("13800001234"), wording.ask_phone_again())
    assert all(reply.awaits_number for reply in asking)
    assert not any(reply.awaits_number for reply in REPLIES if reply not in asking)


def test_the_receptions_own_payloads_are_known_to_it() -> None:
    shown = {button.payload for reply in REPLIES for button in reply.buttons}
    assert shown > PAYLOADS
    assert shown - PAYLOADS == {"/check_quota", "/apply_for_loan", "/request_human"}
