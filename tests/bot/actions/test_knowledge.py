"""Questions: answered, offered, and chosen."""

import json
from typing import Any

import httpx
import pytest

from bot.actions.knowledge import make_button
from knowledge.schemas import FollowUp, Match
from tests.bot.actions.action_call import ActionResult, call_action, make_clients
from understanding.schemas import Act, Fact, Language

CARD = Match(
    entry_id="card-lost", revision=1, question="社保卡丢了怎么补办？", answer="带身份证到网点补卡。", score=0.9
)
RATE = Match(entry_id="loan-rate", revision=1, question="农户贷年利率是多少？", answer="4.90%起。", score=0.8)


class Service:
    """Answers every request alike; remembers what was asked for."""

    def __init__(self, answer: Any, status: int = 200) -> None:
        self.status, self.answer = status, answer
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        return httpx.Response(self.status, json=self.answer)


async def answer(act: Act, service: Service | None = None) -> ActionResult:
    clients = make_clients(knowledge=httpx.MockTransport(service)) if service else make_clients()
    return await call_action(clients, "action_answer_question", {}, act)


async def test_what_was_found_is_answered_without_another_search() -> None:
    turn = await answer(Act(name="answer", matches=(CARD,)))
    assert (turn.said, turn.heard) == (["utter_answer"], "带身份证到网点补卡。")
    assert turn.slots["context"] == {
        "last": "answer",
        "topic": "社保卡丢了怎么补办？",
        "entry": "card-lost",
        "product": None,
        "turn": "message-1",
    }


async def test_two_questions_get_two_answers() -> None:
    turn = await answer(Act(name="answer", matches=(CARD, RATE)))
    assert turn.heard == "带身份证到网点补卡。\n4.90%起。"
    assert [said["custom"] for said in turn.responses] == [{"entry": "card-lost@1"}, {"entry": "loan-rate@1"}]


@pytest.mark.parametrize(
    ("language", "channel", "said"),
    [
        ("zh", "wechat", "点下方菜单“找网点”。"),
        ("zh", "web", "8:30开门：\n工作日：全天\n周六：上午"),
        ("zh", "telegram", "8:30开门。"),
        ("zh", "", "8:30开门。"),
        ("en", "wechat", "From 8:30."),
    ],
)
async def test_each_channel_hears_its_own_wording(language: Language, channel: str, said: str) -> None:
    wordings = {"answer_wechat": "点下方菜单“找网点”。", "answer_web": "8:30开门：\n工作日：全天\n周六：上午"}
    english = {"question_english": "When do you open?", "answer_english": "From 8:30."}
    hours = Match(
        entry_id="hours", revision=1, question="几点开门？", answer="8:30开门。", score=0.9, **wordings, **english
    )
    act = Act(name="answer", matches=(hours,), language=language)
    turn = await call_action(make_clients(), "action_answer_question", {}, act, channel=channel)
    assert turn.responses[0]["answer"] == said
    assert ("card" in turn.responses[0]["custom"]) == (channel == "web")


async def test_what_is_perhaps_asked_besides_is_offered() -> None:
    turn = await answer(Act(name="answer", matches=(CARD,), offers=(RATE,)))
    assert turn.said == ["utter_answer", "utter_suggest_also"]
    assert [button["title"] for button in turn.responses[1]["buttons"]] == ["农户贷年利率是多少？", "都不是"]
    assert turn.slots["context"]["offered"] == ["loan-rate"]


async def test_several_that_may_be_meant_are_offered_and_none_of_them() -> None:
    turn = await call_action(make_clients(), "action_suggest_entries", {}, Act(name="suggest", matches=(CARD, RATE)))
    assert turn.said == ["utter_suggest"]
    assert turn.responses[0]["buttons"] == [
        {"title": "社保卡丢了怎么补办？", "payload": '/ask_question{"entry": "card-lost"}'},
        {"title": "农户贷年利率是多少？", "payload": '/ask_question{"entry": "loan-rate"}'},
        {"title": "都不是", "payload": "/none_of_these"},
    ]
    assert turn.slots["context"] == {"offered": ["card-lost", "loan-rate"], "turn": "message-1"}


