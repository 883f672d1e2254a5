"""Runs all processes on this machine until Ctrl-C."""

import contextlib
import json
import signal
import subprocess
import sys
import time
from typing import Any

import httpx

from dev import train
from dev.environment import load_environment
from dev.train import quiet
from kit.settings import ROOT, load_settings

START_SECONDS = 240.0


def main() -> None:
    """Trains when needed, migrates, starts the Procfile, and tells when and where everything is up."""
    environment = {**load_environment(), **quiet(), "PYTHONUNBUFFERED": "1"}
    train.main()
    subprocess.run([sys.executable, "-m", "migrations"], cwd=ROOT, env=environment, check=True)
    processes = subprocess.Popen(
        [sys.executable, "-m", "honcho", "start", "--procfile", "Procfile"], cwd=ROOT, env=environment
    )
    with contextlib.suppress(KeyboardInterrupt):
        if wait_until_healthy(processes):
            announce()
        processes.wait()
    with contextlib.suppress(KeyboardInterrupt):
        processes.send_signal(signal.SIGTERM)
        processes.wait(20)
    sys.exit(0)


def wait_until_healthy(processes: subprocess.Popen[bytes]) -> bool:
    """Whether the gateway became healthy while the processes ran; says what is missing when it took too long."""
    url = load_settings().gateway_url + "/healthz"
    parts: Any = {}
    end = time.monotonic() + START_SECONDS
    with httpx.Client(timeout=3, trust_env=False) as client:
        while processes.poll() is None and time.monotonic() < end:
            with contextlib.suppress(httpx.HTTPError, json.JSONDecodeError):
                answer = client.get(url)
                if answer.status_code == 200:
                    return True
                parts = answer.json().get("parts")
            time.sleep(0.5)
    print(f"not everything came up: {parts or 'the gateway does not answer'}", file=sys.stderr)
    return False


def announce() -> None:
    """The three addresses."""
    settings = load_settings()
    print(
        f"""
  小禾 is up.
    customer chat   {settings.gateway_url}/
    staff site      {settings.desk_url}/    (the first start prints the password of user admin above)
    API docs        {settings.gateway_url}/docs
  Ctrl-C stops everything.
""",
        flush=True,
    )


if __name__ == "__main__":
    main()
