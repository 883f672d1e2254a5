"""Where the demo's made-up day lives: a folder of its own, apart from what `make run` keeps, and emptied each time."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from kit.alone import run_alone
from kit.settings import ROOT

FOLDER = ROOT / "var" / "demo"
# Somebody may look in at any hour, and nobody else sits at the desks: talks stay with the agents who have them.
ALWAYS_STAFFED = {
    "XIAOHE_OFFICE_HOURS": "00:00-24:00",
    "XIAOHE_OFFICE_DAYS": "all",
    "XIAOHE_AGENT_GRACE_SECONDS": "86400",
}


def list_settings(folder: Path = FOLDER) -> dict[str, str]:
    """The environment variables that keep the demo to itself, whatever database somebody's own settings name."""
    return {
        "XIAOHE_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/demo.db",
        "XIAOHE_TRACKER_URL": f"sqlite:///{folder}/rasa.db",
        "XIAOHE_CORE_DEMO_FILE": f"{folder}/core-requests.json",
        "XIAOHE_SMS_FILE": f"{folder}/sms.jsonl",
        **ALWAYS_STAFFED,
    }


def is_production(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether customers are real here."""
    return environment.get("XIAOHE_ENVIRONMENT") == "production"


def empty(folder: Path = FOLDER) -> None:
    """Makes the folder, or takes yesterday's demo out of it; SystemExit while one runs there."""
    folder.mkdir(parents=True, exist_ok=True)
    with run_alone(list_settings(folder)["XIAOHE_DATABASE_URL"], "gateway", wait_seconds=0):
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
