"""Telegram's Bot API: one client with time-outs, whose failures never show the token that every URL carries."""

import asyncio
import logging
import os
from collections.abc import Awaitable
from typing import Any

from pydantic import BaseModel, Field, ValidationError
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from connectors.telegram.render import Part
from connectors.telegram.settings import TelegramSettings
from documents.schemas import Document
from kit.errcodes import SETTINGS_RETRY_SECONDS
from kit.http import make_ssl_context
from kit.outbox import SendError

log = logging.getLogger(__name__)

ALLOWED_UPDATES = ("message", "callback_query")
CALL_SECONDS, PICTURE_SECONDS = 10.0, 14.0  # the deliverer waits 15 s
UNCONFIRMED = "Telegram没有确认，消息可能已送达"

Bot = ExtBot[int]


class _Parameters(BaseModel):
    retry_after: int | None = Field(None, ge=0, le=7 * 24 * 3600)
    migrate_to_chat_id: int | None = None


class _Answer(BaseModel):
    ok: bool
    result: Any = None
    description: str = ""
    parameters: _Parameters | None = None


class _Request(HTTPXRequest):
    """An HTTP request that lets nothing but answers of the Bot API through.

    python-telegram-bot logs and raises other content as it is, and a proxy's error page repeats the URL it could not
    reach, token and all.
    """

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        status, payload = await super().do_request(*args, **kwargs)
        try:
            answer = _Answer.model_validate_json(payload)
        except ValidationError:
            raise NetworkError(f"no answer of the Bot API, status {status}") from None
        if answer.ok != (200 <= status < 300):
            raise NetworkError(f"a contradictory answer, status {status}")
        return status, payload


def create_bot(settings: TelegramSettings) -> Bot:
    """The bot, not connected yet; whoever creates it closes `bot.request`.

    Never call `initialize`: it asks Telegram who we are, and puts the token into the exception when that fails.
    """
    # Without it python-telegram-bot 22 warns of its own reading of RetryAfter.retry_after.
    os.environ["PTB_TIMEDELTA"] = "true"
    request = _Request(
        connection_pool_size=32,
        connect_timeout=5,
        read_timeout=8,
        write_timeout=5,
        pool_timeout=5,
        httpx_kwargs={"verify": make_ssl_context()},
    )
    return ExtBot(
        settings.bot_token.get_secret_value(),
        base_url=f"{settings.api_url.rstrip('/')}/bot",
        base_file_url=f"{settings.api_url.rstrip('/')}/file/bot",
        request=request,
        get_updates_request=request,
        # Thirty messages a second in all. It knows no limit per chat, and a retry of its own would hold up every
        # customer for one chat's 429: that one delivery waits in the outbox instead, as long as Telegram says.
        rate_limiter=AIORateLimiter(max_retries=0),
    )


async def send_part(bot: Bot, user_id: str, part: Part, *, call_seconds: float = CALL_SECONDS) -> None:
    """Sends one message. Raises SendError."""
    keyboard = [[InlineKeyboardButton(b.title, callback_data=b.token) for b in row] for row in part.rows]
    # Telegram fetches it when it can; where it cannot, the text has the address.
    preview = LinkPreviewOptions(url=part.picture, prefer_large_media=True) if part.picture else None
    markup = InlineKeyboardMarkup(keyboard) if keyboard else None
    call = bot.send_message(int(user_id), part.text, reply_markup=markup, link_preview_options=preview)
    await _confirm(call, call_seconds)


async def send_document(bot: Bot, user_id: str, document: Document) -> None:
    """Sends a picture or a file. Raises SendError."""
    if document.view.medium == "image":
        call = bot.send_photo(int(user_id), document.content, filename="picture.jpg")
    else:
        call = bot.send_document(int(user_id), document.content, filename=document.view.file_name)
    await _confirm(call, PICTURE_SECONDS)


async def _confirm(call: Awaitable[object], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await call
    except TimeoutError:
        raise SendError("retry", UNCONFIRMED, maybe_delivered=True) from None
    except TelegramError as error:
        raise explain_failure(error) from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # `ok` was true, so the customer has it: sending again would duplicate it.
        log.warning("Telegram accepted a message, but its answer cannot be read (%s)", type(error).__name__)


def explain_failure(error: TelegramError) -> SendError:
    """The SendError for a message that Telegram did not take."""
    match error:
        case RetryAfter(retry_after=wait):
            seconds = wait if isinstance(wait, int) else wait.total_seconds()
            return SendError("retry", "Telegram要求稍后再发", seconds)
        case Forbidden():
            return SendError("permanent", "客户已停用或屏蔽机器人")
        case InvalidToken():
            reason = "Telegram不认机器人令牌，请管理员检查XIAOHE_TELEGRAM_BOT_TOKEN"
            return SendError("retry", reason, SETTINGS_RETRY_SECONDS)
        case BadRequest() | ChatMigrated():
            log.warning("Telegram refused a message: %s", error.message)
            is_unknown = "chat not found" in error.message.lower()
            return SendError("permanent", "Telegram上找不到这位客户" if is_unknown else "Telegram不接受这条消息")
        case TimedOut():
            return SendError("retry", UNCONFIRMED, maybe_delivered=True)
        case _:
            return SendError("retry", "暂时连不上Telegram")
