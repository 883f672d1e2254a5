"""`python -m connectors wecom-service …`: checks the application and makes links to a service account."""

import argparse
import asyncio
from collections.abc import Sequence
from urllib.parse import quote

import httpx

from connectors.tencent.scenes import require_scene
from connectors.wecom_service.api import ServiceApi
from connectors.wecom_service.settings import WeComServiceSettings
from kit.tencent import TencentError


def run(
    arguments: Sequence[str], settings: WeComServiceSettings, transport: httpx.AsyncBaseTransport | None = None
) -> int | str:
    """Runs one command: 0 when it worked, else what went wrong (argparse leaves with 2 for wrong arguments)."""
    options = _read_arguments(arguments)
    if not settings.corp_id:
        return "XIAOHE_WECOM_SERVICE_CORP_ID is not set"
    try:
        asyncio.run(_call(options, settings, transport))
    except TencentError as error:
        return f"WeCom did not do it ({error})"
    return 0


async def _call(
    options: argparse.Namespace, settings: WeComServiceSettings, transport: httpx.AsyncBaseTransport | None
) -> None:
    api = ServiceApi(settings, transport=transport)
    try:
        await options.command(api, options)
    finally:
        await api.close()


async def _check(api: ServiceApi, options: argparse.Namespace) -> None:
    accounts = await api.list_accounts()
    print("WeCom accepts the corp id, the secret and this machine's address. Service accounts:")
    for open_kfid, name in accounts:
        print(f"{open_kfid}\t{name}")


async def _create_links(api: ServiceApi, options: argparse.Namespace) -> None:
    url = await api.create_link(options.account)
    for scene in options.scene:
        print(f"{scene}\t{url}&scene_param={quote(scene, safe='')}")


def _read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m connectors wecom-service", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="check|link")
    check = commands.add_parser("check", help="see whether WeCom lets this machine in, and which accounts there are")
    check.set_defaults(command=_check)
    link = commands.add_parser("link", help="make links that say where a customer came from")
    link.add_argument("--account", required=True, metavar="OPEN_KFID")
    link.add_argument(
        "--scene", required=True, action="append", type=require_scene, metavar="village:NAME|manager:NAME"
    )
    link.set_defaults(command=_create_links)
    return parser.parse_args(arguments)
