"""Sentence vectors from the knowledge service, cached by encoder and text."""

import base64
import logging
import os
import time
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache

import numpy as np
import requests

log = logging.getLogger(__name__)

REQUEST_SECONDS = 1.0
TRAINING_REQUEST_SECONDS = 60.0
PAUSE_SECONDS = 1.0  # without requests after a failure: a service that is down must not slow every turn
CACHE_SIZE = 20_000  # holds all training texts, 30 MB
BATCH_SIZE = 128


class VectorSource:
    """Fetches vectors from the knowledge service and caches them. One for the whole process: see `shared_source`."""

    def __init__(self, url: str, token: str = "") -> None:
        self._url = url + "/v1/vectors"
        self._known: OrderedDict[tuple[str, str], np.ndarray] = OrderedDict()
        self._paused_until = 0.0
        self._requests = requests.Session()
        self._requests.trust_env = False
        self._requests.headers["Authorization"] = f"Bearer {token}"
        self.fingerprint = ""

    def remember(self, text: str, packed: bytes, fingerprint: str) -> None:
        """Keeps a vector that the gateway had already: little-endian float32, of the encoder with this fingerprint."""
        self._keep([text], np.frombuffer(packed, dtype="<f4").reshape(1, -1), fingerprint)

    def find(self, text: str, fingerprint: str) -> np.ndarray | None:
        """A message's vector by an encoder, fetched unless it is remembered.

        None while the service is down or has another encoder: vectors of two encoders have nothing in common.
        """
        is_other = self.fingerprint not in ("", fingerprint)
        if (fingerprint, text) not in self._known and not is_other and not self._is_paused():
            try:
                self._fetch([text], REQUEST_SECONDS)
            except (requests.RequestException, ValueError, KeyError) as error:
                self._pause(error)
        return self._known.get((fingerprint, text))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of training texts, shape (n, dimension); raises when the service does not answer."""
        missing = [text for text in dict.fromkeys(texts) if (self.fingerprint, text) not in self._known]
        for start in range(0, len(missing), BATCH_SIZE):
            self._fetch(missing[start : start + BATCH_SIZE], TRAINING_REQUEST_SECONDS)
        return np.vstack([self._known[self.fingerprint, text] for text in texts])

    def _fetch(self, texts: list[str], seconds: float) -> None:
        response = self._requests.post(self._url, json={"texts": texts}, timeout=seconds)
        response.raise_for_status()
        answer = response.json()
        matrix = np.frombuffer(base64.b64decode(answer["vectors"]), dtype="<f4").reshape(len(texts), -1)
        self._keep(texts, matrix, answer["fingerprint"])

    def _keep(self, texts: list[str], matrix: np.ndarray, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        for text, vector in zip(texts, matrix, strict=True):
            self._known[fingerprint, text] = vector
        while len(self._known) > CACHE_SIZE:
            self._known.popitem(last=False)

    def _is_paused(self) -> bool:
        return time.monotonic() < self._paused_until

    def _pause(self, error: Exception) -> None:
        self._paused_until = time.monotonic() + PAUSE_SECONDS
        log.warning("no sentence vectors (%s): understanding from character n-grams alone", type(error).__name__)


@cache
def shared_source() -> VectorSource:
    """The process's one source, for the service named by XIAOHE_KNOWLEDGE_URL."""
    url = os.environ.get("XIAOHE_KNOWLEDGE_URL", "http://127.0.0.1:8010")
    return VectorSource(url, os.environ.get("XIAOHE_KNOWLEDGE_TOKEN", ""))
