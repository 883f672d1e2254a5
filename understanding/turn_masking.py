"""Hides personal data in turns: numbers, secrets, and the names and places that customers give."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from conversations.schemas import MessageView
from conversations.turn_view import TurnView
from forms.catalogue import load_catalogue
from kit.masking import mask_personal_data
from understanding.choice import read_choice
from understanding.facts import find_facts
from understanding.leaked_secrets import mask_secrets
from understanding.name_forms import split_surname
from understanding.names import find_name, list_introduced
from understanding.normalise import simplify
from understanding.places import find_place

HIDDEN = "***"
_CLAUSE = re.compile("[^,，。;；!！?？\\n]+")
_ADDRESSED = re.compile("([\\u4e00-\\u9fff]{2,3}?)(?:女士|先生|小姐|大姐|大哥|师傅|阿姨|大爷|大妈)")
_PRIVATE_KINDS = ("name", "place", "phone")


def find_private(turns: Iterable[TurnView]) -> frozenset[str]:
    """Names and places that customers gave in these turns, as they wrote them."""
    return frozenset(words for turn in turns for words in _list_private(turn) if len(words) > 1)


def list_private_words(text: str) -> list[str]:
    """Names and places in any text, also in questions and in what staff write to a customer."""
    clauses = [clause[0] for clause in _CLAUSE.finditer(text)]
    places = [clause[place.start : place.end] for clause in clauses if (place := find_place(simplify(clause)))]
    addressed = [name for name in _ADDRESSED.findall(text) if split_surname(name)[0]]
    return [*list_introduced(text), *places, *addressed]


def mask_text(text: str, private: Iterable[str] = ()) -> str:
    """The text without what is private, secrets, numbers of persons, and what follows a label such as 姓名."""
    for words in sorted(private, key=len, reverse=True):
        text = text.replace(words, HIDDEN)
    return _compile_labels().sub(rf"\1{HIDDEN}", mask_personal_data(mask_secrets(text)[0]))


def mask_turn(turn: TurnView, private: Iterable[str]) -> TurnView:
    """The turn with its text masked and on one line."""
    return turn.model_copy(update={"text": " ".join(mask_text(turn.text, private).split())})


def mask_replies(replies: Sequence[MessageView], private: Iterable[str]) -> list[MessageView]:
    """The replies with their texts masked, without cards: the texts say the same."""
    return [
        reply.model_copy(update={"text": mask_text(reply.text, private), "card": None, "progress": None})
        for reply in replies
    ]


def _list_private(turn: TurnView) -> list[str]:
    if turn.is_pressed:
        return []
    choice, plain = read_choice(turn), simplify(turn.text)  # one character for one
    asked = load_catalogue().questions.get(choice.asked)
    kind = asked.kind if asked else None
    found = [span for span in (find_name(turn.text, kind == "name"), find_place(plain)) if span]
    if not found and choice.act == "inform" and kind in _PRIVATE_KINDS and not find_facts(plain):
        return [turn.text.strip()]
    return [*list_private_words(turn.text), *(turn.text[span.start : span.end] for span in found)]


@cache
def _compile_labels() -> re.Pattern[str]:
    """A label and its answer, as replies repeat them: 金额8万元，姓名王秀英。 But no sentence: 姓名是必填的."""
    labels = "|".join(re.escape(q.label) for q in load_catalogue().questions.values() if q.kind in _PRIVATE_KINDS)
    answer = r"(?![是写要不没只等怎错])[^\s,，。;；、？?]{2,20}(?=[\s,，。;；]|$)"
    return re.compile(rf"((?:(?<=[:：,，\n])|^)(?:{labels})[:：]? ?){answer}", re.MULTILINE)
