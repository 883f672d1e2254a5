"""Entities that rules read better than a trained model: sums, terms, phone and id numbers."""

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.quantities import find_quantities
from kit.identity import find_id_numbers, find_phones


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class RuleEntityExtractor(EntityExtractorMixin, GraphComponent):
    """Adds `amount` (yuan), `term` (months), `phone` and `id_number`; a range is `{"low", "high"}`."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "RuleEntityExtractor":
        """Needs nothing."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entities found in each message."""
        for message in messages:
            found = list_entities(message.get(TEXT) or "")
            message.set(ENTITIES, message.get(ENTITIES, []) + self.add_extractor_name(found), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training needs no entities of ours."""
        return training_data


def list_entities(text: str) -> list[dict[str, Any]]:
    """Rasa entities in a text."""
    entities = [
        {"entity": name, "start": start, "end": end, "value": text[start:end]}
        for name, find in (("phone", find_phones), ("id_number", find_id_numbers))
        for start, end in find(text)
    ]
    for quantity in find_quantities(text):
        if quantity.kind in ("amount", "term"):
            value = quantity.low if quantity.low == quantity.high else {"low": quantity.low, "high": quantity.high}
            entities.append({"entity": quantity.kind, "start": quantity.start, "end": quantity.end, "value": value})
    return entities
