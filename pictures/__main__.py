"""Command line: `python -m pictures serve` and `python -m pictures read FILE`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.errors import RequestError
from kit.logging import configure_logging
from kit.web import serve
from pictures.api import create_app
from pictures.settings import PicturesSettings


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns 0 on success, 2 when the file is no picture."""
    parser = argparse.ArgumentParser(prog="python -m pictures", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="answer requests at XIAOHE_PICTURES_URL")
    reading = commands.add_parser("read", help="print what a picture says; it contains personal data")
    reading.add_argument("file", type=Path)
    options = parser.parse_args(arguments)
    settings = PicturesSettings()
    if options.command == "serve":
        configure_logging(settings.log_level)
        token = settings.pictures_token.get_secret_value()
        serve(create_app(settings), settings.pictures_url, settings, token=token)
        return 0
    from pictures.reading import read_picture
    from pictures.recogniser import Recogniser

    try:
        print(read_picture(options.file.read_bytes(), Recogniser(settings.pictures_threads)).model_dump_json(indent=2))
    except (OSError, RequestError) as error:
        print(f"{options.file}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
