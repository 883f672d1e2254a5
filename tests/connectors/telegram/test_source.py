"""Links that say where a customer came from."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.telegram.source import read_source


@given(st.sampled_from(["village", "manager"]), st.text("李家村王庄镇东西南北0123·-", min_size=1, max_size=13))
def test_a_chinese_name_survives_the_link(kind: str, name: str) -> None:
    encoded = base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")
    assert read_source(f"{kind}64_{encoded}") == (None if name[0] in "·-" else f"{kind}:{name}")


@given(st.from_regex(r"[a-zA-Z0-9_][a-zA-Z0-9_-]{0,53}", fullmatch=True))
def test_a_plain_name_is_kept(name: str) -> None:
    assert read_source(f"manager_{name}") == f"manager:{name}"


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "village",
        "village_",
        "village_-x",
        "town_x",
        "village_" + "x" * 55,
        "village_李家村",
        "village64_5",
        "village64_AAA",
    ],
)
def test_another_payload_is_no_source(payload: str) -> None:
    assert read_source(payload) is None


@given(st.text(st.characters(codec="ascii")))
def test_any_payload_is_read_or_not(name: str) -> None:
    source = read_source(f"village64_{name}")
    assert source is None or len(source) <= 64
