"""Telemetry is off as soon as anything of ours is imported, whatever the environment says."""

import os
import subprocess
import sys

import pytest

from kit.settings import ROOT
from kit.telemetry import SWITCHES


@pytest.mark.parametrize("package", ["kit.settings", "knowledge.encoder", "desk.settings"])
def test_the_environment_cannot_turn_it_on(package: str) -> None:
    asked = f"import os, {package}; print([os.environ[name] for name in {list(SWITCHES)}])"
    environment = {**os.environ, **dict.fromkeys(SWITCHES, "0")}
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert told.stdout.strip() == str(list(SWITCHES.values()))
