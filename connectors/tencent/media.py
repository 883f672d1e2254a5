"""Fetches what customers sent, which WeChat and WeCom keep for three days."""

from connectors.wording import MEDIA_GONE
from documents.content import require_size
from kit.errcodes import MEDIA_GONE_ERRCODE
from kit.errors import RequestError, ServiceUnavailable
from kit.tencent import SizeError, TencentClient, TencentError


async def fetch_media(api: TencentClient, media_id: str, bytes_max: int) -> bytes:
    """See MediaSource.fetch_media."""
    try:
        return await api.fetch_media(media_id, bytes_max)
    except SizeError:
        require_size(bytes_max + 1, bytes_max)
        raise
    except TencentError as error:
        if error.errcode == MEDIA_GONE_ERRCODE:
            raise RequestError(410, "media_gone", MEDIA_GONE) from None
        raise ServiceUnavailable(f"the platform gave no picture ({error})") from None
