"""Puts hostile words into every field of a talk that reaches a page or an export."""

import uuid
from contextlib import suppress

from attack.house import PASSWORD, House
from bench.talks import Customer
from conversations.handoff.schemas import HandoffView
from kit.errors import RequestError
from kit.security import hash_token

FORM = ("我想贷款", "同意", "开店摆摊", "6万", "1年")


async def plant(house: House, words: str, *, closes: bool) -> tuple[str, HandoffView]:
    """A customer says the words, in a form and to an agent, who says them too and writes them into every field.

    Gives the customer's token and the handoff; a closed one has them in its summary.
    """
    desk = house.desk
    agent = await desk.accounts.get_staff(house.staff["agent"].id)
    await desk.accounts.mark_seen(agent.id)  # or the dispatcher takes the talk away again
    supervisor = house.staff["supervisor"]
    async with Customer(house.url("gateway")) as customer:
        for line in (*FORM, words, words, f"我叫{words}", f"我是{words}村的", words, "转人工", words):
            await customer.say(line[:400])
        conversation = await desk.conversations.find_conversation("web", hash_token(customer.token))
        handoff = conversation and await desk.handoffs.find_live(conversation.id)
        if not handoff:
            raise RuntimeError("nobody was asked for")
        handoff = await desk.talks.take(agent, handoff.id)
        await desk.talks.say(agent, handoff.id, words, uuid.uuid4().hex)
        await desk.talks.add_note(agent, handoff.id, words)
        await customer.say(words)
        login = f"planted.{uuid.uuid4().hex[:12]}"
        with suppress(RequestError):  # nothing but signs that are not seen is no name
            await desk.accounts.add_staff(
                login, words[:32], "account_manager", PASSWORD, branch=words[:32], villages=[words[:32]]
            )
        await desk.canned.save(supervisor, words[:60], words)
        if closes:
            handoff = await desk.talks.close(agent, handoff.id, "solved", words)
        with suppress(RequestError):
            await desk.accounts.sign_in(words[:30], words)
        return customer.token, handoff
