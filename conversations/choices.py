"""The choices shown to a customer: which stay usable, and which one a typed text means."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Protocol, TypeVar

# Intents that start or ask something, and are as good a week later. What consents, submits or answers a question is
# meant for the moment it was shown.
LASTING_INTENTS = frozenset(
    (
        "check_quota",
        "apply_for_loan",
        "request_human",
        "request_review",
        "ask_question",
        "check_application_status",
        "complete_application",
        "appeal",
        "show_process",
        "calculate_repayment",
        "book_visit",
        "my_loans",
        "repay_loan",
    )
)
# Stands for the words of its title, as if they were typed.
WORDS = "/words"
# They ask first, or only tell; the button that confirms has another payload.
LASTING_PAYLOADS = frozenset(
    {WORDS, "/withdraw", "/erase_data", "/show_data", "/withdraw_consent", "/move_visit", "/cancel_visit", "/delegate"}
    | {"/draw_loan", "/renew_loan", "/review_loan"}
)
# They carry the question they answer and the version of what was shown: the bot itself sees when they are too late.
ANSWERING_INTENTS = frozenset(("affirm", "deny"))
# Which application an act is about does not change what it does.
_NUMBERED = re.compile(r'\{"number": "[A-Z0-9-]+"\}$')
_INTENT = re.compile(r"/([a-z_]+)")
_NUMBER = re.compile(r"(?:我?选)?第?(?P<number>[0-9]{1,2}|[一二三四五六七八九十])(?:个|号|项)?")
_CHINESE = {character: value for value, character in enumerate("一二三四五六七八九十", start=1)}
_EDGES = "(（【[ \t\r\n.。、,，!！?？)）】]「」"


class Choice(Protocol):
    """A choice shown to the customer: its title, and a number unless the question itself asks for one."""

    @property
    def title(self) -> str: ...

    @property
    def number(self) -> int | None: ...


AnyChoice = TypeVar("AnyChoice", bound=Choice)


def is_lasting(payload: str) -> bool:
    """Whether a button stays usable after others were shown."""
    return _NUMBERED.sub("", payload) in LASTING_PAYLOADS or _find_intent(payload) in LASTING_INTENTS


def is_answer(payload: str) -> bool:
    """Whether a button agrees or disagrees; its words alone might confirm something newer than it stood under."""
    return _find_intent(payload) in ANSWERING_INTENTS


def match_choice(text: str, choices: Sequence[AnyChoice]) -> AnyChoice | None:
    """The choice with that title, or else with that number; None when the text is neither."""
    said = unicodedata.normalize("NFKC", text).strip(_EDGES)
    for choice in choices:
        if said == unicodedata.normalize("NFKC", choice.title).strip(_EDGES):
            return choice
    found = _NUMBER.fullmatch(said)
    if found is None:
        return None
    number = _CHINESE.get(found["number"]) or int(found["number"])
    return next((choice for choice in choices if choice.number == number), None)


def _find_intent(payload: str) -> str:
    found = _INTENT.match(payload)
    return found[1] if found else ""
