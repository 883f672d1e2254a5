"""What staff say: to the customer, to each other, and what is written down about their looking."""

import pytest

from desk.audit import AuditLog
from desk.talks import WORDS_MAX
from kit.errors import RequestError
from tests.conversations.talk import sqlite_only
from tests.desk.office import Office


async def test_words_are_said_once_for_each_key(office: Office) -> None:
    an, handoff = await office.hire("an"), await office.ask()
    await office.talks.take(an, handoff.id)
    for key, words in (("key-1", "  您好，想办什么？\n"), ("key-1", "您好，想办什么？"), ("key-2", "您好，想办什么？")):
        said = await office.talks.say(an, handoff.id, words, key)
        assert (said.author, said.text, said.staff_id) == ("agent", "您好，想办什么？", an.id)
    assert (await office.read_words(handoff))[1:] == ["您好，想办什么？"] * 2
    assert (await office.handoffs.get(handoff.id)).answered_at == office.clock.now


@sqlite_only
@pytest.mark.parametrize(("words", "code"), [("", "no_words"), (" \n\t", "no_words"), ("好" * 2001, "too_long")])
async def test_nothing_and_too_much_are_not_said(office: Office, words: str, code: str) -> None:
    an, handoff = await office.hire("an"), await office.ask()
    await office.talks.take(an, handoff.id)
    with pytest.raises(RequestError, match=f"422 {code}"):
        await office.talks.say(an, handoff.id, words, "key-1")
    assert len(await office.read_said(handoff)) == 1
    await office.talks.say(an, handoff.id, "好" * WORDS_MAX, "key-1")


@sqlite_only
async def test_half_an_emoji_and_control_characters_are_left_out(office: Office) -> None:
    an, handoff = await office.hire("an"), await office.ask()
    await office.talks.take(an, handoff.id)
    assert (await office.talks.say(an, handoff.id, "好的\ud83d\x00", "key-1")).text == "好的"
    with pytest.raises(RequestError, match="422 no_words"):
        await office.talks.say(an, handoff.id, "\ud83d", "key-2")
    await office.talks.add_note(an, handoff.id, "老客户\udc4d")
    assert [note.text for note in await office.handoffs.list_notes(handoff.conversation_id)] == ["老客户"]
    closed = await office.talks.close(an, handoff.id, "solved", "办好了\ud83d")
    assert closed.summary == "办好了"


async def test_only_a_supervisor_joins_the_talk_of_another(office: Office) -> None:
    an, bo, chen = await office.hire("an"), await office.hire("bo"), await office.hire("chen", "supervisor")
    handoff = await office.ask()
    for anybody in (an, chen):
        with pytest.raises(RequestError, match="409"):
            await office.talks.say(anybody, handoff.id, "您好", "early")
    await office.talks.take(an, handoff.id)
    with pytest.raises(RequestError, match="这句话没有发出"):
        await office.talks.say(bo, handoff.id, "我来说", "key-1")
    joined = await office.talks.say(chen, handoff.id, "我补充一句", "key-2")
    assert (joined.author, joined.staff_id) == ("agent", chen.id)
    assert (await office.handoffs.get(handoff.id)).agent_id == an.id
    assert (await office.read_words(handoff))[1:] == ["我补充一句"]


async def test_notes_are_for_colleagues(office: Office) -> None:
    an, bo, handoff = await office.hire("an"), await office.hire("bo", "account_manager"), await office.ask()
    for staff, words in ((an, " 老客户，急用钱 "), (bo, "下午去他家")):
        await office.talks.add_note(staff, handoff.id, words)
    with pytest.raises(RequestError, match="422 no_words"):
        await office.talks.add_note(an, handoff.id, "  ")
    notes = await office.handoffs.list_notes(handoff.conversation_id)
    assert [(note.staff_id, note.text) for note in notes] == [(an.id, "老客户，急用钱"), (bo.id, "下午去他家")]
    assert await office.read_said(handoff) == []


async def test_who_looks_at_full_numbers_has_left_a_trace_before(office: Office) -> None:
    an, handoff = await office.hire("an"), await office.ask()
    await office.talks.take(an, handoff.id)
    await office.talks.record_unmasking(an, handoff.id)
    (trace,) = await AuditLog(office.database).list_records(10, staff_id=an.id)
    assert (trace.action, trace.subject, trace.at) == ("unmasked", handoff.id, office.clock.now)


@sqlite_only
async def test_what_cannot_be_written_down_is_not_shown(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    an, handoff = await office.hire("an"), await office.ask()
    await office.talks.take(an, handoff.id)

    async def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("desk.talks.record", fail)
    with pytest.raises(OSError, match="disk full"):  # the page shows the numbers only after this has returned
        await office.talks.record_unmasking(an, handoff.id)