async def test_one_that_was_chosen_is_looked_up() -> None:
    service = Service(CARD.model_dump(exclude_none=True))
    turn = await answer(Act(name="answer", values={"entry": "card-lost"}), service)
    assert turn.heard == "带身份证到网点补卡。"
    assert service.asked == ["/v1/entries/card-lost"]


@pytest.mark.parametrize(
    "service",
    [
        None,
        Service({}, 500),
        Service({"error": {"code": "unknown_entry", "reason": ""}}, 404),
        Service({"outcome": "perhaps"}),
    ],
    ids=["away", "fault", "gone", "unknown shape"],
)
async def test_a_service_that_cannot_answer_is_told(service: Service | None) -> None:
    turn = await answer(Act(name="answer", values={"entry": "card-lost"}), service)
    assert (turn.said, turn.events) == (["utter_knowledge_down"], [])


@pytest.mark.parametrize(
    ("context", "response"), [({"topic": "利率是多少？"}, "utter_answer_unclear"), (None, "utter_nothing_said")]
)
async def test_an_answer_that_was_not_understood_is_named(context: dict[str, Any] | None, response: str) -> None:
    turn = await call_action(make_clients(), "action_repeat_answer", {"context": context}, Act(name="repeat_answer"))
    assert turn.said == [response]


@pytest.mark.parametrize(
    ("question", "title"), [("短问题？", "短问题？"), ("长" * 24, "长" * 24), ("长" * 25, "长" * 23 + "…")]
)
def test_a_button_has_a_short_title(question: str, title: str) -> None:
    button = make_button(Match(entry_id="a-1", revision=1, question=question, answer="", score=1), "zh")
    assert button["title"] == title
    assert json.loads(button["payload"].removeprefix("/ask_question")) == {"entry": "a-1"}


# --- what it leads on to ---

VISIT = CARD.model_copy(update={"answer": "回复“客户经理”即可预约，也可回复“测额度”；回复“客户经理”最快。"})
LEADING = RATE.model_copy(
    update={
        "follow_ups": [
            FollowUp(entry_id="repay", question="怎么还款？", question_english="How do I repay?"),
            FollowUp(entry_id="term", question="能借多久？"),
        ]
    }
)


async def test_what_an_answer_invites_to_say_can_be_pressed() -> None:
    turn = await answer(Act(name="answer", matches=(VISIT,)))
    assert turn.responses[0]["buttons"] == [
        {"title": "客户经理", "payload": "/words"},
        {"title": "测额度", "payload": "/words"},
    ]
    english = CARD.model_copy(update={"answer_english": 'Bring your ID. Reply "talk to a person" if in doubt.'})
    turn = await answer(Act(name="answer", matches=(english,), language="en"))
    assert [button["title"] for button in turn.responses[0]["buttons"]] == ["talk to a person"]


async def test_other_questions_are_offered_under_an_answer() -> None:
    turn = await answer(Act(name="answer", matches=(LEADING,)))
    assert turn.said == ["utter_answer", "utter_follow_ups"]
    assert turn.responses[1]["buttons"] == [
        {"title": "怎么还款？", "payload": '/ask_question{"entry": "repay"}'},
        {"title": "能借多久？", "payload": '/ask_question{"entry": "term"}'},
    ]
    assert "offered" not in turn.slots["context"]
    turn = await answer(Act(name="answer", matches=(LEADING,), language="en"))
    assert [button["title"] for button in turn.responses[1]["buttons"]] == ["How do I repay?", "能借多久？"]


