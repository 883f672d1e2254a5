"""Topics that are a human's from the first word: read from sensitive.yml beside this file."""

import re
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

_FILE = Path(__file__).with_name("sensitive.yml")


class Topic(BaseModel):
    """`words` are found in what customers write once `unless` is taken out; `reply` is said before a human comes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    words: tuple[str, ...]
    unless: tuple[str, ...] = ()
    reply: str


@cache
def list_topics() -> tuple[Topic, ...]:
    """All topics, the gravest first."""
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(Topic(id=key, **values) for key, values in content.items())


def match_topic(text: str) -> Topic | None:
    """The first topic that a text touches."""
    plain = re.sub(r"\s", "", text)
    for topic in list_topics():
        rest = re.sub("|".join(topic.unless), "，", plain) if topic.unless else plain
        if re.search("|".join(topic.words), rest):
            return topic
    return None
