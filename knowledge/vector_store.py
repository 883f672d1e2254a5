"""Vectors of texts: encoded once, kept in the database by the encoder and the text."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.exc import IntegrityError

from kit.database import Database
from kit.security import hash_token
from knowledge import repository
from knowledge.encoder import Encoder

log = logging.getLogger(__name__)

Vector = NDArray[np.float32]
Vectors = dict[str, Vector]


class VectorStore:
    """Encodes in the threads of `executor`. `taught` are vectors that are at hand without the database.

    What was kept last is at hand too: after a change of a few entries only what is new is read and written.
    """

    def __init__(self, database: Database, encoder: Encoder, executor: Executor) -> None:
        self._database = database
        self._encoder = encoder
        self._executor = executor
        self.taught: Mapping[str, Vector] = {}
        self._kept: Vectors | None = None

    @property
    def fingerprint(self) -> str:
        """The encoder's."""
        return self._encoder.fingerprint

    async def encode(self, texts: Sequence[str]) -> Vector:
        """Vectors of texts, shape (n, dimension)."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, self._encoder.encode, texts)

    async def provide(self, texts: Sequence[str]) -> Vectors:
        """The vectors of texts; only those are encoded that are not kept."""
        at_hand = [*([self._kept] if self._kept else []), self.taught]
        vectors = {text: known[text] for known in at_hand for text in texts if text in known}
        keys = self._name([text for text in texts if text not in vectors])
        async with self._database.reading() as session:
            kept = await repository.find_vectors(session, self._encoder.fingerprint, list(keys.values()))
        vectors |= {text: np.frombuffer(kept[key], dtype="<f4") for text, key in keys.items() if key in kept}
        missing = [text for text in keys if text not in vectors]
        if missing:
            log.info("encoding %d of %d texts", len(missing), len(texts))
            vectors |= dict(zip(missing, await self.encode(missing), strict=True))
        return vectors

    async def keep(self, vectors: Mapping[str, Vector]) -> None:
        """Keeps exactly these in the database, but for the taught ones."""
        own = {text: vector for text, vector in vectors.items() if text not in self.taught}
        kept, self._kept = self._kept, None
        try:
            async with self._database.transaction() as session:
                if kept is None:
                    await repository.keep_vectors(session, self._encoder.fingerprint, self._pack(own))
                else:
                    gone = self._name([text for text in kept if text not in own])
                    new = {text: vector for text, vector in own.items() if text not in kept}
                    await repository.change_vectors(
                        session, self._encoder.fingerprint, sorted(gone.values()), self._pack(new)
                    )
        except IntegrityError:  # another process stores the same vectors: the next time all are compared
            return
        self._kept = own

    def _pack(self, vectors: Vectors) -> dict[str, bytes]:
        return {key: vectors[text].astype("<f4").tobytes() for text, key in self._name(list(vectors)).items()}

    def _name(self, texts: Sequence[str]) -> dict[str, str]:
        return {text: hash_token(f"{self._encoder.fingerprint}\n{text}") for text in texts}
