"""The models that were trained with encoders tuned for the bank: each lies beside its encoder, and reads messages whose
vectors are that encoder's.
"""

import asyncio
import logging
import os
import re
from functools import cache
from pathlib import Path

from rasa.core.agent import Agent

log = logging.getLogger(__name__)

FILE = "understanding.tar.gz"
LOADED_MAX = 2
PAUSE_SECONDS = 60.0  # until one that could not be loaded is tried again
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class ModelStore:
    """Loads each model when the first message needs it; the others go on meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loading: dict[str, asyncio.Task[Agent | None]] = {}

    async def find(self, fingerprint: str, usual: Agent) -> Agent:
        """What reads vectors of this encoder; `usual` if there is no model of its own."""
        if not _FINGERPRINT.fullmatch(fingerprint):
            return usual
        if fingerprint not in self._loading:
            path = self._folder / fingerprint / FILE
            if not path.is_file():
                return usual
            self._loading[fingerprint] = asyncio.create_task(self._load(path, fingerprint))
            for old in list(self._loading)[:-LOADED_MAX]:
                del self._loading[old]
        # Shielded: a customer who does not wait any longer must not stop it for the others.
        return await asyncio.shield(self._loading[fingerprint]) or usual

    async def _load(self, path: Path, fingerprint: str) -> Agent | None:
        loop = asyncio.get_running_loop()
        try:
            agent = await loop.run_in_executor(None, Agent.load, path)
        except Exception:
            log.exception("%s cannot be loaded: messages are read without their vectors", path)
            loop.call_later(PAUSE_SECONDS, self._loading.pop, fingerprint, None)
            return None
        log.info("loaded %s", path)
        return agent


@cache
def shared_models() -> ModelStore:
    """The process's one, for the folder named by XIAOHE_TUNED_ENCODERS."""
    return ModelStore(Path(os.environ.get("XIAOHE_TUNED_ENCODERS", "var/encoders")))
