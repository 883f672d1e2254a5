"""`python -m connectors telegram …`: sets, deletes and shows the webhook of the bot."""

import asyncio
import re
from collections.abc import Awaitable, Callable

from telegram.error import TelegramError

from connectors.settings import GatewaySettings
from connectors.telegram.bot import ALLOWED_UPDATES, Bot, create_bot
from connectors.telegram.parse import COMMANDS

USAGE = "usage: python -m connectors telegram set-webhook | delete-webhook | show-webhook"
COMMAND_SECONDS = 30.0
CONNECTIONS_MAX = 20  # calls Telegram makes at the same time; recording a message takes milliseconds
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def run(arguments: list[str], settings: GatewaySettings) -> int | str:
    """Runs one command; 0, or an error message for sys.exit."""
    commands: dict[str, Callable[[Bot, GatewaySettings], Awaitable[int | str]]] = {
        "set-webhook": set_webhook,
        "delete-webhook": delete_webhook,
        "show-webhook": show_webhook,
    }
    if len(arguments) != 1 or arguments[0] not in commands:
        return USAGE
    if not settings.telegram.bot_token.get_secret_value():
        return "XIAOHE_TELEGRAM_BOT_TOKEN is not set"
    return asyncio.run(_run(commands[arguments[0]], settings))


async def set_webhook(bot: Bot, settings: GatewaySettings) -> int | str:
    """Makes Telegram send updates to this gateway, and sets the bot's menu of commands."""
    secret = settings.telegram.webhook_secret.get_secret_value()
    if settings.telegram.mode == "polling":
        return "XIAOHE_TELEGRAM_MODE is polling: a webhook would keep the gateway from fetching updates"
    if not settings.public_url.startswith("https://"):
        return "XIAOHE_PUBLIC_URL must be the gateway's https:// address: Telegram calls no other"
    if not _SECRET.fullmatch(secret):
        return "XIAOHE_TELEGRAM_WEBHOOK_SECRET must be 1 to 256 letters, digits, _ and -"
    url = f"{settings.public_url.rstrip('/')}/telegram"
    await bot.set_webhook(url, secret_token=secret, allowed_updates=ALLOWED_UPDATES, max_connections=CONNECTIONS_MAX)
    await bot.set_my_commands([(command, title) for command, (title, _) in COMMANDS.items()])
    print(f"Telegram sends updates to {url}")
    return 0


async def delete_webhook(bot: Bot, settings: GatewaySettings) -> int | str:
    """Stops updates from being sent; Telegram keeps those that come for 24 hours."""
    await bot.delete_webhook()
    print("Telegram sends no updates; they wait there for 24 hours")
    return 0


async def show_webhook(bot: Bot, settings: GatewaySettings) -> int | str:
    """Prints where updates go, how many wait and what went wrong last; fails where no webhook is set."""
    info = await bot.get_webhook_info()
    print(f"url: {info.url or 'none'}")
    print(f"updates waiting: {info.pending_update_count}")
    if info.last_error_date:
        print(f"last error: {info.last_error_date:%Y-%m-%d %H:%M:%S} UTC, {info.last_error_message}")
    return 0 if info.url else "no webhook is set"


async def _run(command: Callable[[Bot, GatewaySettings], Awaitable[int | str]], settings: GatewaySettings) -> int | str:
    bot = create_bot(settings.telegram)
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            return await command(bot, settings)
    except TimeoutError:
        return "Telegram did not answer"
    except TelegramError as error:
        return f"Telegram did not do it: {error.message}"
    finally:
        await bot.request.shutdown()
