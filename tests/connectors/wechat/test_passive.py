"""The XML of an answer at once."""

from datetime import UTC, datetime

import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from connectors.wechat.passive import write_passive_reply

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


@given(st.text(max_size=300))
def test_an_answer_at_once_says_what_it_should_whatever_that_is(text: str) -> None:
    xml = write_passive_reply("farmer", "gh_1", f"好]]>{text}]]]]>>", NOW)
    fields = xmltodict.parse(xml, strip_whitespace=False)["xml"]
    legal = "".join(
        c for c in text if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )
    newlines = legal.replace("\r\n", "\n").replace("\r", "\n")  # as XML reads them
    assert fields["Content"] == f"好]]>{newlines}]]]]>>"
    assert (fields["ToUserName"], fields["FromUserName"], fields["MsgType"]) == ("farmer", "gh_1", "text")
    assert fields["CreateTime"] == str(int(NOW.timestamp()))
