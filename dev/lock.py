"""Pins requirements/ from the dependencies in pyproject.toml."""

import subprocess

from dev.setup import UV, has_cpu_torch, uv_environment
from kit.settings import ROOT

TORCH = "torch==2.13.0"
TARGETS = {
    "app.txt": ("3.11", ["pyproject.toml", "--group", "pyproject.toml:dev"]),
    "rasa.txt": ("3.10", ["--group", "pyproject.toml:rasa"]),
}


def main() -> None:
    """Keeps pins that still fit; use `uv pip compile --upgrade` to upgrade."""
    for name, (python, needs) in TARGETS.items():
        target = ROOT / "requirements" / name
        options = ["--python-version", python, "--no-header", "--annotation-style", "line", "--quiet"]
        command = [str(UV), "pip", "compile", *needs, *options, "--output-file", str(target)]
        environment = uv_environment()
        if has_cpu_torch(environment.get("UV_FIND_LINKS", "")):
            # The old pin names no build, and would match the one that needs gigabytes of CUDA libraries.
            target.write_text(target.read_text().replace(TORCH, TORCH + "+cpu"))
        else:
            command += ["--torch-backend", "cpu"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        target.write_text(target.read_text().replace("+cpu", ""))  # other machines have it under another name


if __name__ == "__main__":
    main()
