"""Wording and code name the same things."""

import re
from typing import get_args

import httpx
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from applications.client import ApplicationsClient
from bot.actions.clients import Clients
from bot.actions.form_action import LED_IN
from bot.actions.server import list_actions
from bot.actions.taken import Found
from bot.actions.values import TAKE
from conversations.schemas import Reason
from forms.catalogue import Form, Kind, load_catalogue
from kit.http import ServiceClient
from kit.settings import ROOT
from knowledge.client import KnowledgeClient
from privacy.purposes import load_purposes
from products.client import ProductsClient
from quota_checks.client import QuotaChecksClient
from scoring.client import ScoringClient
from tests.bot.actions.test_values import FACTS
from tests.fakes import agree_to_all
from understanding.rows.conversation import GRAVE
from understanding.schemas import Fact
from visits.client import VisitsClient

DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
CODE = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "bot" / "actions").glob("*.py"))
RULES = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "bot" / "data" / "rules").glob("*.yml"))
TEXT_LENGTH_MAX = 160
# A form's question that was missed is marked by the form itself (bot/actions/form_action.py).
NOT_UNDERSTOOD = ("utter_default", "utter_default_again", "utter_none_of_these")
HANDING_OVER = [name for name, wordings in DOMAIN["responses"].items() if "handoff" in wordings[0].get("custom", {})]
UNREACHABLE = ServiceClient(
    "none", "http://none", deadline=1, transport=httpx.MockTransport(lambda r: httpx.Response(500))
)
CATALOGUE = load_catalogue()
ACTIONS = list_actions(
    Clients(
        KnowledgeClient(UNREACHABLE),
        ScoringClient(UNREACHABLE, agree_to_all),
        ApplicationsClient(UNREACHABLE),
        ProductsClient(UNREACHABLE),
        VisitsClient(UNREACHABLE),
        QuotaChecksClient(UNREACHABLE),
    ),
    CATALOGUE,
)
FORMS = CATALOGUE.forms.values()
# A form that another action opens, if it still needs to ask.
OPENED_BY = {
    "repayment_form": "action_calculate",
    "visit_form": "action_plan_visit",
    "quota_form": "action_start_quota",
    "completion_form": "action_complete_application",
}
# Slots beside the answers: what was finished, and how the dialogue stands.
FINISHED = {"quota_summary", "application_number", "calculation", "visit_plan", "returned_application"}
STANDING = {"hint", "hint_low", "hint_high", "misses", "more", "early", "former", "context", "picture"}
FORBIDDEN = yaml.safe_load((ROOT / "understanding" / "purposes.yml").read_text(encoding="utf-8"))["forbidden"]
# Why an answer cannot be taken as it is, and other words for the question: what each kind of question has words for.
ALWAYS = {"unclear", "simple", "estimate", "required"}
SUMS = {"range", "unit", "several"}
HINTS: dict[Kind, set[str]] = {
    "consent": {"unclear", "simple", "early"},
    "product": ALWAYS | {"not_offered"},
    "loan_amount": ALWAYS | SUMS | {"too_low", "too_high"},
    "loan_term": ALWAYS | SUMS | {"too_high"},
    "amount": ALWAYS | SUMS | {"how_much"},
    "yearly_amount": ALWAYS | SUMS | {"how_much", "loss", "period"},
    "area": ALWAYS | {"range", "how_much"},
    "years": ALWAYS | {"range", "several"},
    "yes_no": ALWAYS | {"short", "settled", "old", "unsure"},
    "purpose": ALWAYS | set(FORBIDDEN) | {"prohibited"},
    "place": ALWAYS | {"outside", "elsewhere", "vague"},
    "name": ALWAYS | {"odd"},
    "phone": ALWAYS | {"several", "landline"},
    "identity_number": ALWAYS | {"length", "check", "age"},
    "credit_code": ALWAYS | {"length", "check"},
    "livelihood": ALWAYS,
    "company": ALWAYS,
    "people": ALWAYS | {"range"},
    "possession": ALWAYS,
    "choice": ALWAYS,
    "method": ALWAYS | {"not_offered"},
    "visit_time": ALWAYS | {"choose", "not_free"},
}
# May be left open where they are asked, so no wording of theirs says that they are required (completion_form says so of
# all of its questions at once).
ASKING = [form for form in FORMS if form.id != "completion_form"]
OPTIONAL = {slot for slot in CATALOGUE.questions if all(slot in f.optional for f in ASKING if slot in f.slots)}


def test_the_domain_names_exactly_the_actions_there_are() -> None:
    assert ACTIONS.keys() == set(DOMAIN["actions"])


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f.id)
def test_a_form_asks_what_the_catalogue_lists(form: Form) -> None:
    assert [question.slot for question in form.questions] == DOMAIN["forms"][form.id]["required_slots"]


def test_the_catalogue_and_the_domain_name_the_same_forms_and_slots() -> None:
    assert DOMAIN["forms"].keys() == CATALOGUE.forms.keys()
    assert DOMAIN["slots"].keys() == CATALOGUE.questions.keys() | FINISHED | STANDING


