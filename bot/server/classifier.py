"""Guesses the intent of a message, with calibrated probabilities, from character n-grams and the sentence vector."""

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.svm import LinearSVC

FILE = "weights.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """A linear support vector machine for each intent; the softmax of their margins gives the probabilities.

    The n-grams are weighed by tf-idf. Every example is learnt a second time without its vector, so that messages are
    understood nearly as well while the knowledge service is away.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """The n-grams' counts and the sentence vector come first."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C`: how closely the examples are fitted; `weight_without_vector`: of the second learning.

        `temperature` divides the margins: measured by dev/nlu_report.py so that of the guesses with probability p a
        share of p is right.
        """
        return {"C": 1.0, "weight_without_vector": 0.3, "temperature": 0.2}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        weights: dict[str, np.ndarray] | None = None,
    ) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._weights = weights

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LinearIntentClassifier":
        """A classifier before training."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LinearIntentClassifier":
        """A trained classifier."""
        with model_storage.read_from(resource) as directory, np.load(directory / FILE) as arrays:
            return cls(config, model_storage, resource, dict(arrays))

    def train(self, training_data: TrainingData) -> Resource:
        """Learns the weights of all n-grams and vector dimensions for each intent."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        counts = vstack([_find_counts(m) for m in examples]).tocsr()
        vectors = csr_matrix(np.vstack([_find_vector(m) for m in examples]))
        tfidf = TfidfTransformer(sublinear_tf=True)
        ngrams = tfidf.fit_transform(counts)
        features = vstack([hstack([ngrams, vectors]), hstack([ngrams, csr_matrix(vectors.shape)])]).tocsr()
        intents = [m.get(INTENT) for m in examples]
        svm = LinearSVC(C=self._config["C"], random_state=0)
        svm.fit(features, intents * 2, np.repeat([1.0, self._config["weight_without_vector"]], len(examples)))
        size = counts.shape[1]
        self._weights = {
            "intents": np.array(svm.classes_, dtype=str),
            "idf": tfidf.idf_.astype(np.float32),
            "ngrams": svm.coef_[:, :size].T.astype(np.float32),
            "vector": svm.coef_[:, size:].T.astype(np.float32),
            "bias": svm.intercept_.astype(np.float32),
        }
        with self._storage.write_to(self._resource) as directory:
            np.savez(directory / FILE, **self._weights)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves the training data as they are."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the likeliest intent and the probabilities of all."""
        for message in messages:
            if message.get(TEXT):
                probabilities = self._find_probabilities(message)
                ranking = [
                    {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: float(probability)}
                    for probability, name in sorted(zip(*probabilities, strict=True), reverse=True)
                ]
                message.set(INTENT, ranking[0], add_to_output=True)
                message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check beyond the types."""

    def _find_probabilities(self, message: Message) -> tuple[np.ndarray, list[str]]:
        assert self._weights is not None, "trained or loaded before use"  # noqa: S101 (Rasa's life cycle)
        weights = self._weights
        margins = weights["bias"] + _find_vector(message)[0] @ weights["vector"]
        counts = _find_counts(message)
        if counts.nnz:
            # Only the rows of the message's own n-grams: as scikit-learn computes it, but without its copies.
            values = (1 + np.log(counts.data)) * weights["idf"][counts.indices]
            margins = margins + (values / np.linalg.norm(values)) @ weights["ngrams"][counts.indices]
        scaled = margins / self._config["temperature"]
        likelihoods = np.exp(scaled - scaled.max())
        return likelihoods / likelihoods.sum(), weights["intents"].tolist()


def _find_counts(message: Message) -> csr_matrix:
    # The second of each kind are the features of the whole sentence.
    return csr_matrix(message.get_sparse_features(TEXT)[1].features, dtype=np.float64)


def _find_vector(message: Message) -> np.ndarray:
    return np.asarray(message.get_dense_features(TEXT)[1].features)
