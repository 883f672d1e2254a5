"""The table of acts: each row decides what it is there for, and is missed when it is gone."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from knowledge.schemas import Match
from understanding import table
from understanding.bars import LIKELY, LIKELY_ACT, LIKELY_DANGER, SURE, SURE_DANGER, SURE_MATCH
from understanding.schemas import Act, Evidence, Fact, Reading, State
from understanding.situation import REVERSIBLE

RATE = Match(entry_id="loan-rate", revision=1, question="贷款利率是多少？", answer="4.90%起。", score=SURE_MATCH + 0.1)
PAPERS = RATE.model_copy(update={"entry_id": "loan-papers", "question": "要带什么资料？"})
MAYBE = RATE.model_copy(update={"score": 0.4})
NOTHING, AWAY = Evidence(), Evidence(lacks_entries=True)
DEBT = Fact(kind="sum", role="existing_debt", low=20_000, high=20_000)
BARE = Fact(kind="sum", low=80_000, high=80_000)
SPAN = Fact(kind="span", low=12, high=12)
WISH = Fact(kind="sum", role="amount", low=200_000, high=200_000)
EXTRA = Fact(kind="sum", role="other", low=50_000, high=50_000)
LAND = Fact(kind="area", low=20, high=20)
PHONE = Fact(kind="phone", text="13800001234")

QUOTA = {"form": "quota_form", "product": "农户贷"}
APPLICATION = {"form": "application_form", "product": "农户贷"}


class Case(NamedTuple):
    """A row, a message in a dialogue that it decides, and the act."""

    row: str
    act: str
    reading: dict[str, Any]
    state: Mapping[str, Any] = MappingProxyType({})
    evidence: Evidence | None = None
    values: Mapping[str, Any] = MappingProxyType({})
    roles: tuple[str, ...] = ()


def says(*acts: str, **more: Any) -> dict[str, Any]:
    return {"acts": acts, **more}


def tells(*facts: Fact, **more: Any) -> dict[str, Any]:
    return {"facts": facts, **more}


def intends(intent: str, probability: float = 0.9, *matches: Match) -> Evidence:
    return Evidence(intents={intent: probability}, matches=matches)


def asks(slot: str, form: dict[str, Any] = APPLICATION) -> dict[str, Any]:
    return {**form, "asked": slot}


CODE_SENT, ASIDE = {"verifying": "code"}, {"is_aside": True}
VISIT = {"form": "visit_form"}
DRAWN = Fact(kind="sum", low=30_000, high=30_000)
DRAWING = {"question": "draw_loan", "loan": {"loan": "a1"}}
CASES = [
    # delegations
    Case(
        "wants somebody to help with the papers",
        "delegate",
        says("delegate", plain="生成帮办码"),
        values={"is_confirmed": True},
    ),
    Case("wants somebody to help with the papers", "delegate", says("delegate")),
    Case("lets nobody help any more", "revoke_delegation", says("revoke_delegation")),
    # talks that are over
    Case(
        "says why a talk was bad", "comment", says(plain="等了半天没人理"), {"rated": "h1"}, Evidence(matches=(MAYBE,))
    ),
    Case("is not understood", "not_understood", says(plain="等了多久", is_question=True), {"rated": "h1"}, NOTHING),
    # loans that they have
    Case("wants something of a loan they have", "my_loans", says(plain="我的贷款")),
    Case("wants something of a loan they have", "my_loans", says(plain="我的贷款"), asks("amount")),
    Case(
        "wants something of a loan they have",
        "draw_loan",
        tells(DRAWN, plain="我想用款3万"),
        values={"amount": 30_000},
    ),
    Case("wants something of a loan they have", "renew_loan", says(plain="我想续贷")),
    Case("wants something of a loan they have", "review_loan", says(plain="年审")),
    Case(
        "says how much, asked about a loan", "draw_loan", tells(DRAWN, plain="3万"), DRAWING, values={"amount": 30_000}
    ),
    Case("refuses what was asked about a loan", "draw_loan", says("no"), DRAWING, values={"is_refused": True}),
    Case("agrees to what was asked about a loan", "draw_loan", says("yes"), DRAWING, values={"is_agreed": True}),
    Case(
        "answers what a renewal depends on",
        "renew_loan",
        says(plain="还在做"),
        {"question": "renew_loan", "loan": {"loan": "a1", "step": "operating"}},
        values={"step": "operating", "is_agreed": True},
    ),
    Case(
        "only hears what was asked about a loan",
        "draw_loan",
        says("yes", plain="ok"),
        {"question": "draw_loan", "loan": {"loan": "a1", "key": "k"}},
        values={"key": "k"},
    ),
    Case(
        "only hears what was asked about a loan",
        "draw_loan",
        says("yes", plain="好的谢谢"),
        DRAWING,
        values={"loan": "a1"},
    ),
    Case(
        "asks what repaying their loan early brings",
        "prepay_loan",
        tells(DRAWN, plain="提前还3万能省多少"),
        {"last": "loans", "loan": {"loan": "a1"}},
        values={"loan": "a1", "amount": 30_000},
    ),
    Case("asks what repaying their loan early brings", "prepay_loan", says(plain="我的贷款想提前还清")),
    # visits
    Case(
        "gives up the visit being booked",
        "cancel",
        says("cancel_call", plain="先不约了"),
        asks("visit_time", VISIT),
    ),
    Case("needs no call", "cancel_call", says("cancel_call", plain="别打电话了"), asks("visit_time", VISIT)),
    Case(
        "needs the visit just spoken of no more", "cancel_visit", says("cancel_call", plain="不约了"), {"last": "visit"}
    ),
    Case("wants a visit", "book_visit", says("wants_visit", plain="能上门吗")),
    Case("wants a visit", "book_visit", says("wants_visit", plain="明天能上门吗"), roles=("visit_time",)),
    Case("moves the visit", "move_visit", says("move_visit", plain="上门改到后天上午"), roles=("visit_time",)),
    Case("needs no visit any more", "cancel_visit", says("cancel_visit", plain="取消上门")),
    Case(
        "names what to change",
        "edit",
        says("move_visit", plain="改上门时间", edits=("visit_time",)),
        {**asks("visit_confirmed", VISIT), "filled": ["visit_time", "visit_place"]},
        values={"slot": "visit_time"},
    ),
    Case(
        "says when to be visited",
        "inform",
        {"plain": "明天下午行不行", "is_question": True},
        asks("visit_time", VISIT),
        roles=("visit_time",),
    ),
    Case(
        "says when to be visited",
        "inform",
        {"plain": "后天我儿子在家"},
        asks("visit_time", VISIT),
        roles=("visit_time",),
    ),
    Case(
        "says when to be visited",
        "inform",
        {"plain": "改到周五上午10点"},
        asks("visit_confirmed", VISIT),
        roles=("visit_time",),
    ),
    Case(
        "moves the visit just spoken of",
        "move_visit",
        {"plain": "改到后天上午"},
        {"last": "visit"},
        roles=("visit_time",),
    ),
    # danger
    Case("danger in so many words", "danger", says("yes", danger="life"), values={"topic": "life"}),
    Case(
        "has sent money, after an answer about fraud",
        "danger",
        {"plain": "我已经转了"},
        {"last": "answer", "topic": "有人说我涉案，让我把钱转到安全账户怎么办？"},
        None,
        {"topic": "money_sent"},
    ),
    Case(
        "danger in so many words",
        "danger",
        {"danger": "scam", "plain": "被骗了 钱转过去了"},
        values={"topic": "money_sent"},
    ),
    Case(
        "perhaps danger while an agent is awaited",
        "danger",
        {"plain": "我刚转完给他"},
        {"holder": "queue"},
        Evidence(dangers={"scam": LIKELY_DANGER}),
    ),
    Case(
        "perhaps danger",
        "danger_possible",
        {"plain": "我已经转了"},
        {},
        Evidence(dangers={"scam": SURE_DANGER}),
        {"topic": "money_sent"},
    ),
    Case("asks about a call", "tell_call", says("contact_when"), {}, NOTHING),
    Case("told an identity number", "identity_told", {"tells_identity": True}, asks("name")),
    # a phone that is being verified
    Case(
        "gives the code that was sent",
        "phone_code",
        tells(BARE, plain="123 456"),
        {"verifying": "code"},
        values={"code": "123456"},
    ),
    Case(
        "gives the code among other words",
        "phone_code",
        {"secret": "masked"},
        {"verifying": "code"},
        values={"code": ""},
    ),
    Case("has no code", "verify_phone", says("no_code"), {"verifying": "code"}),
    Case("does not verify now", "leave_phone_code", says("cancel"), {"verifying": "code", "last": "submitted"}),
    Case(
        "gives the code that was sent", "phone_code", says(plain="收到的是123456"), CODE_SENT, values={"code": "123456"}
    ),
    Case("gives the code that was sent", "phone_code", says(plain="123456"), CODE_SENT | asks("amount") | ASIDE),
    Case("names the phone to verify", "verify_phone", tells(PHONE), {"verifying": "phone"}, roles=("",)),
    Case("names the phone to verify", "verify_phone", tells(PHONE), CODE_SENT | asks("phone") | ASIDE, roles=("",)),
    Case("does not verify now", "leave_phone_code", says("cancel"), CODE_SENT | asks("amount") | ASIDE),
    Case("wants to verify a phone", "verify_phone", says("verify_phone")),
    Case("a secret was told", "secret", tells(BARE, secret="code"), asks("amount")),
    Case(
        "surely danger", "danger", {}, {}, Evidence(dangers={"scam": SURE_DANGER}, matches=(RATE,)), {"topic": "scam"}
    ),
    Case("perhaps danger", "danger_possible", {}, {}, Evidence(dangers={"scam": LIKELY_DANGER})),
    Case(
        "perhaps danger, perhaps a question",
        "suggest",
        {},
        {},
        Evidence(dangers={"scam": LIKELY_DANGER}, matches=(MAYBE,)),
        {"topic": "scam"},
    ),
    Case(
        "perhaps danger",
        "danger_possible",
        {},
        asks("amount"),
        Evidence(dangers={"scam": LIKELY_DANGER}, matches=(MAYBE,)),
    ),
    Case(
        "asks what sounds like danger",
        "answer",
        {},
        {},
        Evidence(dangers={"scam": LIKELY_DANGER}, matches=(RATE,)),
        {"topic": "scam"},
    ),
    Case(
        "asks for a human, though it sounds like danger",
        "request_human",
        {},
        {},
        Evidence(dangers={"life": SURE_DANGER}, intents={"request_human": 0.99}),
    ),
    Case("perhaps danger", "danger_possible", {}, {}, Evidence(dangers={"life": LIKELY_DANGER}, matches=(RATE,))),
    # rights
    Case("wants their data erased", "erase_data", says("erase_data", plain="把我的信息删了")),
    Case("wants their data erased", "erase_data", says("erase_data", "restart", plain="删除个人信息"), asks("amount")),
    Case(
        "needs the question in another way",
        "start_over",
        says("erase_data", "restart", plain="信息删了"),
        asks("amount"),
    ),
    Case("confirms what was asked back", "erase_data", says("erase_data"), {"question": "erase_data"}),
    Case("keeps the data after all", "keep_data", says("no"), {"question": "erase_data", "form": "quota_form"}),
    Case("keeps the data after all", "keep_data", says("cancel"), {"question": "withdraw_consent"}),
    Case(
        "only thanks for what was asked back", "erase_data", says("yes", plain="好的谢谢"), {"question": "erase_data"}
    ),
    Case("confirms what was asked back", "erase_data", says("erase_it"), {"question": "erase_data"}),
    Case("wants a part of their data erased", "erase_part", says("erase_part", "erase_data"), {"holder": "queue"}),
    Case("wants to see what they filled in", "show_answers", says("show_answers", "show_data"), asks("name")),
    Case("asks whether data are erased", "explain_erasure", says("ask_erase"), {"holder": "queue"}),
    Case("wants to see their data", "show_data", says("show_data"), asks("name")),
    Case(
        "withdraws one consent",
        "withdraw_consent",
        says("withdraw_credit_inquiry"),
        asks("name"),
        values={"purpose": "credit_inquiry"},
    ),
    Case("withdraws their consent", "withdraw_consent", says("withdraw_consent"), asks("name")),
    Case("does not consent", "inform", says("withdraw_consent", "no"), asks("quota_consent", QUOTA)),
    Case(
        "says what is wrong or right in recorded data",
        "correct_data",
        says("correct_data"),
        {"last": "submitted"},
    ),
    # asked back
    Case(
        "confirms what was asked back", "withdraw", says("yes"), {"question": "withdraw"}, values={"is_confirmed": True}
    ),
    Case("confirms what was asked back", "complain", says("complain"), {"question": "complain"}),
    Case("does not confirm it", "keep", says("no"), {"question": "withdraw"}),
    Case(
        "does not consent",
        "inform",
        says("no"),
        {**asks("application_consent"), "offered": ["rate"]},
        values={"application_consent": False},
    ),
    Case("does not confirm it", "check_quota", says("continue"), {"question": "cancel", "paused": ["quota_form"]}),
    Case("chooses an offered entry", "answer", says("option_2"), {"offered": ["a", "b"]}, values={"entry": "b"}),
    Case(
        "chooses an offered entry", "answer", says("option_last"), {"offered": ["a", "b", "c"]}, values={"entry": "c"}
    ),
    Case("chooses none of them", "none_of_these", says("no"), {"offered": ["a"]}),
    # waiting
    Case("no longer waits", "return", says("cancel"), {"holder": "queue"}),
    Case("needs no call", "cancel_call", says("cancel_call")),
    Case("changes the call", "change_call", says("change_call")),
    Case(
        "gives a number, perhaps for the call", "inform", tells(PHONE, rest="写错了是"), values={"changes_call": True}
    ),
    Case("answers while waiting", "wait_for_agent", says("human"), {"holder": "queue"}),
    Case(
        "answers while waiting",
        "wait_for_agent",
        tells(PHONE, rest="我的电话是"),
        {"holder": "queue"},
        values={"is_just_a_phone": True},
        roles=("",),
    ),
    Case("answers while waiting", "wait_for_agent", says("call_me"), {"holder": "queue"}, values={"wants_call": True}),
    Case(
        "answers while waiting",
        "wait_for_agent",
        says("known_phone"),
        {"holder": "queue"},
        values={"accepts_phone": True},
    ),
    Case("tells the agent more", "wait_for_agent", {}, {"holder": "queue"}, NOTHING),
    # steering
    Case("wants no human", "keep", says("not_human"), asks("amount")),
    Case("wants a review of the quota", "request_review", says("review"), {"last": "quota"}),
    Case("wants a human", "request_human", says("human"), asks("name")),
    Case("wants the account manager", "request_account_manager", says("account_manager")),
    Case("complains", "complain", says("complain"), asks("amount")),
    Case("withdraws an application", "withdraw", says("withdraw"), asks("amount")),
    Case("asks for an application's progress", "check_application_status", {"application_number": "QH260701-AB2C3"}),
    Case(
        "asks for an application's progress",
        "check_application_status",
        says("how_many"),
        values={"is_count": True, "number": ""},
    ),
    Case("continues the form named", "check_quota", says("continue", "continue_quota"), asks("term")),
    Case(
        "continues the form left last",
        "resume_application",
        says("continue"),
        {"paused": ["quota_form", "application_form"]},
    ),
    Case("is rude", "apologise", says("rude"), {}, NOTHING),
    # forms
    Case(
        "agrees with the value asked back",
        "inform",
        says("yes"),
        {**asks("amount"), "proposed": "20万元"},
        roles=("amount",),
    ),
    Case("consents", "inform", says("yes"), asks("quota_consent", QUOTA), values={"quota_consent": True}),
    Case(
        "consents", "inform", says("yes", facts=(LAND,)), asks("quota_consent", QUOTA), values={"quota_consent": True}
    ),
    Case("does not consent", "inform", says("no"), asks("quota_consent", QUOTA), values={"quota_consent": False}),
    Case("confirms", "inform", says("yes"), asks("application_confirmed"), values={"application_confirmed": True}),
    Case(
        "does not confirm", "inform", says("no"), asks("application_confirmed"), values={"application_confirmed": False}
    ),
    Case("has none of it", "inform", says("none", "no"), asks("existing_debt", QUOTA), roles=("existing_debt",)),
    Case(
        "has none of it",
        "inform",
        tells(LAND, mentions=("none",)),
        asks("existing_debt", QUOTA),
        roles=("existing_debt", "land_mu"),
    ),
    Case("denies it", "inform", says("no"), asks("has_overdue", QUOTA), roles=("has_overdue",)),
    Case("has it", "inform", says("some", "yes"), asks("has_overdue", QUOTA), roles=("has_overdue",)),
    Case("says yes to having it", "inform", says("yes"), asks("has_licence"), roles=("has_licence",)),
    Case("completes an application that came back", "complete_application", says("completes")),
    Case("wants to tell more", "tell_more", says("completes"), asks("application_confirmed")),
    Case("would leave open what is needed", "skip", says("leave_rest"), asks("region")),
    Case("leaves the rest open", "skip", says("cancel", "leave_rest"), asks("crops"), values={"is_rest": True}),
    Case("drops it", "cancel", says("cancel", "leave_rest"), asks("region")),
    Case("leaves the rest open", "skip", says("leave_rest"), asks("crops"), values={"is_rest": True}),
    Case(
        "names what to change",
        "edit",
        {"edits": ("phone",)},
        {**asks("application_confirmed"), "filled": ["phone"]},
        values={"slot": "phone"},
    ),
    Case("took something back", "go_back", says("mistaken", "no"), asks("has_overdue", QUOTA)),
    Case(
        "names what to change",
        "edit",
        says("option_2"),
        {**asks("application_confirmed"), "filled": ["product", "amount"]},
        values={"slot": "amount"},
    ),
    Case(
        "leaves an answer as it was",
        "keep_answer",
        says("cancel", "return_to_bot"),
        {**asks("amount"), "has_former": True},
    ),
    Case(
        "agrees with the value asked back",
        "inform",
        says("yes"),
        {**asks("name"), "proposed": "牛满仓"},
        roles=("name",),
    ),
    *(
        Case("says yes or no to what was said beside the form", "keep", says(said), asks(slot, form) | ASIDE)
        for said in ("yes", "no")
        for slot, form in (("application_consent", APPLICATION), ("application_confirmed", APPLICATION))
    ),
    Case("leaves an answer as it was", "keep_answer", says("yes"), {**asks("amount"), "has_former": True}),
    Case("denies it", "inform", says("no"), {**asks("has_overdue", QUOTA), "has_former": True}, roles=("has_overdue",)),
    Case("may confirm", "ask_submit", says("yes"), {**asks("application_confirmed"), "offered": ["rate"]}),
    Case(
        "may confirm",
        "ask_submit",
        says("yes", plain="好的"),
        {**asks("application_confirmed"), "is_interrupted": True},
    ),
    Case("confirms", "inform", says("yes", plain="没问题"), {**asks("application_confirmed"), "is_interrupted": True}),
    Case("only thanks for what was asked back", "withdraw", says("yes", plain="好的谢谢"), {"question": "withdraw"}),
    Case("does not confirm it", "keep", says("cancel", "return_to_bot"), {"question": "withdraw"}),
    Case("submits too early", "keep", says("submit"), asks("phone")),
    Case("no longer wants what was submitted", "withdraw", says("cancel"), {"last": "submitted"}),
    Case("wants a form", "apply_for_loan", says("wants_loan", facts=(WISH,)), asks("land_mu", QUOTA)),
    Case("asks why", "ask_why", says("why"), asks("phone")),
    Case("needs time", "wait", says("wait"), asks("existing_debt", QUOTA)),
    Case("goes on", "keep", says("not_cancel"), asks("land_mu", QUOTA)),
    Case("goes on to the consent", "keep", says("apply_for_it"), asks("application_consent")),
    Case("drops it", "cancel", says("cancel"), asks("amount")),
    Case("needs the question in another way", "go_back", says("back"), asks("amount")),
    Case("needs the question in another way", "dont_know", says("dont_know"), asks("annual_turnover", QUOTA)),
    Case("answers", "inform", tells(BARE), asks("amount"), roles=("amount",)),
    Case("answers", "inform", tells(DEBT), asks("household_income", QUOTA), roles=("existing_debt",)),
    Case(
        "answers in a longer message",
        "inform",
        tells(BARE, rest="行不行", is_question=True),
        asks("amount"),
        NOTHING,
        roles=("amount",),
    ),
    Case(
        "corrects or adds in a longer message",
        "inform",
        tells(WISH, rest="说错", is_correction=True),
        asks("purpose"),
        NOTHING,
    ),
    Case(
        "names a use in words of its own",
        "inform",
        {"plain": "抓一批猪崽"},
        asks("purpose"),
        intends("inform"),
        roles=("purpose",),
    ),
    Case(
        "names a living or a firm in words of its own",
        "inform",
        {"plain": "弹棉花"},
        asks("business"),
        intends("inform"),
        roles=("business",),
    ),
    Case(
        "names what is wrong",
        "edit",
        {"is_correction": True, "named": ("region",)},
        {**asks("application_confirmed"), "filled": ["region"]},
        NOTHING,
        {"slot": "region"},
    ),
    Case(
        "says that something is wrong", "correct_what", {"is_correction": True}, asks("application_confirmed"), NOTHING
    ),
    Case("is not understood in a form", "unclear", {}, asks("amount"), NOTHING),
    # results
    Case("agrees with the recap", "give_quota", says("yes"), {"last": "recap"}),
    Case("agrees with the recap", "give_quota", says("still_so"), {"last": "recap"}),
    Case("disagrees with the recap", "correct_what", says("no"), {"last": "recap"}),
    Case("is not understood at the recap", "change_quota", {}, {"last": "recap"}, NOTHING),
    Case("asks why the quota is so", "explain_quota", says("why_result"), {"last": "quota"}),
    Case("applies for the quota", "apply_for_loan", says("apply_for_it"), {"last": "quota"}),
    Case("changes a fact of the quota", "change_quota", tells(DEBT), {"last": "quota"}, roles=("existing_debt",)),
    Case(
        "changes a fact of the quota",
        "change_quota",
        tells(DEBT),
        {**asks("application_consent"), "last": "quota"},
        roles=("existing_debt",),
    ),
    Case("answers", "inform", tells(WISH), {**asks("application_consent"), "last": "quota"}, roles=("amount",)),
    Case("names a fact of the quota to change", "change_quota", {"edits": ("household_income",)}, {"last": "quota"}),
    Case(
        "submits again, or asks when they are called",
        "check_application_status",
        says("submit", "yes"),
        {"last": "submitted"},
    ),
    Case(
        "asks for more than the quota",
        "explain_quota",
        tells(WISH, plain="能借20万吗", is_question=True, rest="那能"),
        {"last": "quota"},
        NOTHING,
    ),
    Case(
        "changes a fact of the quota in a longer message",
        "change_quota",
        tells(DEBT, rest="忘了说"),
        {"last": "quota"},
        NOTHING,
    ),
    Case(
        "changes a submitted application",
        "correct_data",
        tells(WISH, is_correction=True, rest="把"),
        {"last": "submitted"},
        NOTHING,
    ),
    # calculation
    Case(
        "applies for what was calculated",
        "apply_for_loan",
        says("apply_for_it"),
        {"last": "calculation"},
        None,
        {"follows": "calculation"},
    ),
    Case(
        "varies the calculation",
        "calculate_repayment",
        tells(SPAN),
        {"last": "calculation"},
        roles=("calculated_term",),
    ),
    Case(
        "varies the calculation",
        "calculate_repayment",
        tells(SPAN.model_copy(update={"role": "other"}), is_question=True),
        {"last": "calculation"},
        roles=("calculated_term",),
    ),
    Case("wants a calculation", "calculate_repayment", says("calculate")),
    Case(
        "shows every payment of what was calculated",
        "show_schedule",
        says("schedule"),
        {**asks("purpose"), "last": "calculation"},
    ),
    Case(
        "calculates what repaying early saves",
        "calculate_repayment",
        tells(WISH, SPAN.model_copy(update={"role": "term"}), EXTRA, plain="第6个月提前还5万", rest="第6个月提前"),
        {},
        None,
        {"prepayment": {"month": 6, "prepaid": 50_000}},
        ("calculated_amount", "calculated_term"),
    ),
    Case(
        "asks what repaying early saves",
        "compare_prepayment",
        tells(EXTRA, plain="第6个月提前还5万", rest="第6个月提前"),
        {"last": "calculation"},
        None,
        {"month": 6, "prepaid": 50_000},
    ),
    Case(
        "asks what a loan would cost",
        "calculate_repayment",
        tells(BARE, SPAN, rest="每月还多少", is_question=True),
        {},
        intends("calculate_repayment", 0.6, RATE),
    ),
    Case(
        "varies the calculation in a longer message",
        "calculate_repayment",
        tells(SPAN, rest="那要是"),
        {"last": "calculation"},
        NOTHING,
    ),
    Case(
        "perhaps wants a calculation",
        "calculate_repayment",
        {},
        asks("purpose"),
        intends("calculate_repayment", 0.8, MAYBE.model_copy(update={"score": 0.2})),
    ),
    # starts
    Case("wants a form", "check_quota", says("wants_quota"), asks("amount")),
    Case("tells what they wish to borrow", "apply_for_loan", tells(WISH, rest="想"), {}, Evidence(matches=(RATE,))),
    Case("surely wants a form", "apply_for_loan", {}, {}, intends("apply_for_loan", 0.9, MAYBE)),
    # questions
    Case(
        "asks what an entry answers", "answer", {}, {}, Evidence(parts=(RATE,), matches=(RATE,), unsure_parts=(MAYBE,))
    ),
    Case("is not understood", "not_understood", {"plain": "12345"}, {}, Evidence(matches=(RATE,))),
    Case("asks two things", "answer", {}, {}, Evidence(parts=(RATE, PAPERS), matches=(RATE,))),
    Case(
        "asks what an entry answers",
        "answer",
        {},
        asks("amount"),
        Evidence(matches=(RATE,), intents={"complain": 0.99}),
    ),
    Case("asks what entries may answer", "suggest", {}, {}, Evidence(matches=(MAYBE,))),
    Case("asks what cannot be looked up", "not_looked_up", {}, {}, AWAY),
    Case("asks what cannot be looked up", "not_looked_up", {"is_question": True}, asks("amount"), AWAY),
    Case("is not understood in a form", "unclear", {}, asks("amount"), AWAY),
    Case("tells facts without a form", "inform", tells(DEBT, rest="嘛"), {}, NOTHING),
    Case("is not understood", "not_understood", {}, {}, NOTHING),
    Case("is not understood again", "not_understood_again", {}, {"failures": 1}, NOTHING),
    # conversation
    Case("makes small talk", "thank", says("thank"), asks("amount")),
    Case("was not understood, they say", "apologise", says("misunderstood")),
    Case(
        "wants the last answer once more",
        "answer",
        says("repeat"),
        {"last": "answer", "entry": "rate"},
        None,
        {"entry": "rate"},
    ),
    Case("wants the last answer in other words", "repeat_answer", says("rephrase"), {"entry": "rate"}),
    Case("has nothing to cancel", "nothing_to_cancel", says("cancel")),
    Case("drops what was left", "cancel", says("cancel"), {"paused": ["quota_form"]}),
    Case("needs time", "wait", says("wait")),
    Case("agrees, to nothing", "affirm", says("yes")),
    Case("denies, nothing asked", "deny", says("no")),
    Case("surely complains", "complain", {}, {}, intends("complain", SURE)),
    Case("surely wants a human", "request_human", {}, {}, intends("request_human", SURE, RATE)),
    Case(
        "asks for a human in danger",
        "danger",
        {},
        {},
        Evidence(dangers={"scam": LIKELY_DANGER}, intents={"request_human": LIKELY}, matches=(RATE,)),
        {"topic": "scam"},
    ),
    Case("perhaps steers", "ask_back", {}, asks("amount"), intends("complain", 0.8), {"act": "complain"}),
    Case("likely makes small talk", "chitchat", {}, {}, intends("chitchat")),
]


def choose(case: Case) -> Act | None:
    reading = Reading.model_validate({"text": "…", "plain": "…", **case.reading})
    return table.choose_act(reading, State.model_validate(dict(case.state)), case.evidence)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row}: {case.act}")
def test_each_row_decides_what_it_is_there_for(case: Case) -> None:
    act = choose(case)
    assert act
    assert (act.row, act.name) == (case.row, case.act)
    assert act.values.items() >= case.values.items()
    if case.roles:
        assert tuple(fact.role for fact in act.facts) == case.roles


BINDING_STATES = [
    {"question": "withdraw"},
    {"question": "cancel", "paused": ["quota_form"]},
    {"question": "request_human"},
    {"question": "erase_data"},
    {"question": "withdraw_consent"},
    asks("application_consent"),
    asks("application_confirmed"),
    {"holder": "queue"},
]


@pytest.mark.parametrize("state", BINDING_STATES, ids=str)
@pytest.mark.parametrize("act", sorted(REVERSIBLE))
def test_a_guessed_act_never_binds(act: str, state: dict[str, Any]) -> None:
    """Whatever the classifier thinks: nothing is confirmed, consented to or submitted; leaving the queue needs 0.95."""
    reading = Reading(text="…", plain="…")
    for probability in (LIKELY_ACT, 1.0):
        chosen = table.choose_act(reading, State.model_validate(state), Evidence(acts={act: probability}))
        assert chosen
        assert "is_confirmed" not in chosen.values
        assert not {"application_consent", "application_confirmed"} & chosen.values.keys()
        assert chosen.name not in ("cancel", "request_human", "complain", "cancel_call")
        assert chosen.name != "return" or probability >= SURE


ALL_ROWS = (*table.PLAIN_ROWS, *table.ROWS)


def test_rows_have_names_of_their_own() -> None:
    assert len({row.name for row in ALL_ROWS}) == len(ALL_ROWS)


@pytest.mark.parametrize("name", [row.name for row in ALL_ROWS])
def test_without_a_row_another_act_would_follow(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [case for case in CASES if case.row == name]
    assert cases
    before = [choose(case) for case in cases]
    monkeypatch.setattr(table, "PLAIN_ROWS", [row for row in table.PLAIN_ROWS if row.name != name])
    monkeypatch.setattr(table, "ROWS", [row for row in table.ROWS if row.name != name])
    after = [choose(case) for case in cases]
    assert [act and act.model_copy(update={"row": ""}) for act in before] != [
        act and act.model_copy(update={"row": ""}) for act in after
    ]


def test_a_number_that_more_is_said_of_is_not_just_given() -> None:
    act = choose(Case("", "", tells(PHONE, rest="我贷款留的手机号换了怎么办"), {"holder": "queue"}))
    assert act
    assert (act.name, act.values) == ("wait_for_agent", {})


@pytest.mark.parametrize("slot", ["quota_consent", "application_consent", "application_confirmed"])
@pytest.mark.parametrize("intent", ["affirm", "apply_for_loan", "resume_application", "inform"])
def test_no_guess_is_a_consent_or_a_submission(slot: str, intent: str) -> None:
    form = QUOTA if slot == "quota_consent" else APPLICATION
    for evidence in (NOTHING, intends(intent, 1.0), Evidence(matches=(RATE,))):
        for more in ({}, {"is_question": True}, {"facts": (BARE,)}):
            act = choose(Case("", "", {"rest": "行吧等会儿", **more}, asks(slot, form), evidence))
            assert act
            assert slot not in act.values
