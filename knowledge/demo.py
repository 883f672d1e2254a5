"""The demo bank's texts: right for trying 小禾 out, wrong in the name of a real bank."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from kit.clock import read_clock
from kit.database import Database
from kit.settings import ROOT
from knowledge import repository
from knowledge.schemas import ANSWERS, EntryView

# The name of the fictional bank and its county, in Chinese and English, and its number.
MARKS = ("青禾", "Qinghe", "400-000-0000")
# Where customers and staff are spoken to, and where figures stand.
PLACES = (
    "bot/data/english.yml",
    "campaigns/policy.yml",
    "connectors/calculator/page.html",
    "connectors/delegation_page.py",
    "connectors/privacy_page.py",
    "connectors/rights_wording.py",
    "connectors/webchat/static/*.html",
    "connectors/webchat/static/*.js",
    "connectors/wording.py",
    "conversations/customer_texts.yml",
    "conversations/english.yml",
    "desk/templates/*.html",
    "domain.yml",
    "knowledge/seed/*.yml",
    "privacy/notice.py",
    "products/seed.yml",
    "privacy/rights/export.py",
    "scoring/policy/*.yml",
    "understanding/danger.yml",
    "understanding/districts.yml",
    "verification/service.py",
)
# Its name is there for a reason: what customers say, passwords it makes weak, data of measuring.
NOT_SPOKEN = (
    "attack/*.py",
    "bench/*.py",
    "bot/data/nlu/*.yml",
    "desk/passwords.py",
    "dev/demo/*.py",
    "dev/demo/*.yml",
    "dev/doctor.py",
    "knowledge/*.yml",
    "knowledge/adapter/*/*.yml",
    "knowledge/danger/*.yml",
    "knowledge/demo.py",
    "understanding/acts.yml",
    "understanding/danger.py",
)


def names_demo_bank(*texts: str | None) -> bool:
    """Whether one of the texts speaks of the demo bank."""
    return any(mark in text for text in texts if text for mark in MARKS)


def list_demo_entries(entries: Iterable[EntryView]) -> list[str]:
    """The ids of entries that speak of the demo bank to customers."""
    return [
        each.entry_id
        for each in entries
        if names_demo_bank(each.question, each.question_english, *(getattr(each, field) for field in ANSWERS))
    ]


def list_demo_files(root: Path = ROOT) -> Iterator[str]:
    """The files of the project that do, as paths in it."""
    for place in PLACES:
        for path in sorted(root.glob(place)):
            if names_demo_bank(path.read_text(encoding="utf-8")):
                yield str(path.relative_to(root))


async def count_demo_entries(database_url: str) -> int:
    """How many entries of the demo bank a database holds; ConnectionError when it cannot be read."""
    if _is_missing(database_url):
        return 0
    database = Database(database_url)
    try:
        async with database.reading() as session:
            connection = await session.connection()
            if not await connection.run_sync(lambda each: inspect(each).has_table("revisions")):
                return 0
            return len(list_demo_entries(await repository.list_entries(session, read_clock())))
    except (SQLAlchemyError, OSError) as error:
        raise ConnectionError(type(error).__name__) from error
    finally:
        await database.close()


def _is_missing(database_url: str) -> bool:
    # Opening an SQLite file that is not there would make an empty one.
    address = make_url(database_url)
    return address.drivername.startswith("sqlite") and not (address.database and Path(address.database).exists())
