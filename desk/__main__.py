"""`python -m desk` runs the staff site."""

from desk.app import create_app
from kit.logging import configure_logging
from kit.settings import load_settings
from kit.web import serve

if __name__ == "__main__":
    settings = load_settings()
    configure_logging(settings.log_level)
    serve(create_app(settings), settings.desk_url, settings)
