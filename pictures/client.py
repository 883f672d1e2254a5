"""Client of the process that reads pictures."""

from kit.http import ServiceClient
from pictures.schemas import MediaType, PictureReading


class PicturesClient:
    """Raises kit.errors.ServiceUnavailable (away, or too busy: ask again later) or ServiceRefused (no such picture)."""

    def __init__(self, http: ServiceClient) -> None:
        self._http = http

    async def read(self, content: bytes, media_type: MediaType) -> PictureReading:
        """What a picture says. Nothing is stored, so asking again changes nothing."""
        return await self._http.post_bytes("/v1/readings", content, media_type, PictureReading)
