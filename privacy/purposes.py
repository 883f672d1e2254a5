"""What customers agree to, each separately: reads purposes.yml beside this file, and says which act needs which."""

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

_FILE = Path(__file__).with_name("purposes.yml")

# What nobody does without consent: asking for, submitting, scoring, asking the credit bureau, sending promotions.
Need = Literal["ask_quota", "score", "ask_application", "submit", "query_credit", "promote"]
MARKETING = "marketing"
CREDIT_INQUIRY = "credit_inquiry"
SHARING = "sharing"
APPLICATION = "application"
QUOTA = "quota"
CALLBACK = "callback"
NOTICE = "notice"
_NOTICE_NAME = "隐私说明"


class Purpose(BaseModel):
    """One purpose; purposes.yml says what its fields are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    version: str
    use: str
    withdrawn: str
    needed_for: tuple[Need, ...] = ()
    wording: str = ""


@cache
def load_purposes() -> dict[str, Purpose]:
    """All purposes by id; raises pydantic.ValidationError for a wrong file."""
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {purpose: Purpose(id=purpose, **values) for purpose, values in content.items()}


def list_missing(need: Need, given: Collection[str]) -> list[str]:
    """The purposes that still have to be agreed to before an act, of those `given`."""
    return [each.id for each in load_purposes().values() if need in each.needed_for and each.id not in given]


def name_purpose(purpose: str) -> str:
    """What a purpose of a ledger record is called."""
    if purpose == NOTICE:
        return _NOTICE_NAME
    known = load_purposes().get(purpose)
    return known.name if known else purpose
