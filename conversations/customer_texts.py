"""Texts that the bank may put into words of its own: what they say by default, and how they are said to a customer.

Each process keeps the bank's own words, and replaces them as the record has them (conversations/text_record.py).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from conversations.english import to_english, to_english_reply
from conversations.schemas import Reply, Value
from kit.text import clean_text
from revisions.schemas import Content

_FILE = Path(__file__).with_name("customer_texts.yml")
_PLACE = re.compile(r"{([^{}]*)}")
_HAN = re.compile(r"[\u3400-\u9fff]")
TEXT_MAX = 200
FIELD_NAMES = {"text": "中文", "english": "英文"}
# The words that replace each other, each from a day on, by the text's key.
OwnWords = Mapping[str, Sequence[tuple[date, Content]]]


class CustomerText(Value):
    """A text: what staff call it, when it is said, and its default words."""

    name: str
    when: str
    text: str

    @property
    def places(self) -> frozenset[str]:
        """The names in braces, for which values stand when it is said."""
        return frozenset(_PLACE.findall(self.text))


@cache
def load_texts() -> Mapping[str, CustomerText]:
    """All of them by their keys; raises pydantic.ValidationError for a wrong file."""
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {key: CustomerText.model_validate(each) for key, each in content.items()}


class _Kept:
    own: OwnWords = MappingProxyType({})


def get_own_words() -> OwnWords:
    """The bank's own words in this process now."""
    return _Kept.own


def replace_own_words(own: OwnWords) -> None:
    """What this process goes by from now on."""
    _Kept.own = own


def make_reply(key: str, values: Mapping[str, str] | None = None, **shown: Any) -> Reply:
    """A reply that says a text in its default words; `shown` are its other fields."""
    values = values or {}
    return Reply(text=_fill(load_texts()[key].text, values), text_key=key, text_values=dict(values), **shown)


def put_to_customer(reply: Reply, language: str | None, day: date) -> Reply:
    """A reply in the bank's own words for that day, where it has some, and in the customer's language.

    Without own words in English an English customer hears the default ones. An agent's words stay as they are.
    """
    begun = [words for since, words in _Kept.own.get(reply.text_key or "", ()) if since <= day]
    own = begun[-1] if begun else {"text": "", "english": ""}
    if language == "en":
        if own["english"]:
            reply = to_english_reply(reply)
            values = {place: to_english(value) for place, value in reply.text_values.items()}
            return reply.model_copy(update={"text": _fill(own["english"], values)})
        return reply if reply.author == "agent" else to_english_reply(reply)
    return reply.model_copy(update={"text": _fill(own["text"], reply.text_values)}) if own["text"] else reply


def complete_words(key: str, content: Mapping[str, Any]) -> tuple[Content, dict[str, str]]:
    """Own words as they are kept, and what is wrong with them by field. Those in English may be empty."""
    words = {field: clean_text(str(content.get(field) or "")) for field in FIELD_NAMES}
    found = {field: _find_problem(text, load_texts()[key].places) for field, text in words.items()}
    problems = {field: problem for field, problem in found.items() if problem and (words[field] or field == "text")}
    if _HAN.search(_PLACE.sub("", words["english"])):
        problems["english"] = "英文里不要写中文"
    return words, problems


def _find_problem(text: str, places: frozenset[str]) -> str | None:
    if not 1 <= len(text) <= TEXT_MAX:
        return f"请填写，最多{TEXT_MAX}字"
    if "://" in text:
        return "这里不能放链接"
    written = _PLACE.findall(text)
    if missing := sorted(places - set(written)):
        return f"少了{_name_all(missing)}，客户要听到它"
    if unknown := sorted(set(written) - places):
        return f"没有{_name_all(unknown)}，{f'只能用{_name_all(sorted(places))}' if places else '这里不用大括号'}"
    if re.search("[{}]", _PLACE.sub("", text)):
        return "大括号要成对"
    return None


def _name_all(places: Sequence[str]) -> str:
    return "、".join(f"{{{place}}}" for place in places)


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), text)
