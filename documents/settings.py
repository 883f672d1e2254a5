"""How many documents are taken, and what scans them: the variables XIAOHE_DOCUMENTS_… and XIAOHE_CLAMD_…"""

from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, model_validator


class DocumentsSettings(BaseModel):
    """The limits of uploads."""

    megabytes_max: int = Field(
        10, ge=1, le=50, description="Megabytes that a picture, a voice message or a file may have."
    )
    per_day: int = Field(
        50, ge=1, le=500, description="Pictures, voice messages and files that are kept of one customer in 24 hours."
    )

    @property
    def bytes_max(self) -> int:
        """The limit in bytes."""
        return self.megabytes_max * 1024**2


class ClamdSettings(BaseModel):
    """The virus scanner, switched on by its address."""

    url: str = Field(
        "",
        description="Where ClamAV's `clamd` scans uploads: `unix:///run/clamav/clamd.ctl` or `tcp://127.0.0.1:3310`. "
        "While it is away none is taken. Empty: nothing scans them.",
    )
    seconds: float = Field(5.0, gt=0, le=60, description="Seconds the virus scanner may take for a file.")

    @model_validator(mode="after")
    def require_address(self) -> Self:
        """Refuses an address that nothing could be found at."""
        parts = urlsplit(self.url)
        is_socket = parts.scheme == "unix" and parts.path
        if self.url and not is_socket and not (parts.scheme == "tcp" and parts.hostname and parts.port):
            raise ValueError("XIAOHE_CLAMD_URL looks like unix:///run/clamav/clamd.ctl or tcp://127.0.0.1:3310")
        return self
