"""What is read out of the words of customers waiting for an agent."""

import pytest

from connectors import waiting_reading as reading


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
    assert reading.wants_return(text)


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
    assert not reading.wants_return(text)


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
    assert reading.wants_callback(text)


@pytest.mark.parametrize(
    "text", ["", "电话多少", "有人给我打电话让我还款", "你们电话打不通", "不要给我打电话", "换电话"]
)
def test_anything_else_is_no_wish_to_be_called(text: str) -> None:
    assert not reading.wants_callback(text)


@pytest.mark.parametrize(
    "text",
    ["13800001234", " 138 0000 1234。", "+86 138-0000-1234", "我的电话是13800001234", "13800001234，手机号"],
)
def test_a_text_that_only_gives_a_number_is_told(text: str) -> None:
    assert reading.is_just_a_phone(text)


@pytest.mark.parametrize("text", ["有人用13800001234给我打电话骗我", "我贷款留的手机号13800001234换了怎么办"])
def test_a_text_that_says_more_is_told_from_it(text: str) -> None:
    assert not reading.is_just_a_phone(text)


@pytest.mark.parametrize("text", ["就打这个", "打这个号码", "就这个号", "可以", "可以的", "好的", "行吧", "对。", "嗯"])
def test_a_number_is_agreed_to(text: str) -> None:
    assert reading.accepts_phone(text)


@pytest.mark.parametrize("text", ["", "不对", "不可以", "可以打别的号码吗", "不是这个", "好久了"])
def test_a_number_is_not_agreed_to(text: str) -> None:
    assert not reading.accepts_phone(text)
