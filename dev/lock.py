"""Pins requirements/ from the direct needs in pyproject.toml."""

import subprocess
from pathlib import Path

from dev.setup import UV, uv_environment
from kit.settings import ROOT

TARGETS = {
    "app.txt": ("3.11", ["pyproject.toml", "--group", "pyproject.toml:dev"]),
    "rasa.txt": ("3.10", ["--group", "pyproject.toml:rasa"]),
}


def main() -> None:
    """Keeps pins that still fit; `uv pip compile --upgrade` is for moving on."""
    for name, (python, needs) in TARGETS.items():
        target = ROOT / "requirements" / name
        options = ["--python-version", python, "--no-header", "--annotation-style", "line", "--quiet"]
        command = [str(UV), "pip", "compile", *needs, *options, "--output-file", str(target)]
        subprocess.run(command, cwd=ROOT, env=uv_environment(), check=True)
        _drop_build_tags(target)


def _drop_build_tags(target: Path) -> None:
    # torch's +cpu build is chosen when installing: other machines have it under another name.
    target.write_text(target.read_text().replace("+cpu", ""))


if __name__ == "__main__":
    main()
