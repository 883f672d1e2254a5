"""`python -m dev.doctor`: what still keeps 小禾 from production with these settings, in the order to see to it."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from connectors.settings import GatewaySettings
from desk.settings import DeskSettings
from kit.settings import ROOT, Settings
from knowledge.demo import count_demo_entries, list_demo_files
from knowledge.settings import KnowledgeSettings
from pictures.settings import PicturesSettings
from scoring.settings import ScoringSettings

PROCESSES: tuple[type[Settings], ...] = (
    Settings,
    KnowledgeSettings,
    PicturesSettings,
    ScoringSettings,
    GatewaySettings,
    DeskSettings,
)


def list_gaps() -> Iterator[str]:
    """Each gap once, whichever processes have it; a value that no process could start with comes first."""
    told: set[str] = set()
    for process in PROCESSES:
        try:
            gaps = process(environment="demo").list_gaps()
        except ValidationError as error:
            gaps = [f"{'.'.join(map(str, each['loc'])) or process.__name__}: {each['msg']}" for each in error.errors()]
        yield from (gap for gap in gaps if gap not in told)
        told.update(gaps)


def list_demo_data(root: Path) -> Iterator[str]:
    """Where the demo bank still speaks: in the database, in the files of the project."""
    try:
        url = Settings(environment="demo").database_url
        if count := asyncio.run(count_demo_entries(url)):
            yield f"XIAOHE_DATABASE_URL is the demo's: it holds {count} entries of the demo bank 青禾农商银行"
    except ConnectionError as error:
        yield f"XIAOHE_DATABASE_URL cannot be read ({error})"
    except ValidationError:
        return  # told with the other settings
    if files := list(list_demo_files(root)):
        yield f"these files still speak for the demo bank 青禾农商银行: {', '.join(files)}"


def main(root: Path = ROOT) -> int:
    """Prints a line for each gap; 0 if there is none."""
    gaps = [*list_gaps(), *list_demo_data(root)]
    if os.environ.get("XIAOHE_ENVIRONMENT") != "production":
        gaps.append("XIAOHE_ENVIRONMENT must be production")
    for number, gap in enumerate(gaps, 1):
        print(f"{number}. {gap}")
    print("not ready for production" if gaps else "ready for production")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main())
