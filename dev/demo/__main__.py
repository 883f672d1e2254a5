"""`make demo`: everything as `make run` starts it, with a made-up day of a county bank in a database of its own."""

import contextlib
import sys
from collections.abc import Mapping

from dev import setup
from dev.demo import house
from dev.demo.staff import PASSWORD, describe_logins
from dev.environment import load_environment
from dev.run import start

WHAT_TO_SEE = f"""  The demo bank has a made-up day; nobody in it exists, and the next `make demo` makes a fresh one.
  On the staff site everybody's password is {PASSWORD}; another login, in another browser window:
{describe_logins()}
"""


def main() -> None:
    """Refuses where customers are real."""
    if house.is_production():
        sys.exit("make demo fills a database with made-up customers: refused with XIAOHE_ENVIRONMENT=production")
    start({**load_environment(), **house.list_settings()}, prepare, WHAT_TO_SEE)


def prepare(environment: Mapping[str, str]) -> None:
    """An empty database, and the day in it."""
    house.empty()
    setup.run([sys.executable, "-m", "migrations"], environment)
    print("a made-up day of the bank (some 20 s) …", flush=True)
    setup.run([sys.executable, "-m", "dev.demo.fill"], environment)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
