"""`python -m dev.doctor`: what still keeps these settings from going into production, in the order to see to it."""

import os
import sys
from collections.abc import Iterator

from pydantic import ValidationError

from connectors.settings import GatewaySettings
from desk.settings import DeskSettings
from kit.settings import Settings
from knowledge.settings import KnowledgeSettings

PROCESSES: tuple[type[Settings], ...] = (Settings, KnowledgeSettings, GatewaySettings, DeskSettings)


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


def main() -> int:
    """Prints a line for each gap; 0 if there is none."""
    gaps = list(list_gaps())
    if os.environ.get("XIAOHE_ENVIRONMENT") != "production":
        gaps.append("XIAOHE_ENVIRONMENT must be production")
    for number, gap in enumerate(gaps, 1):
        print(f"{number}. {gap}")
    print("not ready for production" if gaps else "ready for production")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main())
