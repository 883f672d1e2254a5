"""`python -m connectors wechat …`: sets the Official Account up through WeChat's API."""

import argparse
import asyncio
from collections.abc import Sequence
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from connectors.tencent.scenes import require_scene
from connectors.wechat.api import WeChatApi
from connectors.wechat.menu import Column, load_menu
from connectors.wechat.settings import WeChatSettings
from kit.tencent import TencentError

PICTURE_URL = "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket={}"


def run(
    arguments: Sequence[str], settings: WeChatSettings, transport: httpx.AsyncBaseTransport | None = None
) -> int | str:
    """Runs one command: 0 when it worked, else what went wrong (argparse leaves with 2 for wrong arguments)."""
    options = _read_arguments(arguments)
    if not settings.app_id:
        return "XIAOHE_WECHAT_APP_ID is not set"
    try:
        asyncio.run(_call(options, settings, transport))
    except TencentError as error:
        return f"WeChat did not do it ({error})"
    except ValidationError as error:
        return f"menu.yml: {error}"
    return 0


async def _call(
    options: argparse.Namespace, settings: WeChatSettings, transport: httpx.AsyncBaseTransport | None
) -> None:
    api = WeChatApi(settings, transport=transport)
    try:
        await options.command(api, options)
    finally:
        await api.close()


async def _create_menu(api: WeChatApi, options: argparse.Namespace) -> None:
    menu = load_menu()
    await api.create_menu(menu.to_platform())
    print("The menu is set; customers see it within 5 minutes:")
    for column in menu.columns:
        entries = column.entries if isinstance(column, Column) else []
        print("  " + ": ".join(filter(None, [column.name, ", ".join(entry.name for entry in entries)])))


async def _create_qrcodes(api: WeChatApi, options: argparse.Namespace) -> None:
    for scene in options.scene:
        ticket = await api.create_qrcode(scene)
        print(f"{scene}\t{PICTURE_URL.format(quote(ticket, safe=''))}")


async def _check(api: WeChatApi, options: argparse.Namespace) -> None:
    await api.fetch_token()
    print("WeChat accepts the app id, the secret and this machine's address.")


def _read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m connectors wechat", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="menu|qrcode|check")
    menu = commands.add_parser("menu", help="set the menu of connectors/wechat/menu.yml")
    menu.set_defaults(command=_create_menu)
    qrcode = commands.add_parser("qrcode", help="make QR codes that say where a customer came from")
    qrcode.add_argument(
        "--scene", required=True, action="append", type=require_scene, metavar="village:NAME|manager:NAME"
    )
    qrcode.set_defaults(command=_create_qrcodes)
    check = commands.add_parser("check", help="see whether WeChat lets this machine in")
    check.set_defaults(command=_check)
    return parser.parse_args(arguments)
