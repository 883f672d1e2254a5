"""What the rules look at: an open application or loan, and what its customer said elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

CaseKind = Literal["application", "loan"]


class Told(NamedTuple):
    """What somebody told the bank at one time; `source` is where: 申请QH1, 测额度.

    `facts` by slot, each in the unit of its question (forms/catalogue.yml): numbers, and `has_overdue`. `is_open`: it
    is an application under way.
    """

    id: str
    source: str
    at: datetime
    facts: Mapping[str, float]
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One open application or loan; `told` is what was said when it was applied for.

    `keys` are hashes that the same person's other cases have too. `others`: what the same person said elsewhere, newest
    first. `stage` and `alerts` (since `changed_at`) are an application's, `due_on` (its last day) and `title` (whose
    it is) are a loan's.
    `last_contact_at`: when the customer or staff last wrote, called, met or moved it.
    """

    kind: CaseKind
    id: str
    number: str
    conversation_id: str
    staff_id: str | None
    told: Told
    keys: tuple[str, ...]
    changed_at: datetime
    last_contact_at: datetime
    stage: str = ""
    alerts: int = 0
    due_on: date | None = None
    title: str = ""
    others: tuple[Told, ...] = ()
