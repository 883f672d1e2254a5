"""Which entry's answer follows which; on both kinds of database."""

from datetime import timedelta

from conversations.answered import count_asked_next, list_answered
from conversations.inbox import Inbox
from conversations.schemas import Reply, ReplyButton
from kit.database import Database
from tests.conversations.talk import answer, hear, talk
from tests.fakes import FixedClock

CARD = Reply(
    text="请马上挂失。", entry="card-lost@3", buttons=[ReplyButton(title="怎么补卡？", payload="/ask_question")]
)
NEW_CARD = Reply(text="带身份证到网点。", entry="card-new@1")
HOURS = Reply(text="8:30开门。", entry="hours@2")


async def count(database: Database, clock: FixedClock) -> dict[tuple[str, str], int]:
    async with database.reading() as session:
        return dict(count_asked_next(await list_answered(session, clock.now - timedelta(days=1))))


async def test_what_is_asked_right_after_an_answer_counts_once_a_conversation(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock
) -> None:
    for round_number in range(2):
        await talk(inbox, conversation, f"卡丢了{round_number}", CARD)
        clock.move(minutes=2)
        await talk(inbox, conversation, f"怎么补{round_number}", NEW_CARD)
        clock.move(hours=1)
    assert await count(database, clock) == {("card-lost", "card-new"): 1}


async def test_what_is_asked_later_or_in_the_same_breath_or_by_a_button_does_not(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock
) -> None:
    await talk(inbox, conversation, "几点开门，卡丢了咋办", HOURS, CARD)
    clock.move(minutes=11)
    shown = (await talk(inbox, conversation, "卡丢了", CARD)).replies[0]
    pressed = await hear(inbox, conversation, "", message_id="pressed-1", button_token=shown.buttons[0].token)
    await answer(inbox, pressed, NEW_CARD)
    assert await count(database, clock) == {}


async def test_what_is_too_old_is_not_counted(
    database: Database, inbox: Inbox, conversation: str, clock: FixedClock
) -> None:
    await talk(inbox, conversation, "卡丢了", CARD)
    await talk(inbox, conversation, "几点开门", HOURS)
    assert await count(database, clock) == {("card-lost", "hours"): 1}
    clock.move(days=2)
    assert await count(database, clock) == {}
