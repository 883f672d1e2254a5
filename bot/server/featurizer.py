"""Gives every message the knowledge service's sentence vector as a dense feature."""

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.server.vectors import shared_source

FILE = "encoder.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceVectorFeaturizer(DenseFeaturizer, GraphComponent):
    """Centres the vectors, so that a message without one (zeros) says nothing for or against an intent.

    Sentence encoders put all texts into a narrow cone. Centred on the training texts and scaled to the same length,
    the vector of each message weighs as much as its n-grams.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`scale`: the length of the vector; that of the n-grams is 1."""
        return {**DenseFeaturizer.get_default_config(), "scale": 1.0}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        encoder: dict[str, np.ndarray] | None = None,
    ) -> None:
        super().__init__(resource.name, config)
        self._storage = model_storage
        self._resource = resource
        self._mean = encoder["mean"] if encoder else None
        self._fingerprint = str(encoder["fingerprint"]) if encoder else ""
        self._scale = float(config["scale"])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceVectorFeaturizer":
        """A featurizer before training."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "SentenceVectorFeaturizer":
        """A trained featurizer."""
        with model_storage.read_from(resource) as directory, np.load(directory / FILE) as arrays:
            return cls(config, model_storage, resource, dict(arrays))

    def train(self, training_data: TrainingData) -> Resource:
        """Computes the mean of the training texts' vectors, and notes whose they are."""
        texts = [m.get(TEXT) for m in training_data.training_examples if m.get(TEXT)]
        self._mean = shared_source().encode(texts).mean(axis=0)
        self._fingerprint = shared_source().fingerprint
        with self._storage.write_to(self._resource) as directory:
            np.savez(directory / FILE, mean=self._mean, fingerprint=self._fingerprint)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Features of the training texts, encoded in batches."""
        messages = [m for m in training_data.training_examples if m.get(TEXT)]
        matrix = shared_source().encode([m.get(TEXT) for m in messages])
        for message, vector in zip(messages, matrix, strict=True):
            self._set_features(message, vector)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Features of customers' messages; zeros without a vector of the encoder that was trained with."""
        for message in messages:
            text = message.get(TEXT)
            if text:
                self._set_features(message, shared_source().find(text, self._fingerprint))
        return messages

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """The encoder's fingerprint: with another encoder the model is trained again."""
        source = shared_source()
        source.encode([""])
        return source.fingerprint

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check beyond the types."""

    def _set_features(self, message: Message, vector: np.ndarray | None) -> None:
        assert self._mean is not None, "trained or loaded before use"  # noqa: S101 (Rasa's life cycle)
        centred = np.zeros_like(self._mean) if vector is None else vector - self._mean
        length = float(np.linalg.norm(centred)) or 1.0
        features = Features(
            (centred * (self._scale / length)).astype(np.float32).reshape(1, -1),
            FEATURE_TYPE_SENTENCE,
            TEXT,
            self._identifier,
        )
        message.add_features(features)
