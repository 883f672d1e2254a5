"""What Rasa answers, right and wrong, and what is asked of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from connectors.bot_client import LATE_IN_A_ROW, LATE_SECONDS, PAUSE_SECONDS, RasaBot, read_known_slots, read_outcome
from conversations.schemas import (
    Card,
    CardRow,
    ClaimedMessage,
    HandoffRequest,
    MessageView,
    Progress,
    Reply,
    ReplyButton,
    TurnOutcome,
)
from kit.errors import ServiceRefused, ServiceUnavailable
from kit.http import ServiceClient
from tests.fakes import FixedClock
from tests.vaults import VAULT
from tests.waiting import WAIT_SECONDS
from understanding.schemas import Act, Fact

GREETING = {"messages": [{"text": "您好", "buttons": []}], "handoff": None, "consents": []}


@pytest.mark.parametrize(
    ("turn", "outcome"),
    [
        (GREETING, TurnOutcome(replies=[Reply(text="您好")])),
        ({"messages": []}, TurnOutcome()),
        ({"messages": [{"text": ""}, {"text": None}, {}]}, TurnOutcome()),
        ({"messages": [{"text": "您好", "buttons": None}]}, TurnOutcome(replies=[Reply(text="您好")])),
        (
            {"messages": [{"text": "一"}, {"text": "二", "buttons": [{"title": "三", "payload": "/deny"}]}]},
            TurnOutcome(
                replies=[Reply(text="一"), Reply(text="二", buttons=[ReplyButton(title="三", payload="/deny")])]
            ),
        ),
        (
            {"messages": [], "handoff": {"reason": "complaint", "slots": {"amount": 5}}},
            TurnOutcome(handoff=HandoffRequest(reason="complaint", slots={"amount": 5})),
        ),
        (
            {"messages": [], "handoff": {"reason": "complaint"}},
            TurnOutcome(handoff=HandoffRequest(reason="complaint")),
        ),
        (
            {"messages": [{"text": "您好", "response": "utter_greet"}, {"text": "再见", "response": "utter_goodbye"}]},
            TurnOutcome(replies=[Reply(text="您好", text_key="welcome"), Reply(text="再见")]),
        ),
        ({**GREETING, "more": 1}, TurnOutcome(replies=[Reply(text="您好")])),
        ({**GREETING, "understood": False}, TurnOutcome(replies=[Reply(text="您好")], is_understood=False)),
        (
            {"messages": [{"text": "几亩地？", "asked_slot": "land_mu"}, {"text": "二", "asked_slot": "product"}]},
            TurnOutcome(replies=[Reply(text="几亩地？", awaits_number=True), Reply(text="二")]),
        ),
        (
            {**GREETING, "state": {"form": "quota_form", "asked": "quota_consent"}},
            TurnOutcome(
                replies=[Reply(text="您好", asked="quota_form.quota_consent")],
                dialogue={"form": "quota_form", "asked": "quota_consent"},
            ),
        ),
        ({**GREETING, "state": {"form": None}}, TurnOutcome(replies=[Reply(text="您好")], dialogue={"form": None})),
        (
            {
                "messages": [
                    {
                        "text": "请核对：金额8万元。",
                        "card": {
                            "kind": "summary",
                            "title": "请核对",
                            "rows": [{"label": "金额", "value": "8万元", "say": "改金额"}],
                        },
                    },
                    {"text": "好", "card": None, "entry": "loan-rates@3"},
                ]
            },
            TurnOutcome(
                replies=[
                    Reply(
                        text="请核对：金额8万元。",
                        card=Card(
                            kind="summary",
                            title="请核对",
                            rows=[CardRow(label="金额", value="8万元", say="改金额")],
                        ),
                    ),
                    Reply(text="好", entry="loan-rates@3"),
                ]
            ),
        ),
    ],
)
def test_a_turn_is_read(turn: dict[str, Any], outcome: TurnOutcome) -> None:
    assert read_outcome(turn) == outcome


@pytest.mark.parametrize(
    "turn",
    [
        None,
        [],
        "",
        1,
        {},
        {"messages": None},
        {"messages": 1},
        {"messages": ["您好"]},
        {"messages": [None]},
        {"messages": [[]]},
        {"messages": {"text": "您好"}},
        {"messages": [{"text": 1}]},
        {"messages": [{"text": ["您好"]}]},
        {"messages": [{"text": "您好", "buttons": 1}]},
        {"messages": [{"text": "您好", "buttons": ["转人工"]}]},
        {"messages": [{"text": "您好", "buttons": [{"title": "转人工"}]}]},
        {"messages": [{"text": "您好", "buttons": [{"title": "转人工", "payload": None}]}]},
        {"messages": [{"text": "您好", "buttons": [{"title": "转" * 65, "payload": "/request_human"}]}]},
        {"messages": [{"text": "您好", "card": "summary"}]},
        {"messages": [{"text": "您好", "card": {"kind": "table", "title": "请核对"}}]},
        {"messages": [{"text": "您好", "card": {"kind": "result", "title": "额度", "rows": [{"label": "额度"}]}}]},
        {"messages": [], "handoff": "complaint"},
        {"messages": [], "handoff": ["complaint"]},
        {"messages": [], "handoff": {"slots": {}}},
        {"messages": [], "handoff": {"reason": None}},
        {"messages": [], "handoff": {"reason": "r" * 33}},
        {"messages": [], "handoff": {"reason": "complaint", "slots": []}},
        {"messages": [], "handoff": {"reason": "complaint", "to": "boss"}},
    ],
    ids=lambda turn: json.dumps(turn, ensure_ascii=False)[:60],
)
def test_another_shape_is_a_fault_of_rasa(turn: Any) -> None:
    with pytest.raises(ServiceUnavailable, match="unknown shape"):
        read_outcome(turn)


@pytest.mark.parametrize(
    ("state", "progress"),
    [
        ({}, None),
        ({"form": "quota_form", "asked": "quota_consent"}, None),
        ({"form": "quota_form", "asked": "product"}, Progress(step=1, of=6, form="测额度")),
        (
            {"form": "quota_form", "asked": "annual_turnover", "product": "商户贷"},
            Progress(step=2, of=5, form="测额度"),
        ),
        (
            {"form": "application_form", "asked": "phone", "product": "农户贷"},
            Progress(step=7, of=8, form="申请贷款"),
        ),
        (
            {"form": "application_form", "asked": "application_confirmed", "product": "农户贷"},
            Progress(step=8, of=8, form="申请贷款"),
        ),
        (
            {"form": "application_form", "asked": "crops", "product": "农户贷"},
            Progress(step=11, of=15, form="申请贷款"),
        ),
        ({"form": "repayment_form", "asked": "calculated_term"}, Progress(step=2, of=2, form="算还款")),
    ],
)
def test_the_last_reply_tells_how_far_the_form_is(state: dict[str, Any], progress: Progress | None) -> None:
    first, last = read_outcome({"messages": [{"text": "记下了。"}, {"text": "还有呢？"}], "state": state}).replies
    assert (first.progress, last.progress) == (None, progress)


def test_a_fault_does_not_repeat_what_the_customer_filled_in() -> None:
    handoff = {"reason": None, "slots": {"name": "张建国", "phone": "13812345678"}}
    with pytest.raises(ServiceUnavailable) as raised:
        read_outcome({"messages": [], "handoff": handoff})
    assert "张建国" not in str(raised.value)
    assert "13812345678" not in str(raised.value)


class Rasa:
    """Answers every turn alike; remembers what it was asked."""

    def __init__(self, status: int, turn: Any) -> None:
        self.status, self.turn = status, turn
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(self.status, content=json.dumps(self.turn))


def make_message(attempt: int = 1) -> ClaimedMessage:
    message = MessageView(id=17, direction="inbound", author="customer", text="8万", at=FixedClock().now)
    return ClaimedMessage(
        conversation_id="conversation-1",
        message=message,
        channel="web",
        kind="text",
        payload=None,
        holder="bot",
        attempt=attempt,
    )


ACT = Act(name="inform", facts=(Fact(kind="sum", role="amount", low=80_000, high=80_000),))


async def ask(rasa: Rasa, *, attempt: int = 1) -> TurnOutcome:
    client = ServiceClient(
        "rasa", "http://rasa", deadline=2, tries=1, token="let-me-in", transport=httpx.MockTransport(rasa)
    )
    try:
        return await RasaBot(client, VAULT).do(ACT, make_message(attempt))
    finally:
        await client.close()


async def test_what_was_filled_in_is_read_with_the_token() -> None:
    def tell(request: httpx.Request) -> httpx.Response:
        assert (request.url.path, request.url.params["conversation_id"]) == ("/slots", "talk-1")
        assert request.headers["Authorization"] == "Bearer let-me-in"
        return httpx.Response(200, json={"amount": 50_000, "region": None})

    client = ServiceClient("rasa", "http://rasa", deadline=1, token="let-me-in", transport=httpx.MockTransport(tell))
    assert await RasaBot(client, VAULT).read_slots("talk-1") == {"amount": 50_000, "region": None}
    await client.close()


@pytest.mark.parametrize(
    "answer", [httpx.ConnectError("away"), httpx.Response(500), httpx.Response(401), httpx.Response(200, json=[])]
)
async def test_what_is_filled_in_is_not_known_while_rasa_is_away(answer: httpx.Response | Exception) -> None:
    def tell(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = ServiceClient("rasa", "http://rasa", deadline=1, tries=1, transport=httpx.MockTransport(tell))
    bot = RasaBot(client, VAULT)
    with pytest.raises(ServiceUnavailable):
        await bot.read_slots("talk-1")
    assert await read_known_slots(bot, "talk-1") == {}
    await client.close()


async def test_first_aid_does_not_wait_for_what_a_hanging_rasa_knows() -> None:
    async def hang(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    client = ServiceClient("rasa", "http://rasa", deadline=60, tries=3, transport=httpx.MockTransport(hang))
    async with asyncio.timeout(WAIT_SECONDS):
        assert await read_known_slots(RasaBot(client, VAULT), "talk-1") == {}
    await client.close()


async def test_an_act_is_given_to_rasa_with_the_token_and_without_the_customers_words() -> None:
    rasa = Rasa(200, GREETING)
    assert await ask(rasa) == TurnOutcome(replies=[Reply(text="您好")])
    await ask(rasa, attempt=2)
    request, repeated = rasa.asked
    assert (request.method, request.url.path) == ("POST", "/turns")
    assert request.headers["Authorization"] == "Bearer let-me-in"
    assert json.loads(request.content) == {
        "conversation_id": "conversation-1",
        "message_id": "17",
        "act": {
            "name": "inform",
            "facts": [{"kind": "sum", "role": "amount", "low": 80_000, "high": 80_000}],
        },
        "is_repeated": False,
        "channel": "web",
    }
    assert json.loads(repeated.content)["is_repeated"] is True


@pytest.mark.parametrize("turn", [{"messages": []}, {"messages": [{"text": ""}]}, [], None, "", {}])
async def test_a_bot_with_nothing_to_say_is_away(turn: Any) -> None:
    with pytest.raises(ServiceUnavailable):
        await ask(Rasa(200, turn))


@pytest.mark.parametrize(
    ("status", "error"), [(500, ServiceUnavailable), (504, ServiceUnavailable), (401, ServiceRefused)]
)
async def test_a_turn_is_given_once_even_when_it_fails(status: int, error: type[Exception]) -> None:
    rasa = Rasa(status, {"error": {"code": "fault", "reason": "broken"}})
    with pytest.raises(error):
        await ask(rasa)
    assert len(rasa.asked) == 1


class TestBreaker:
    """A Rasa that is late again and again is left alone for a moment."""

    @pytest.fixture
    def now(self) -> FixedClock:
        """The time Rasa's lateness is measured by."""
        return FixedClock()

    @pytest.fixture
    def rasa(self, now: FixedClock) -> "SlowRasa":
        return SlowRasa(now)

    @pytest.fixture
    async def bot(self, rasa: "SlowRasa", now: FixedClock) -> AsyncIterator[RasaBot]:
        client = ServiceClient("rasa", "http://rasa", deadline=30, tries=1, transport=httpx.MockTransport(rasa))
        yield RasaBot(client, VAULT, clock=lambda: now().timestamp())
        await client.close()

    async def is_answered(self, bot: RasaBot) -> bool:
        try:
            await bot.do(ACT, make_message())
        except ServiceUnavailable:
            return False
        return True

    async def be_late(self, bot: RasaBot, rasa: "SlowRasa", times: int) -> None:
        for _ in range(times):
            rasa.seconds, rasa.status = LATE_SECONDS + 0.1, 504
            assert not await self.is_answered(bot)
        rasa.seconds, rasa.status = 0.0, 200

    async def test_it_is_not_asked_after_being_late_several_times_in_a_row(
        self, bot: RasaBot, rasa: "SlowRasa", now: FixedClock
    ) -> None:
        await self.be_late(bot, rasa, LATE_IN_A_ROW)
        asked = rasa.asked
        assert not await self.is_answered(bot)
        now.move(seconds=PAUSE_SECONDS - 0.1)
        assert not await self.is_answered(bot)
        assert rasa.asked == asked
        now.move(seconds=0.1)
        assert await self.is_answered(bot)
        assert rasa.asked == asked + 1

    async def test_it_is_tried_once_and_paused_again_while_it_is_still_late(
        self, bot: RasaBot, rasa: "SlowRasa", now: FixedClock
    ) -> None:
        await self.be_late(bot, rasa, LATE_IN_A_ROW)
        now.move(seconds=PAUSE_SECONDS)
        await self.be_late(bot, rasa, 1)
        assert not await self.is_answered(bot)
        assert rasa.asked == LATE_IN_A_ROW + 1

    async def test_an_answer_in_between_makes_good(self, bot: RasaBot, rasa: "SlowRasa") -> None:
        for _ in range(3):
            await self.be_late(bot, rasa, LATE_IN_A_ROW - 1)
            assert await self.is_answered(bot)

    async def test_during_the_pause_it_is_not_asked_for_slots_either(
        self, bot: RasaBot, rasa: "SlowRasa", now: FixedClock
    ) -> None:
        await self.be_late(bot, rasa, LATE_IN_A_ROW)
        asked = rasa.asked
        assert await read_known_slots(bot, "talk-1") == {}
        assert rasa.asked == asked
        now.move(seconds=PAUSE_SECONDS)
        assert await bot.read_slots("talk-1") == GREETING
        assert rasa.asked == asked + 1

    async def test_it_answers_again_after_the_pause(self, bot: RasaBot, rasa: "SlowRasa", now: FixedClock) -> None:
        await self.be_late(bot, rasa, LATE_IN_A_ROW)
        now.move(seconds=PAUSE_SECONDS)
        assert await self.is_answered(bot)
        await self.be_late(bot, rasa, LATE_IN_A_ROW - 1)
        assert await self.is_answered(bot)

    async def test_a_rasa_that_fails_at_once_costs_nobody_time_and_is_always_asked(
        self, bot: RasaBot, rasa: "SlowRasa"
    ) -> None:
        rasa.status = 500
        for _ in range(3 * LATE_IN_A_ROW):
            assert not await self.is_answered(bot)
        assert rasa.asked == 3 * LATE_IN_A_ROW


class SlowRasa:
    """Takes its time, which only the clock notices."""

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock
        self.seconds, self.status = 0.0, 200
        self.asked = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        self.clock.move(seconds=self.seconds)
        return httpx.Response(self.status, json=GREETING)
