"""Ours and not ours: where requests come from, and where visitors are sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from desk.origin import is_same_origin, read_next


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"origin": "https://desk.bank.example"}, True),
        ({"origin": "http://DESK.bank.example"}, True),
        ({"referer": "https://desk.bank.example/sign-in?next=/"}, True),
        ({}, False),
        ({"origin": "null"}, False),
        ({"origin": "null", "referer": "https://desk.bank.example/"}, False),
        ({"origin": "https://evil.example", "referer": "https://desk.bank.example/"}, False),
        ({"origin": "https://desk.bank.example.evil.example"}, False),
        ({"origin": "https://desk.bank.example:8443"}, False),
        ({"origin": "https://desk.bank.example@evil.example"}, False),
        ({"origin": "https://["}, False),
        ({"origin": "file://desk.bank.example"}, False),
        ({"referer": "https://evil.example/https://desk.bank.example/"}, False),
        ({"host": "", "origin": "https://"}, False),
    ],
)
def test_which_pages_are_ours(headers: dict[str, str], is_ours: bool) -> None:
    assert is_same_origin(Headers({"host": "desk.bank.example"} | headers)) is is_ours


@pytest.mark.parametrize("path", ["/", "/talks/7", "/customers?village=%E6%9F%B3%E6%B2%B3%E9%95%87", "/a//b"])
def test_a_path_of_ours_is_kept(path: str) -> None:
    assert read_next(path) == path


@pytest.mark.parametrize(
    "path",
    ["", "talks", "//evil", "///evil", "/\\evil", "\\\\evil", "/\t/evil", "/\n/evil", " //evil", "https://evil",
     "javascript:alert(1)", "/a\r\nSet-Cookie: b=c"],
)  # fmt: skip
def test_elsewhere_becomes_the_front_page(path: str) -> None:
    assert read_next(path) == "/"


@given(st.text("/\\.:e \t\n@%?#", max_size=8))
def test_no_path_leads_away(path: str) -> None:
    # As browsers read an address: white space is dropped, a backslash is a slash.
    plain = "".join(read_next(path).split()).replace("\\", "/")
    assert plain.startswith("/")
    assert not plain.startswith("//")
