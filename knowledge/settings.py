"""What the knowledge service is set by, and what everything is that drafts answers."""

import re
from typing import Annotated, Any

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from kit.settings import ROOT, Settings

_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z0-9-]+")


class TunedSettings(Settings):
    """Where tuned encoders are."""

    tuned_encoders: str = Field(
        f"{ROOT}/var/encoders",
        description="Folder of the encoders that were tuned for the bank; knowledge, desk and Rasa processes share it.",
    )


class LinkSettings(Settings):
    """The settings of a process in which answers are drafted."""

    link_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Hosts to which answers may link, each exactly, separated by commas: "
        "`www.bank.example,m.bank.example`. Empty: no answer may have a link.",
    )

    @field_validator("link_hosts", mode="before")
    @classmethod
    def split_hosts(cls, value: Any) -> Any:
        """Takes a list written with commas."""
        return tuple(filter(None, map(str.strip, value.lower().split(",")))) if isinstance(value, str) else value

    @field_validator("link_hosts")
    @classmethod
    def require_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        """Whole names only: a pattern would let more in than was meant."""
        for host in hosts:
            if not _HOST.fullmatch(host):
                raise ValueError("a host looks like www.bank.example, without https://, port and path")
        return hosts


class KnowledgeSettings(TunedSettings, LinkSettings):
    """The settings of a knowledge process."""

    encoder: str = Field(
        f"{ROOT}/models/encoder",
        description="Sentence encoder: a folder or a model name for sentence-transformers.",
    )
    knowledge_cache: str = Field(
        f"{ROOT}/var/knowledge",
        description="Folder of what is computed from the shipped texts; made anew where it is missing.",
    )
