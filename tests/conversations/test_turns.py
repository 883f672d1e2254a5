"""Turns are read as they were recorded, on both kinds of database."""

from datetime import timedelta

from conversations.inbox import Inbox
from conversations.schemas import HandoffRequest, Reply
from conversations.service import Conversations
from conversations.turns import Turns
from kit.database import Database
from tests.conversations.talk import ASK_TRADE, OWNER, hear, talk
from tests.fakes import FixedClock

CHOICE = {"act": "answer", "row": "asks what an entry answers", "entry_id": "card-lost", "score": 0.71}


async def test_a_turn_with_what_was_chosen_and_its_replies(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock
) -> None:
    await talk(inbox, conversation, "卡丢了", "请马上挂失。", ASK_TRADE, choice=CHOICE)
    turns = Turns(database)
    ((turn,),) = await turns.list_since(clock.now)
    assert (turn.conversation_id, turn.at, turn.kind, turn.text) == (conversation, clock.now, "text", "卡丢了")
    assert (turn.choice, turn.is_understood, turn.is_pressed, turn.handoff) == (CHOICE, True, False, None)
    replies = (await turns.read_replies([turn.id]))[turn.id]
    assert [reply.text for reply in replies] == ["请马上挂失。", "您主要是做什么的？"]
    assert [button.title for button in replies[1].buttons] == ["种地养殖", "开店摆摊"]


async def test_a_turn_of_which_less_is_known(database: Database, inbox: Inbox, conversation: str) -> None:
    (button, _) = (await talk(inbox, conversation, "我想贷款", ASK_TRADE)).replies[0].buttons
    await hear(inbox, conversation, "", button_token=button.token)  # not answered yet
    turns = Turns(database)
    ((first, second),) = await turns.list_since(first_moment := FixedClock().now)
    assert first.at == first_moment
    assert (first.choice, first.is_pressed) == (None, False)
    assert (second.text, second.choice, second.is_pressed, second.handoff) == ("种地养殖", None, True, None)
    assert (await turns.read_replies([second.id])) == {second.id: []}
    assert await turns.read_replies([]) == {}


async def test_the_handoff_that_a_turn_led_to(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock
) -> None:
    await talk(inbox, conversation, "嗯那个", "没看明白", is_understood=False)
    clock.move(seconds=1)
    request = HandoffRequest(reason="not_understood")
    await talk(inbox, conversation, "就那个", "给您转人工", is_understood=False, handoff=request)
    clock.move(seconds=1)
    await talk(inbox, conversation, "在吗", "请稍等")
    (turns,) = await Turns(database).list_since(clock.now - timedelta(days=1))
    assert [(turn.text, turn.is_understood, turn.handoff) for turn in turns] == [
        ("嗯那个", False, None),
        ("就那个", False, "not_understood"),
        ("在吗", True, None),
    ]


async def test_each_conversation_by_itself_since_a_moment(
    database: Database, record: Conversations, inbox: Inbox, conversation: str, clock: FixedClock
) -> None:
    stranger = (await record.open_conversation("web", "li")).id
    await talk(inbox, conversation, "一", "答")
    clock.move(minutes=1)
    for someone, text in ((stranger, "二"), (conversation, "三"), (stranger, "四")):
        await talk(inbox, someone, text, "答")
    turns = Turns(database)
    found = {own[0].conversation_id: [turn.text for turn in own] for own in await turns.list_since(clock.now)}
    assert found == {conversation: ["三"], stranger: ["二", "四"]}
    assert sum(map(len, await turns.list_since(clock.now - timedelta(hours=1)))) == 4
    assert await turns.list_since(clock.now + timedelta(seconds=1)) == []


async def test_turns_and_answers_of_some_time(
    database: Database, record: Conversations, inbox: Inbox, conversation: str, clock: FixedClock
) -> None:
    begin = clock.now
    said = [Reply(text="请马上挂失。", entry="card-lost@2"), Reply(text="年利率4%。", entry="loan-rates@13")]
    first = await talk(inbox, conversation, "卡丢了，利息多少", *said, choice=CHOICE)
    await record.give_thumb(conversation, first.replies[1].id, "down")
    clock.move(minutes=1)
    await talk(inbox, conversation, "你好", "您好。")
    stranger = (await record.open_conversation("web", "li")).id
    await talk(inbox, stranger, "卡丢了", said[0])
    turns, minute = Turns(database), timedelta(minutes=1)
    assert await turns.find_first() == begin
    assert await turns.list_writers(begin, clock.now) == [conversation]
    assert set(await turns.list_writers(begin, clock.now + minute)) == {conversation, stranger}
    ((only,),) = await turns.list_between([conversation], begin, clock.now)
    assert only.text == "卡丢了，利息多少"
    answers = (await turns.list_answers([conversation], begin))[only.id]
    assert [(each.entry_id, each.thumb) for each in answers] == [("card-lost", None), ("loan-rates", "down")]
    assert await turns.list_answers([conversation], clock.now) == {}
    assert await turns.list_thumbed(begin) == [(begin, begin)]
    assert await turns.list_thumbed(clock.now) == []


async def test_an_empty_record_has_no_first_turn(database: Database) -> None:
    assert await Turns(database).find_first() is None


async def test_a_message_that_nobody_could_answer_has_no_choice(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock
) -> None:
    await inbox.close_unanswered(await hear(inbox, conversation, "在吗"), OWNER)
    ((turn,),) = await Turns(database).list_since(clock.now)
    assert (turn.choice, turn.is_understood) == (None, False)
