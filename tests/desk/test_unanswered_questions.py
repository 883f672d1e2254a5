"""What editors do about questions asked in vain, with what agents answered to them."""

import pytest

from desk.unanswered_questions import UnansweredQuestions
from kit.errors import RequestError
from tests.conversations.talk import talk
from tests.desk.office import Office
from tests.unanswered.test_collector import HashedVectors
from unanswered.collector import Collector
from unanswered.schemas import State

NOTHING = {"act": "not_understood"}


@pytest.fixture
def unanswered(office: Office) -> UnansweredQuestions:
    return UnansweredQuestions(office.database, office.clock)


async def test_an_agent_has_answered_it(office: Office, unanswered: UnansweredQuestions) -> None:
    editor, approver, agent = [await office.hire(role, role) for role in ("editor", "approver", "agent")]
    conversation = await office.conversations.open_conversation("web", "wang")
    await talk(office.inbox, conversation.id, "收不收古董字画", "没看明白。", choice=NOTHING, is_understood=False)
    handoff = await office.ask()
    await office.talks.take(agent, handoff.id)
    for number, text in enumerate(("您好", "古董不能作抵押，房产可以；您打13800138000找我。")):
        await office.talks.say(agent, handoff.id, text, f"key-{number}")
    await Collector(office.database, HashedVectors(), office.clock).look()

    ((cluster,), total) = await unanswered.list_all(editor, "open", "count", 10)
    assert (total, cluster.handed_over) == (1, 1)
    assert await unanswered.list_agent_answers(editor, cluster) == ["古董不能作抵押，房产可以；您打138****8000找我。"]

    for work in (
        unanswered.list_all(agent, "open", "count", 10),
        unanswered.dismiss(approver, cluster),
        unanswered.list_agent_answers(approver, cluster),
    ):
        with pytest.raises(RequestError) as refusal:
            await work
        assert refusal.value.status == 403

    await unanswered.note_draft(editor, cluster, "antiques")
    with pytest.raises(RequestError) as late:
        await unanswered.dismiss(editor, cluster)
    assert late.value.status == 409
    states: tuple[State, ...] = ("open", "drafted", "dismissed")
    counts = [(await unanswered.list_all(editor, state, "count", 10))[1] for state in states]
    assert counts == [0, 1, 0]
