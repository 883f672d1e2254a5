"""The form catalogue: what is read from it, and that a question added to it is all that a new question takes."""

from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from applications.schemas import ApplicationIn
from bot.actions.form_filling import list_asked, take_facts
from bot.actions.values import TAKE
from desk import handoff_summary, wording
from forms.catalogue import Kind, load_catalogue
from kit.settings import ROOT
from products.catalogue import list_products
from scoring.business import BusinessFacts
from scoring.farmer import FarmerFacts
from understanding.schemas import Fact
from understanding.situation import ANSWERS

CATALOGUE = load_catalogue()
LIVESTOCK = {"label": "存栏现值", "kind": "amount", "customers": ["farmer"], "words": ["牲口", "存栏"]}


def write(path: Path, **changes: Any) -> Path:
    """A copy of the catalogue with other questions in the quota form, or others altogether."""
    content = yaml.safe_load((ROOT / "forms" / "catalogue.yml").read_text(encoding="utf-8"))
    content["questions"] |= changes.get("questions", {})
    content["forms"]["quota_form"]["questions"] += changes.get("asked", [])
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def test_a_question_in_the_catalogue_is_asked_read_and_named_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "catalogue.yml", questions={"livestock_value": LIVESTOCK}, asked=["livestock_value"])
    catalogue = load_catalogue(path)
    form = catalogue.forms["quota_form"]
    told = Fact(kind="sum", role="livestock_value", low=80_000, high=80_000)
    assert take_facts(form, {"quota_consent": True}, [told]).values == {"livestock_value": 80_000}
    asked = {
        p.name: "livestock_value" in [q.slot for q in list_asked(form, {"product": p.name})] for p in list_products()
    }
    assert asked == {"农户贷": True, "商户贷": False, "小微企业贷": False}
    assert "livestock_value" in form.list_answers({"product": "farmer_loan"})
    assert catalogue.awaits_number("livestock_value")
    for module in (handoff_summary, wording):
        monkeypatch.setattr(module, "load_catalogue", lambda: catalogue)
    slots = {"quota_consent": True, "product": "农户贷"}
    assert "存栏现值" in handoff_summary.summarise_handoff(slots, []).missing
    assert ("存栏现值", "8万元") in handoff_summary.summarise_handoff({**slots, "livestock_value": 80_000}, []).filled


def test_every_kind_takes_facts_or_is_a_yes() -> None:
    assert set(get_args(Kind)) == {*TAKE, "consent", "confirmation"}
    assert set(ANSWERS) == set(TAKE)


def test_each_kind_of_customer_has_questions_of_its_own() -> None:
    named = {kind for question in CATALOGUE.questions.values() for kind in question.customers}
    assert named == {product.kind for product in list_products()}


@pytest.mark.parametrize("product", list_products(), ids=lambda product: product.id)
def test_what_is_asked_is_what_the_services_take(product: Any) -> None:
    facts = FarmerFacts if product.kind == "farmer" else BusinessFacts
    needed = {name for name, field in facts.model_fields.items() if field.is_required()}
    assert set(CATALOGUE.forms["quota_form"].list_answers({"product": product.id})) == needed
    form = CATALOGUE.forms["application_form"]
    required = {slot for slot in form.slots if slot not in form.optional}
    stored = ApplicationIn.model_fields.keys() - {"conversation_id", "consent_version", "details"}
    assert required == stored | {"application_consent", "application_confirmed", "marital_status"}


@pytest.mark.parametrize(
    ("slot", "awaits_number"),
    [
        ("amount", True),
        ("term", True),
        ("land_mu", True),
        ("machinery_value", True),
        ("household_income", True),
        ("annual_turnover", True),
        ("years_in_business", True),
        ("existing_debt", True),
        ("phone", True),
        ("product", False),
        ("purpose", False),
        ("has_overdue", False),
        ("quota_consent", False),
        ("something_else", False),
        (None, False),
    ],
)
def test_some_questions_await_a_number(slot: str | None, awaits_number: bool) -> None:
    assert CATALOGUE.awaits_number(slot) is awaits_number


@pytest.mark.parametrize(
    "changes",
    [
        {"questions": {"herd": LIVESTOCK}},  # in no form
        {"questions": {"herd": {**LIVESTOCK, "companions": ["flock"]}}, "asked": ["herd"]},
        {"questions": {"herd": {**LIVESTOCK, "kind": "animals"}}, "asked": ["herd"]},
        {"questions": {"herd": {**LIVESTOCK, "colour": "brown"}}, "asked": ["herd"]},
        {"questions": {"herd": {"label": "同意", "kind": "consent"}}, "asked": ["herd"]},  # not the first
        {"asked": ["herd"]},
    ],
)
def test_a_catalogue_that_contradicts_itself_is_refused(changes: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises((ValueError, KeyError)):
        load_catalogue(write(tmp_path / "catalogue.yml", **changes))
