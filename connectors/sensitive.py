"""Sensitive topics, which go to a human from the first word: read from sensitive.yml."""

import re
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

_FILE = Path(__file__).with_name("sensitive.yml")


class Topic(BaseModel):
    """`words` are searched for in a text after `unless` is removed; `reply` is sent before a human answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    words: tuple[str, ...]
    unless: tuple[str, ...] = ()
    reply: str


@cache
def list_topics() -> tuple[Topic, ...]:
    """All topics, the most serious first."""
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(Topic(id=key, **values) for key, values in content.items())


def match_topic(text: str) -> Topic | None:
    """The first topic found in a text."""
    plain = re.sub(r"\s", "", text)
    for topic in list_topics():
        rest = re.sub("|".join(topic.unless), "，", plain) if topic.unless else plain
        if re.search("|".join(topic.words), rest):
            return topic
    return None
