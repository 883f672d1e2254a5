"""The encoders that were tuned for the bank: each in a folder named by its fingerprint."""

import re
import shutil
from pathlib import Path

from knowledge.encoder import CachedEncoder, Encoder, load_encoder

# What is in such a folder: the encoder, the adapter that was merged into it, and Rasa's model that goes with it.
ENCODER, ADAPTER, UNDERSTANDING = "encoder", "adapter", "understanding.tar.gz"
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class TunedEncoders:
    """Those in a folder, which all processes share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def list_all(self) -> list[str]:
        """Their fingerprints, the newest first."""
        found = [path for path in self.folder.glob("*") if _FINGERPRINT.fullmatch(path.name)]
        return [path.name for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)]

    def load(self, fingerprint: str) -> Encoder:
        """One of them, within seconds; FileNotFoundError if it is not there, ValueError if it is another one."""
        if fingerprint not in self.list_all():
            raise FileNotFoundError(f"the tuned encoder {fingerprint} is not in {self.folder}")
        encoder = load_encoder(str(self.folder / fingerprint / ENCODER))
        if encoder.fingerprint != fingerprint:
            raise ValueError(f"the files of the tuned encoder {fingerprint} have changed")
        return CachedEncoder(encoder)

    def remove(self, fingerprint: str) -> None:
        """Removes one that nobody uses any more."""
        if fingerprint in self.list_all():
            shutil.rmtree(self.folder / fingerprint)
