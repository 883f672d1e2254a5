"""Finds the Chromium the page tests drive; on Debian, as root, installs one when there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# A browser that shows pages of this machine: as root, without a screen, and calling nobody.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
PACKAGES = ("chromium", "fonts-noto-cjk")


def find_browser() -> str | None:
    """The path of a Chromium or Chrome on this machine."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or (str(MAC) if MAC.exists() else None)


def main() -> None:
    """Leaves with an error when there is no browser and none can be installed."""
    if find_browser():
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("installing chromium for the page tests …", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
            subprocess.run(["apt-get", *command], env=environment, check=True, stdout=subprocess.DEVNULL)
    if not find_browser():
        sys.exit("the page tests need Chromium or Chrome; please install one")


if __name__ == "__main__":
    main()
