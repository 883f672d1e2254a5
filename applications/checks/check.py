"""A check, and all that one looks at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Literal, NamedTuple

from applications.checks.limits import Limits
from applications.schemas import ApplicationIn, ApplicationView
from documents.schemas import DocumentKind, ReadPaper, Value
from kit.identity_numbers import IdentityNumber, read_identity_number
from products.schemas import Product

Severity = Literal["missing", "contradiction", "suspicion"]
Weight = Literal["low", "medium", "high"]


class Check(NamedTuple):
    """One thing to look at, for staff: the slots it is about, and why, with the numbers.

    `is_mendable`: the customer may be told which answer to give again, without the reason; `ask` are the words for it,
    where naming the answer alone would not say what is meant.
    """

    code: str
    severity: Severity
    weight: Weight
    slots: tuple[str, ...]
    reason: str
    is_mendable: bool = False
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around an application.

    `same_phone`, `same_identity`: other open applications with them; `recent`: all that the customer submitted in the
    last 30 days; `places`: the towns where the bank lends, none if they are not known; `county_code`: the first six
    digits of the identity numbers of their people, empty if not known; `papers`: what was read of its pictures, oldest
    first; `same_pictures`: numbers of other customers' applications that have one of the same pictures.
    """

    today: date
    same_phone: int = 0
    same_identity: int = 0
    recent: int = 0
    is_phone_blocked: bool = False
    is_identity_blocked: bool = False
    places: tuple[str, ...] = ()
    county_code: str = ""
    papers: tuple[ReadPaper, ...] = ()
    same_pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedApplication:
    """An application with all that it is checked against; `asked` are the labels of the questions, by slot."""

    application: ApplicationIn | ApplicationView
    product: Product
    surroundings: Surroundings
    limits: Limits
    asked: Mapping[str, str]

    def read_number(self, slot: str) -> float | None:
        """A further answer that is a number; None if it was not given, or can be none."""
        value = self.application.details.get(slot)
        if not isinstance(value, int | float) or isinstance(value, bool):
            return None
        return value if isfinite(value) and value >= 0 else None

    def read_text(self, slot: str) -> str:
        """A further answer in words; empty if it was not given."""
        value = self.application.details.get(slot)
        return value.strip() if isinstance(value, str) else ""

    def list_fields(self, kind: DocumentKind) -> list[Mapping[str, Value]]:
        """What was read of each picture of a kind of paper."""
        return [paper.fields for paper in self.surroundings.papers if paper.kind == kind]

    def read_identity(self) -> IdentityNumber | None:
        """What the identity number tells; None without a right one."""
        return read_identity_number(self.read_text("id_number"))
