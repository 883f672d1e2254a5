"""Who sees which customers' undelivered messages."""

from sqlalchemy import update

from conversations.outbox import Outbox
from conversations.tables import Customer, Message
from conversations.undelivered import Undelivered
from tests.conversations.talk import talk
from tests.desk.office import Office


async def test_staff_see_those_of_their_own_customers(office: Office) -> None:
    """Whom they manage, serve or served last; both what did not arrive and what was not answered."""
    bo, an = await office.hire("bo", is_online=False), await office.hire("an")
    zhang = await office.hire("zhang", "account_manager")
    outbox, undelivered = Outbox(office.database, office.clock), Undelivered(office.database, office.clock)
    served = await office.ask("served", channel="telegram")
    await office.handoffs.move(served.id, "take", staff_id=an.id, agent_id=an.id)
    await office.handoffs.move(served.id, "close", staff_id=an.id, agent_id=an.id)
    managed, stranger = [await office.conversations.open_conversation("telegram", who) for who in ("managed", "other")]
    async with office.database.transaction() as session:
        is_managed = Customer.channel_user_id == "managed"
        await session.execute(update(Customer).where(is_managed).values(manager_id=zhang.id))
    for conversation_id in (served.conversation_id, managed.id, stranger.id):
        await talk(office.inbox, conversation_id, "一", "答一")
    async with office.database.transaction() as session:
        await session.execute(update(Message).where(Message.author == "customer").values(is_given_up=True))
    for due in await outbox.claim(["telegram"], 10):
        await outbox.fail(due, "发不出")
    for staff_id, seen in (
        (an.id, {served.conversation_id}),
        (zhang.id, {managed.id}),
        (bo.id, set()),
        (None, {served.conversation_id, managed.id, stranger.id}),
    ):
        for state in ("failed", "unanswered"):
            found = await undelivered.list_all(of=staff_id)
            assert {each.conversation_id for each in found if each.state == state} == seen
