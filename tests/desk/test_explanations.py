"""Why the bot answered as it did: as it was chosen then, masked; on both kinds of database."""

from datetime import datetime
from typing import Any

import httpx
import pytest

from conversations.inbox import Inbox
from conversations.schemas import Reply
from conversations.service import Conversations
from desk.entry_drafts import EntryDrafts
from desk.explanations import Explanations
from desk.schemas import StaffView
from kit.database import Database
from kit.errors import RequestError
from kit.http import ServiceClient
from knowledge.client import KnowledgeClient
from knowledge.hits import Hits, HitTestIn, HitTestView
from tests.conversations.talk import talk
from tests.desk.office import Office
from tests.fakes import FixedClock
from tests.knowledge.entries import CARD, make_entry, store

ANSWERED = {"act": "answer", "entry_id": "card-lost", "revision": 1, "score": 0.91}
ANSWER = Reply(text="请马上挂失。", entry="card-lost@1")
OFFERED = {"act": "suggest", "entry_id": "card-lost", "revision": 2, "score": 0.31}
NOTHING = Hits(outcome="none", hits=[])


class RecordingKnowledge:
    """The knowledge service's hit tests, which find nothing; remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, datetime | None]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        test = HitTestIn.model_validate_json(request.content)
        self.asked.append((test.question, test.at))
        return httpx.Response(200, json=HitTestView(published=NOTHING, past=NOTHING).model_dump())


@pytest.fixture
def knowledge() -> RecordingKnowledge:
    return RecordingKnowledge()


@pytest.fixture
def explanations(database: Database, clock: FixedClock, knowledge: RecordingKnowledge) -> Explanations:
    http = ServiceClient("knowledge", "http://knowledge", deadline=5, tries=1, transport=httpx.MockTransport(knowledge))
    return Explanations(database, EntryDrafts(database, KnowledgeClient(http), clock))


@pytest.fixture
async def conversation(database: Database, clock: FixedClock) -> str:
    """A customer has asked twice, with an entry that was changed between."""
    inbox = Inbox(database, clock)
    opened = (await Conversations(database, clock).open_conversation("web", "wang")).id
    await store(database, make_entry(*CARD))
    await talk(inbox, opened, "我叫王秀英，卡丢了怎么办", ANSWER, choice=ANSWERED)
    clock.move(hours=1)
    await store(database, make_entry("card-lost", "卡丢了怎么办", answer="拨打热线。"))
    await say_nothing_sure(inbox, opened)
    return opened


async def say_nothing_sure(inbox: Inbox, conversation: str, **more: Any) -> None:
    await talk(inbox, conversation, "13800001234这个号还能用吗", "您想问的是哪一个？", choice=OFFERED, **more)


async def test_it_tells_what_was_chosen_with_the_revision_then_in_force(
    explanations: Explanations, conversation: str, editor: StaffView
) -> None:
    first, second = await explanations.explain(editor, conversation)
    assert (first.done, first.nearest, first.score) == ("直接回答", f"知识《{CARD[1]}》第1版", 0.91)
    assert [(said.text, said.source) for said in first.replies] == [("请马上挂失。", f"知识《{CARD[1]}》第1版")]
    assert (second.done, second.nearest) == ("请客户选", "知识《卡丢了怎么办》第2版")


async def test_personal_data_are_hidden(explanations: Explanations, conversation: str, editor: StaffView) -> None:
    first, second = await explanations.explain(editor, conversation)
    assert "王秀英" not in first.text
    assert "13800001234" not in second.text


async def test_one_turn_is_asked_again_with_what_was_in_force(
    explanations: Explanations, conversation: str, editor: StaffView, knowledge: RecordingKnowledge
) -> None:
    first, _ = await explanations.explain(editor, conversation)
    (same,) = await explanations.explain(editor, conversation, first.turn_id)
    assert same == first
    assert await explanations.ask_again(editor, first) == NOTHING
    ((question, at),) = knowledge.asked
    assert "卡丢了怎么办" in question
    assert "王秀英" not in question
    assert at == first.at


async def test_others_may_not_and_what_was_erased_is_gone(
    explanations: Explanations, conversation: str, office: Office, editor: StaffView
) -> None:
    with pytest.raises(RequestError) as error:
        await explanations.explain(await office.hire("chen", "agent"), conversation)
    assert error.value.status == 403
    for gone in (("no-such-conversation", None), (conversation, 999_999)):
        with pytest.raises(RequestError) as error:
            await explanations.explain(editor, *gone)
        assert error.value.status == 404
