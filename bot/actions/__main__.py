"""`python -m bot.actions` runs the action server, on this machine only."""

from bot.actions.clients import create_clients
from bot.actions.server import create_app
from forms.catalogue import load_catalogue
from kit.logging import configure_logging
from kit.settings import Settings, is_local, split_address

if __name__ == "__main__":
    settings = Settings()
    configure_logging(settings.log_level)
    host, port = split_address(settings.actions_url)
    if not is_local(host):
        raise SystemExit(f"{settings.actions_url}: the action server is for the Rasa server of this machine")
    token = settings.actions_token.get_secret_value()
    app = create_app(create_clients(settings), load_catalogue(), settings.open_vault(), token=token)
    app.run(host=host, port=port, single_process=True, access_log=False, motd=False)
