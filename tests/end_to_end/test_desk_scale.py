"""Two gateways and two desks on one PostgreSQL see the same state."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import asyncpg
import pytest
from playwright.sync_api import expect

from dev.environment import SECRETS
from dev.stack import Stack
from tests.conftest import KINDS, POSTGRES
from tests.end_to_end.conftest import ALWAYS_OPEN, OpenDesk
from tests.end_to_end.customer import Customer, read_words
from tests.end_to_end.staff import Member, add_members, close_talk, open_newest, reply, take_newest

NAME = "xiaohe_end_to_end"
SHARED = ("knowledge", "scoring", "actions", "rasa")


def ask_server(*statements: str) -> None:
    """Playwright has a loop in this thread, so another one asks."""

    async def ask() -> None:
        server = await asyncpg.connect(POSTGRES)
        for statement in statements:
            await server.execute(statement)
        await server.close()

    run: Callable[[Coroutine[Any, Any, None]], None] = asyncio.run
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(run, ask()).result()


@pytest.fixture
def houses(stack: Stack) -> Iterator[tuple[Stack, Stack]]:
    """Two gateways and two desks that share a database, and the understanding of the large stack."""
    drop = f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"
    ask_server(drop, f"CREATE DATABASE {NAME}")
    url = POSTGRES.rsplit("/", 1)[0].replace("postgresql://", "postgresql+asyncpg://") + f"/{NAME}"
    shared = {f"XIAOHE_{name.upper()}_URL": stack.urls[name] for name in SHARED}
    shared |= {name: stack.environment[name] for name in SECRETS}
    shared |= {f"XIAOHE_{name.upper()}": value for name, value in ALWAYS_OPEN.items()}
    with ExitStack() as running:
        first, second = (
            running.enter_context(Stack(("gateway", "desk"), database_url=url, **shared)) for _ in range(2)
        )
        add_members(first, Member("zhangmin", "张敏", "agent"), Member("zhaoli", "赵丽", "supervisor"))
        yield first, second
    ask_server(drop)


@pytest.mark.exhaustive
@pytest.mark.skipif("postgresql" not in KINDS, reason="no PostgreSQL on this machine; in CI there always is")
def test_whichever_process_one_is_connected_to(houses: tuple[Stack, Stack], open_desk: OpenDesk) -> None:
    first, second = houses
    with Customer(first.urls["gateway"]) as customer:
        assert customer.say("转人工")["holder"] == "queue"
        agent, supervisor = open_desk("zhangmin", house=second), open_desk("zhaoli", house=first)
        open_newest(supervisor)
        take_newest(agent)
        expect(supervisor.get_by_text("张敏也在看")).to_be_visible()
        expect(supervisor.get_by_role("button", name="接管")).to_be_visible()
        assert customer.say("我想问利率")["holder"] == "agent"
        expect(agent.get_by_role("log")).to_contain_text("我想问利率")
        reply(agent, "年利率4.9%起")
        expect(supervisor.get_by_role("log")).to_contain_text("年利率4.9%起")

        # The customer's other device is connected to the other gateway.
        other = customer.client.get(f"{second.urls['gateway']}/webchat/messages").json()
        assert other["holder"] == "agent"
        assert other["messages"][-1]["text"] == "年利率4.9%起"
        close_talk(agent, "已解决", "问利率")
        expect(supervisor.get_by_text("已结束").first).to_be_visible()
        assert "谢谢" in read_words(rate(customer, second))


def rate(customer: Customer, house: Stack) -> dict[str, Any]:
    """Presses 非常满意, as the history shows it, at another gateway."""
    history = customer.client.get(f"{house.urls['gateway']}/webchat/messages").json()
    buttons = {button["title"]: button["token"] for button in history["messages"][-1]["buttons"]}
    url = f"{house.urls['gateway']}/webchat/messages"
    answer = customer.client.post(url, json={"message_id": "rating-1", "button": buttons["非常满意"]})
    turn: dict[str, Any] = answer.json()
    return turn
