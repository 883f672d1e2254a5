"""Responses in the language of the dialogue: domain.yml's, or their English texts from bot/data/english.yml."""

import copy
from pathlib import Path
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.io import read_yaml_file
from rasa.utils.endpoints import EndpointConfig

from bot.server.dialogue_state import read_language

_FILE = Path(__file__).parents[1] / "data" / "english.yml"


class ResponseComposer(TemplatedNaturalLanguageGenerator):
    """Rasa's own generator, whose choice is then put into English where the dialogue is in English."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        super().__init__(domain.responses)
        self._english = read_yaml_file(_FILE)

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """As the parent."""
        if read_language(tracker) != "en":
            return await super().generate(utter_action, tracker, output_channel, **kwargs)
        slots = tracker.current_slot_values()
        chosen = self._random_response_for(utter_action, output_channel, slots)
        return self._fill_response(translate(utter_action, chosen, self._english), slots, **kwargs) if chosen else None


def translate(name: str, response: dict[str, Any], english: dict[str, Any]) -> dict[str, Any]:
    """A copy of one wording of a response with English text and titles; what has none stays Chinese."""
    translated = copy.deepcopy(response)
    if "text" in response:
        hint = response["condition"][0]["value"] if response.get("condition") else "usual"
        texts = english["texts"].get(name, {})
        translated["text"] = texts if isinstance(texts, str) else texts.get(hint, response["text"])
    for button in translated.get("buttons", []):
        button["title"] = english["titles"].get(button["title"], button["title"])
    return translated