def test_every_question_has_its_wording_and_its_reason_and_no_other_has() -> None:
    slots = set(CATALOGUE.questions)
    assert list_named("utter_ask_") == slots - {
        q.slot for q in CATALOGUE.questions.values() if q.kind == "confirmation"
    }
    assert list_named("utter_why_") == slots | {"nothing"}
    assert list_named("utter_hint_") == set(LED_IN)


def list_named(prefix: str) -> set[str]:
    return {name.removeprefix(prefix) for name in DOMAIN["responses"] if name.startswith(prefix)}


def test_every_wording_is_used() -> None:
    made_from_names = re.compile(r"utter_(ask|why|quota|recorded|hint|wanted|confirm)_")
    unused = {name for name in DOMAIN["responses"] if name not in CODE + RULES and not made_from_names.match(name)}
    assert unused == set()


def test_every_wording_the_code_uses_exists() -> None:
    used = set(re.findall(r"\butter_[a-z_]+[a-z]\b(?!_)", CODE + RULES)) - {"utter_message"}
    assert used <= DOMAIN["responses"].keys()


@pytest.mark.parametrize("grave", [*GRAVE, "withdraw", "cancel_visit"])
def test_every_act_that_is_asked_back_has_its_question(grave: str) -> None:
    (wording,) = DOMAIN["responses"][f"utter_confirm_{grave}"]
    assert grave in DOMAIN["intents"]
    assert [grave in button["payload"] for button in wording["buttons"]] == [True, False]
    assert wording["buttons"][1]["payload"] == "/keep"


@pytest.mark.parametrize("name", DOMAIN["responses"])
def test_wording_fits_a_phone(name: str) -> None:
    for variation in DOMAIN["responses"][name]:
        assert len(variation.get("text", "")) <= TEXT_LENGTH_MAX
        assert len(variation.get("buttons", [])) <= 4
        assert all(len(button["title"]) <= 12 for button in variation.get("buttons", []))


@pytest.mark.parametrize("name", DOMAIN["responses"])
def test_exactly_what_was_not_understood_is_marked(name: str) -> None:
    for variation in DOMAIN["responses"][name]:
        assert variation.get("custom", {}).get("understood", True) is (name not in NOT_UNDERSTOOD)


@pytest.mark.parametrize("slot", sorted(list_named("utter_ask_")))
def test_every_question_has_other_words_for_each_reason_to_put_it_again(slot: str) -> None:
    *reworded, usual = DOMAIN["responses"][f"utter_ask_{slot}"]
    hints = [condition for wording in reworded for condition in wording["condition"]]
    needed = HINTS[CATALOGUE.questions[slot].kind] - ({"required"} if slot in OPTIONAL else set())
    assert {hint["value"] for hint in hints} == needed
    assert {(hint["type"], hint["name"]) for hint in hints} == {("slot", "hint")}
    assert "condition" not in usual
    assert len({wording["text"] for wording in [*reworded, usual]}) == len(hints) + 1


@pytest.mark.parametrize("kind", TAKE)
@given(facts=st.lists(FACTS, min_size=1, max_size=3))
def test_there_are_words_for_whatever_cannot_be_taken(kind: Kind, facts: list[Fact]) -> None:
    taken = TAKE[kind](facts, {}, None)
    assert isinstance(taken, Found) or taken.hint in HINTS[kind]


@pytest.mark.parametrize("name", HANDING_OVER)
def test_the_gateway_alone_tells_how_long_a_human_takes(name: str) -> None:
    (wording,) = DOMAIN["responses"][name]
    assert wording["custom"]["handoff"]["reason"] in get_args(Reason)
    assert "转" in wording["text"]
    assert not re.search(r"工作时间|工作日|\d+:\d+|排队|按顺序|马上|立即", wording["text"])
    # The gateway takes a consent whoever answers; any other button would be the bot's, which has left.
    assert all(button["payload"].startswith("/agree_") for button in wording.get("buttons", ()))


def test_every_act_is_answered_by_a_rule() -> None:
    answered = set(re.findall(r"- intent: (\w+)", RULES))
    assert answered == set(DOMAIN["intents"])


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f.id)
def test_a_form_takes_the_intents_that_start_it(form: Form) -> None:
    # Rasa cannot follow a rule into a form that has just refused the message: it would fall back again and again.
    opening = OPENED_BY.get(form.id, form.id)
    started = set(re.findall(rf"- intent: (\w+)\n +- action: {opening}\n", RULES))
    assert started == set(form.starts)


def test_what_submitting_consents_to_stands_in_every_summary() -> None:
    shown = [variant["text"] for variant in DOMAIN["responses"]["utter_application_summary"]]
    assert all(load_purposes()["sharing"].wording in text for text in shown)
    (submitted,) = DOMAIN["responses"]["utter_application_submitted"]
    for purpose in ("credit_inquiry", "marketing"):
        assert load_purposes()[purpose].wording in submitted["text"]
        assert f"/agree_{purpose}" in [button["payload"] for button in submitted["buttons"]]
