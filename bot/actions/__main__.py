"""`python -m bot.actions` runs the action server, on loopback only, as it has no authentication."""

from bot.actions.clients import create_clients
from bot.actions.server import create_app
from forms.catalogue import load_catalogue
from kit.logging import configure_logging
from kit.settings import Settings, split_address

if __name__ == "__main__":
    settings = Settings()
    configure_logging(settings.log_level)
    host, port = split_address(settings.actions_url)
    app = create_app(create_clients(settings), load_catalogue())
    app.run(host=host, port=port, single_process=True, access_log=False, motd=False)
