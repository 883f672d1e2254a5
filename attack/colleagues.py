"""Opens what belongs to a colleague's customer, at every address, as everybody whose customer it is not."""

import uuid
from collections.abc import Mapping, Sequence
from random import Random

import httpx

from attack.house import House
from attack.row import Row
from bench.talks import Customer, add_agent, take
from desk.entrance import COOKIE
from desk.pages.frame import PAGES

COPY = "/data-requests/1/copy"


async def open_others_work(dice: Random, seconds: float, house: House) -> list[Row]:
    """A row: a customer's own word, shown to somebody else, is a failure."""
    word = f"said{uuid.uuid4().hex}"
    async with Customer(house.url("gateway")) as customer:
        await customer.say("我的电话登记错了")  # a data request, whose copy can be asked for
        talk = await take(house.desk, customer, await add_agent(house.desk))
        await customer.say(f"我住在{word}")
        pages = [f"/talks/{talk.handoff.id}", *(path for path, *_ in PAGES), "/notifications", "/export/handoffs.csv"]
        async with httpx.AsyncClient(base_url=house.url("desk"), timeout=30, trust_env=False) as client:
            return [await look(dice, seconds, client, house.tokens, pages, word)]


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
        headers = {"Cookie": f"{COOKIE}={tokens[visitor]}", "Origin": str(client.base_url).rstrip("/")}
        answer = await client.request(method, path, headers=headers)
        row.check((word in answer.text) is (visitor == "supervisor"), case, f"status {answer.status_code}")
    return row