async def test_what_was_just_answered_is_not_offered_again() -> None:
    slots = {"context": {"last": "answer", "entry": "repay"}}
    turn = await call_action(make_clients(), "action_answer_question", slots, Act(name="answer", matches=(LEADING,)))
    assert [button["title"] for button in turn.responses[1]["buttons"]] == ["能借多久？"]


@pytest.mark.parametrize(
    ("act", "form"),
    [
        (Act(name="answer", matches=(LEADING,)), "quota_form"),
        (Act(name="answer", matches=(LEADING,), values={"topic": "scam"}), None),
    ],
    ids=["a form goes on", "beside a danger"],
)
async def test_nothing_leads_away_from_what_matters_more(act: Act, form: str | None) -> None:
    turn = await call_action(make_clients(), "action_answer_question", {}, act, form=form)
    assert turn.said == ["utter_answer"]
    assert not turn.responses[0]["buttons"]


@pytest.mark.parametrize(
    ("facts", "question", "category", "product"),
    [
        ((Fact(kind="product", role="product", text="商户贷"),), "利率是多少？", "loans", "商户贷"),
        ((), "商户贷年利率是多少？", "loans", "商户贷"),
        ((), "农户贷和商户贷有什么不同？", "loans", "农户贷"),
        ((), "怎么还款？", "repayment", "农户贷"),
        ((), "银行流水怎么打印？", "accounts", None),
    ],
    ids=["the customer says it", "the entry says it", "the entry says two", "nobody does", "another topic"],
)
async def test_the_product_that_was_asked_about_is_kept(
    facts: tuple[Fact, ...], question: str, category: str, product: str | None
) -> None:
    entry = RATE.model_copy(update={"question": question, "category": category})
    slots = {"context": {"last": "answer", "product": "农户贷"}}
    act = Act(name="answer", facts=facts, matches=(entry,))
    turn = await call_action(make_clients(), "action_answer_question", slots, act)
    assert turn.slots["context"]["product"] == product


async def test_a_list_is_shown_as_a_card() -> None:
    rates = RATE.model_copy(update={"answer": "年利率：\n农户贷：4.90%起\n商户贷：5.20%起"})
    turn = await answer(Act(name="answer", matches=(rates,)))
    assert turn.responses[0]["custom"]["card"]["rows"][1] == {"label": "商户贷", "value": "5.20%起"}
    assert turn.heard == rates.answer


# --- in English ---

HOURS = CARD.model_copy(update={"question_english": "When are you open?", "answer_english": "From 8:30 to 17:30."})


async def test_an_english_question_has_the_english_answer() -> None:
    turn = await answer(Act(name="answer", matches=(HOURS,), language="en"))
    assert (turn.said, turn.heard) == (["utter_answer"], "From 8:30 to 17:30.")
    assert turn.slots["context"]["topic"] == "When are you open?"


async def test_an_answer_without_english_is_given_in_chinese_and_said_to_be() -> None:
    turn = await answer(Act(name="answer", matches=(RATE,), language="en"))
    assert (turn.said, turn.responses[0]["answer"]) == (["utter_answer_in_chinese"], "4.90%起。")


async def test_no_card_hides_that_the_answer_is_only_in_chinese() -> None:
    rates = RATE.model_copy(update={"answer": "农户贷：4.90%起\n商户贷：5.20%起"})
    turn = await answer(Act(name="answer", matches=(rates,), language="en"))
    assert (turn.said, "card" in turn.responses[0]["custom"]) == (["utter_answer_in_chinese"], False)


async def test_a_chinese_question_has_the_chinese_answer() -> None:
    assert (await answer(Act(name="answer", matches=(HOURS,)))).heard == "带身份证到网点补卡。"


async def test_english_questions_are_offered_where_there_are_any() -> None:
    act = Act(name="suggest", matches=(HOURS, RATE), language="en")
    turn = await call_action(make_clients(), "action_suggest_entries", {}, act)
    titles = [button["title"] for button in turn.responses[0]["buttons"]]
    assert titles == ["When are you open?", "农户贷年利率是多少？", "None of these"]
