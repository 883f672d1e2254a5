"""`python -m connectors` runs the gateway; `… wechat|telegram|wecom-service …` sets a platform up."""

import sys

from connectors.gateway import create_app
from connectors.settings import GatewaySettings
from connectors.telegram import command as telegram
from connectors.wechat import command as wechat
from connectors.wecom_service import command as wecom_service
from kit.alone import run_alone
from kit.logging import configure_logging
from kit.web import serve

if __name__ == "__main__":
    settings = GatewaySettings()
    configure_logging(settings.log_level)
    match sys.argv[1:]:
        case []:
            with run_alone(settings.database_url, "gateway"):
                serve(create_app(settings), settings.gateway_url, settings)
        case ["wechat", *arguments]:
            sys.exit(wechat.run(arguments, settings.wechat))
        case ["telegram", *arguments]:
            sys.exit(telegram.run(arguments, settings))
        case ["wecom-service", *arguments]:
            sys.exit(wecom_service.run(arguments, settings.wecom_service))
        case _:
            sys.exit(f"{__doc__}")
