"""Placeholders for personal data: what a process that need not know them, such as Rasa, gets in their place."""

import re
from collections.abc import Callable
from typing import Any

from kit.vault import Vault

_PLACEHOLDER = re.compile(r"\[\[([0-9a-z:]+:[\w=-]+)\]\]")


class Placeholders:
    """The placeholders of one conversation. Each is its text, encrypted for this conversation: nothing is stored.

    A text keeps its placeholder while this object lives.
    """

    def __init__(self, vault: Vault, conversation_id: str) -> None:
        self._vault = vault
        self._context = f"placeholder {conversation_id}"
        self._known: dict[str, str] = {}

    def hide(self, text: str) -> str:
        """The placeholder of a text, which is personal from now on; an empty one is not."""
        if text and text not in self._known:
            self._known[text] = f"[[{self._vault.encrypt(text, self._context)}]]"
        return self._known.get(text, "")

    def take_out(self, value: Any) -> Any:
        """A JSON value with placeholders wherever a known personal text stands in its strings."""
        if not self._known:
            return value
        texts = sorted(self._known, key=len, reverse=True)
        personal = re.compile("|".join(map(re.escape, texts)))
        return _map_strings(value, lambda text: personal.sub(lambda found: self._known[found[0]], text))

    def put_back(self, value: Any) -> Any:
        """A JSON value with the texts in place of their placeholders; raises VaultError for those of others."""
        return _map_strings(value, lambda text: _PLACEHOLDER.sub(self._reveal, text) if "[[" in text else text)

    def _reveal(self, placeholder: re.Match[str]) -> str:
        text = self._vault.decrypt(placeholder[1], self._context)
        self._known[text] = placeholder[0]
        return text


def _map_strings(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _map_strings(each, change) for key, each in value.items()}
    if isinstance(value, list):
        return [_map_strings(each, change) for each in value]
    return value
