"""Opens what belongs to a colleague's customer, at every address, as everybody whose customer it is not."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from string import ascii_lowercase

import httpx

from attack.house import House
from attack.row import Row
from attack.sockets import read_body
from bench.talks import Customer, add_agent, take
from conversations.tables import Conversation
from desk.entrance import COOKIE
from desk.pages.frame import PAGES
from kit.clock import read_clock
from privacy.rights.requests import add_request

COPY = "/data-requests/1/copy"


async def open_others_work(dice: Random, seconds: float, house: House) -> list[Row]:
    """A row: a customer's own word, shown to somebody else, is a failure."""
    # Of letters only: numbers are masked on the page.
    word = "said" + "".join(dice.choices(ascii_lowercase, k=20))
    async with Customer(house.url("gateway")) as customer:
        agent = await add_agent(house.desk)
        await house.desk.accounts.mark_seen(agent.id)  # the talk of somebody absent goes back to the queue
        talk = await take(house.desk, customer, agent)
        await ask_for_copy(house, talk.handoff.conversation_id)
        await customer.say(f"我住在{word}")
        pages = [f"/talks/{talk.handoff.id}", *(path for path, *_ in PAGES), "/notifications", "/export/handoffs.csv"]
        async with httpx.AsyncClient(base_url=house.url("desk"), timeout=30, trust_env=False) as client:
            return [await look(dice, seconds, client, house.tokens, pages, word)]


async def ask_for_copy(house: House, conversation_id: str) -> None:
    """The customer asks for a copy of their data, and a supervisor has made sure who they are."""
    supervisor, requests, now = house.staff["supervisor"], house.desk.data_requests, read_clock()
    async with house.desk.database.transaction() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        request = await add_request(
            session, conversation, "access", "复制一份", key=conversation_id, now=now, due_at=now + timedelta(days=15)
        )
    await requests.record_identity(supervisor, request, "papers")


async def look(
    dice: Random, seconds: float, client: httpx.AsyncClient, tokens: Mapping[str, str], pages: Sequence[str], word: str
) -> Row:
    """Everybody but supervisors opens each page, and whoever may not give out copies asks for one."""
    cases = [(visitor, "GET", page) for visitor in tokens for page in pages if visitor != "supervisor"]
    cases += [(visitor, "POST", COPY) for visitor in tokens if visitor not in ("supervisor", "admin")]
    dice.shuffle(cases)
    row = Row("routes: a colleague's customer", len(cases) + 2, seconds)
    # What nobody is shown would prove nothing.
    for case in (("supervisor", "GET", pages[0]), ("supervisor", "POST", COPY), *cases):
        if not row.next_try():
            break
        visitor, method, path = case
        url = str(client.base_url).rstrip("/")
        answer = await client.request(method, path, headers={"Cookie": f"{COOKIE}={tokens[visitor]}", "Origin": url})
        shown = answer.text + await read_body(url, tokens[visitor], answer.text)
        row.check((word in shown) is (visitor == "supervisor"), case, f"status {answer.status_code}")
    return row
