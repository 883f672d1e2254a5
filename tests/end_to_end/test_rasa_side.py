"""The Rasa side of the bot, checked in Rasa's own environment (Python 3.10), where pytest is not installed."""

import subprocess

import pytest

from kit.rasa_environment import RASA, quiet
from kit.settings import ROOT


@pytest.mark.exhaustive
def test_our_parts_of_the_rasa_server_do_what_rasas_own_do() -> None:
    environment = {**quiet(), "PYTHONPATH": str(ROOT)}
    command = [str(RASA), "-m", "tests.end_to_end.rasa_checks"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
