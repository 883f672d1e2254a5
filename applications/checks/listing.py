"""Lists the checks of an application: for staff with reasons, for its customer only what they can mend."""

from collections.abc import Container, Iterable, Iterator, Mapping

from applications.checks.amounts import check_amounts
from applications.checks.check import Check, CheckedApplication, Surroundings, Weight
from applications.checks.limits import load_limits
from applications.checks.numbers import check_numbers
from applications.checks.papers import check_papers
from applications.checks.purposes import check_purpose
from applications.checks.surroundings import check_surroundings
from applications.schemas import ApplicationIn, ApplicationView, MendableAnswer
from products.schemas import Product

_ORDER: tuple[Weight, ...] = ("high", "medium", "low")


def list_checks(
    application: ApplicationIn | ApplicationView, product: Product, surroundings: Surroundings, asked: Mapping[str, str]
) -> list[Check]:
    """What to look at, the gravest first; `asked` are the labels of this customer's questions, by slot."""
    case = CheckedApplication(application, product, surroundings, load_limits(surroundings.today), asked)
    rules = (check_numbers, check_papers, check_surroundings, check_purpose, check_amounts, check_missing)
    return sorted((check for rule in rules for check in rule(case)), key=lambda check: _ORDER.index(check.weight))


def check_missing(case: CheckedApplication) -> Iterator[Check]:
    """Questions without an answer; no and none are answers."""
    for slot, label in case.asked.items():
        if getattr(case.application, slot, case.application.details.get(slot)) in (None, ""):
            yield Check(
                "missing", "missing", "medium", (slot,), f"没有填{label}", is_mendable=True, ask=f"还没有填{label}。"
            )


def list_mendable(checks: Iterable[Check], asked: Container[str]) -> list[str]:
    """The slots of the answers that the customer may be asked for again, each once."""
    slots = (slot for check in checks if check.is_mendable for slot in check.slots)
    return list(dict.fromkeys(slot for slot in slots if slot in asked))


def list_questions(checks: Iterable[Check], asked: Mapping[str, str]) -> list[MendableAnswer]:
    """What the customer is asked before submitting, a question for each check, without its reason."""
    return [
        MendableAnswer(slots=slots, label=label, ask=check.ask or f"{label}好像不对，请再说一遍。")
        for check in checks
        if check.is_mendable and (slots := tuple(slot for slot in check.slots if slot in asked))
        for label in ["、".join(asked[slot] for slot in slots)]
    ]
