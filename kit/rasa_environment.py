"""Rasa's own environment (Python 3.10), and its command line there."""

import os
import subprocess
from collections.abc import Mapping, Sequence

from kit.settings import ROOT

RASA = ROOT / ".venv-rasa" / "bin" / "python"


def quiet() -> dict[str, str]:
    """Switches off the notices of Rasa's libraries."""
    return {
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
        "HOME": os.environ.get("HOME", str(ROOT / "var")),
    }


def run_rasa(
    arguments: Sequence[str], environment: Mapping[str, str], seconds: float | None = None
) -> subprocess.CompletedProcess[str]:
    """`rasa …`, with its output; TimeoutExpired after so many seconds."""
    command = [str(RASA), "-m", "bot.server.rasa_command", *arguments]
    variables = {**environment, **quiet()}
    return subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=seconds, check=False
    )
