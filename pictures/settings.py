"""Settings of the process that reads pictures."""

from pydantic import Field

from kit.settings import Settings


class PicturesSettings(Settings):
    """Extends what every process shares."""

    pictures_threads: int = Field(
        1, ge=1, le=16, description="Processor cores that one reading of a picture may use; one is read at a time."
    )
