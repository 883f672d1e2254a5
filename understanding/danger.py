"""Dangers a customer is in or tells of, by their phrases: read from danger.yml."""

import re
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from understanding.bars import LIKELY_DANGER

_FILE = Path(__file__).with_name("danger.yml")


class Topic(BaseModel):
    """`words` are searched for in a text after `unless` is removed. `reply` is the first aid.

    `hands_over`: an agent takes over at once. `likely_from`: the probability from which first aid is given. `note` is
    said beside an answer to what only sounds like it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    words: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    reply: str
    hands_over: bool = True
    likely_from: float = LIKELY_DANGER
    note: str = "要是被骗、被盗刷或有人威胁您，请先打110，再打400-000-0000；也可以转人工。"


@cache
def load_topics() -> dict[str, Topic]:
    """All topics by id, the most serious first."""
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {key: Topic(id=key, **values) for key, values in content.items()}


def find_danger(plain: str) -> str:
    """The first topic that a normalised text names; "" for none."""
    text = re.sub(r"\s", "", plain)
    for topic_id, (words, unless) in _compile().items():
        if words.search(unless.sub("，", text) if unless else text):
            return topic_id
    return ""


@cache
def _compile() -> dict[str, tuple[re.Pattern[str], re.Pattern[str] | None]]:
    return {
        topic.id: (re.compile("|".join(topic.words)), re.compile("|".join(topic.unless)) if topic.unless else None)
        for topic in load_topics().values()
        if topic.words
    }
