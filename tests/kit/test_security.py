"""Personal data that must not be seen, and secrets that are compared."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit.security import hash_token, is_same_secret, make_token, mask_personal_data, read_bearer


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我的电话13812345678，晚上打", "我的电话138****5678，晚上打"),
        ("13812345678和13987654321", "138****5678和139****4321"),
        ("138 1234 5678", "138****5678"),
        ("138-1234-5678", "138****5678"),
        ("138 12345678", "138****5678"),
        ("+8613812345678", "+861****5678"),
        ("+86 138-1234-5678", "+86 138****5678"),
        ("+86138 1234 5678", "+86138****5678"),
        ("013812345678", "013****5678"),
        ("家里08161234567", "家里081****4567"),
        ("身份证110105194912310021", "身份证110****0021"),
        ("11010519491231002X", "110****002X"),
        ("11010519491231002x办贷款", "110****002x办贷款"),
        ("110105 19491231 002X", "110****002X"),
        ("110105-19491231-0021", "110****0021"),
        ("卡号6222020000000000123", "卡号622****0123"),
        ("6222020000000000", "622****0000"),
        ("6222 0200 0000 0000 123", "622**** 123"),
        ("6222-0200-0000-0000", "622****0000"),
        ("Authorization: Bearer abc.DEF-123_~+/=", "Authorization: Bearer ***"),
        ("GET /?access_token=abc123&x=1", "GET /?access_token=***&x=1"),
    ],
)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask_personal_data(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "贷款300000元，分36个月",
        "3000000",
        "最高1,000,000,000元",
        "客服400-000-0000",
        "30000-300000元之间",
        "2026-07-01 09:00:00,123 WARNING kit.http scoring: status 500",
        "QH260701-7K3MA",
        "0816123456",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert mask_personal_data(text) == text


PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
BROKEN_UP_PHONES = st.from_regex(r"1[3-9][0-9][ -][0-9]{4}[ -][0-9]{4}", fullmatch=True)
IDS = st.from_regex(r"[1-9][0-9]{16}[0-9Xx]", fullmatch=True)
SURROUNDINGS = st.text(st.sampled_from("0123456789 -+Xx年电话：,\n") | st.characters(codec="utf-8"), max_size=30)


@example([("", "130-0000-0130"), ("0", "130-0000-0000")], "")
@given(st.lists(st.tuples(SURROUNDINGS, PHONES | BROKEN_UP_PHONES | IDS), max_size=4), SURROUNDINGS)
def test_no_phone_and_no_id_survives_in_any_text(parts: list[tuple[str, str]], end: str) -> None:
    text = "".join(before + number for before, number in parts) + end
    masked = mask_personal_data(text)
    assert not re.search(r"\d{11}", masked)
    assert not re.search(r"\d{17}[Xx]", masked)
    assert not re.search(r"(?<!\d)1[3-9]\d[ -]\d{4}[ -]\d{4}(?!\d)", masked)


@given(st.text())
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask_personal_data(mask_personal_data(text)) == mask_personal_data(text)


@pytest.mark.parametrize(
    ("given_secret", "expected", "is_same"),
    [
        ("secret", "secret", True),
        ("密码", "密码", True),
        ("secret", "Secret", False),
        ("secret ", "secret", False),
        ("", "secret", False),
        ("", "", False),
        ("secret", "", False),
    ],
)
def test_secrets_are_compared_and_an_empty_one_matches_nothing(given_secret: str, expected: str, is_same: bool) -> None:
    assert is_same_secret(given_secret, expected) is is_same


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer abc", "abc"),
        ("Bearer  abc ", "abc"),
        ("Basic abc", ""),
        ("Bearer", ""),
        ("abc", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_bearer_token_is_read(header: str | None, token: str) -> None:
    assert read_bearer(header) == token


def test_tokens_are_new_each_time_and_fit_their_column() -> None:
    tokens = {make_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", token) for token in tokens)


def test_a_stored_hash_does_not_hold_the_token() -> None:
    token = make_token()
    assert hash_token(token) == hash_token(token) != hash_token(make_token())
    assert re.fullmatch(r"[0-9a-f]{64}", hash_token(token))
