"""Wording and code name the same things."""

import re
from typing import get_args

import httpx
import pytest
import yaml

from applications.client import ApplicationsClient
from bot.actions.application import CONSENT_VERSION
from bot.actions.clients import Clients
from bot.actions.server import list_actions
from conversations.schemas import Reason
from forms.catalogue import Form, load_catalogue
from kit.http import ServiceClient
from kit.settings import ROOT
from knowledge.client import KnowledgeClient
from scoring.client import ScoringClient

DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
CODE = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "bot" / "actions").glob("*.py"))
RULES = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "bot" / "data" / "rules").glob("*.yml"))
TEXT_LENGTH_MAX = 160
NOT_UNDERSTOOD = ("utter_default", "utter_no_answer")
HINT_UNCLEAR = {"type": "slot", "name": "hint", "value": "unclear"}
HANDING_OVER = [name for name, wordings in DOMAIN["responses"].items() if "handoff" in wordings[0].get("custom", {})]
UNREACHABLE = ServiceClient(
    "none", "http://none", deadline=1, transport=httpx.MockTransport(lambda r: httpx.Response(500))
)
CATALOGUE = load_catalogue()
ACTIONS = list_actions(
    Clients(KnowledgeClient(UNREACHABLE), ScoringClient(UNREACHABLE), ApplicationsClient(UNREACHABLE)), CATALOGUE
)
FORMS = CATALOGUE.forms.values()
# Slots beside the answers: what was finished, and why an answer could not be taken.
OTHER_SLOTS = {"quota_summary", "application_number", "hint", "hint_low", "hint_high"}


def test_the_domain_names_exactly_the_actions_there_are() -> None:
    assert ACTIONS.keys() == set(DOMAIN["actions"])


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f.id)
def test_a_form_asks_what_the_catalogue_lists(form: Form) -> None:
    assert [question.slot for question in form.questions] == DOMAIN["forms"][form.id]["required_slots"]


def test_the_catalogue_and_the_domain_name_the_same_forms_and_slots() -> None:
    assert DOMAIN["forms"].keys() == CATALOGUE.forms.keys()
    assert DOMAIN["slots"].keys() == CATALOGUE.questions.keys() | OTHER_SLOTS


def test_every_question_has_its_wording_and_its_reason_and_no_other_has() -> None:
    slots = set(CATALOGUE.questions)
    assert list_named("utter_ask_") == slots - {"application_confirmed"}  # the summary asks for it
    assert list_named("utter_why_") == slots | {"nothing"}
    assert list_named("utter_recorded_") == {form.consent for form in FORMS if form.consent}


def list_named(prefix: str) -> set[str]:
    return {name.removeprefix(prefix) for name in DOMAIN["responses"] if name.startswith(prefix)}


def test_every_wording_is_used() -> None:
    made_from_names = re.compile(r"utter_(ask|why|quota|recorded)_")
    unused = {name for name in DOMAIN["responses"] if name not in CODE + RULES and not made_from_names.match(name)}
    assert unused - {"utter_default"} == set()


def test_every_wording_the_code_uses_exists() -> None:
    used = set(re.findall(r"\butter_[a-z_]+[a-z]\b", CODE + RULES)) - {
        "utter_message",
        "utter_quota",
        "utter_recorded",
        "utter_why",
    }
    assert used <= DOMAIN["responses"].keys()


@pytest.mark.parametrize("name", DOMAIN["responses"])
def test_wording_fits_a_phone(name: str) -> None:
    for variation in DOMAIN["responses"][name]:
        assert len(variation.get("text", "")) <= TEXT_LENGTH_MAX
        assert len(variation.get("buttons", [])) <= 4
        assert all(len(button["title"]) <= 12 for button in variation.get("buttons", []))


@pytest.mark.parametrize("name", DOMAIN["responses"])
def test_exactly_what_was_not_understood_is_marked(name: str) -> None:
    for variation in DOMAIN["responses"][name]:
        is_unclear = HINT_UNCLEAR in variation.get("condition", [])
        is_understood = variation.get("custom", {}).get("understood", True)
        assert is_understood is not (is_unclear or name in NOT_UNDERSTOOD)


@pytest.mark.parametrize("name", [name for name in DOMAIN["responses"] if name.startswith("utter_ask_")])
def test_every_question_says_when_its_answer_was_not_understood(name: str) -> None:
    assert [HINT_UNCLEAR] in [wording.get("condition") for wording in DOMAIN["responses"][name]]


@pytest.mark.parametrize("name", HANDING_OVER)
def test_the_gateway_alone_tells_how_long_a_human_takes(name: str) -> None:
    (wording,) = DOMAIN["responses"][name]
    assert wording["custom"]["handoff"]["reason"] in get_args(Reason)
    assert "转" in wording["text"]
    assert not re.search(r"工作时间|工作日|\d+:\d+|排队|按顺序|马上|立即", wording["text"])
    assert "buttons" not in wording


def test_every_intent_is_answered_by_a_rule() -> None:
    answered = set(re.findall(r"- intent: (\w+)", RULES))
    assert answered == set(DOMAIN["intents"])


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f.id)
def test_a_form_takes_the_intents_that_start_it(form: Form) -> None:
    # Rasa cannot follow a rule into a form that has just refused the message: it would fall back again and again.
    started = set(re.findall(rf"- intent: (\w+)\n +- action: {form.id}\n", RULES))
    assert started == set(form.starts)


def test_the_consent_recorded_is_the_one_the_application_names() -> None:
    wordings = [DOMAIN["responses"][f"utter_recorded_{purpose}_consent"][0] for purpose in ("quota", "application")]
    assert {w["custom"]["consent"]["wording_version"] for w in wordings} == {CONSENT_VERSION}
