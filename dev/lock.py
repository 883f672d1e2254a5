"""Pins requirements/ from the dependencies in pyproject.toml: versions, and the hashes of every build of them."""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

from dev.setup import UV, uv_environment
from kit.settings import ROOT

FOLDER = ROOT / "requirements"
# What PyPI's build of torch wants on Linux; the CPU build, which torch.txt names, does not.
CUDA = [
    "cuda-bindings",
    "cuda-toolkit",
    "nvidia-cudnn-cu13",
    "nvidia-cusparselt-cu13",
    "nvidia-nccl-cu13",
    "nvidia-nvshmem-cu13",
    "triton",
]
PLATFORMS = ("linux", "darwin")
# The marker of a pin that every machine of ours gets.
EVERYWHERE = re.compile(
    r" ; python_full_version < '3\.\d+' and \(sys_platform == 'darwin' or sys_platform == 'linux'\)"
)


def main() -> None:
    """Keeps pins that still fit; delete a line to have it resolved anew. Exits when torch.txt is of another version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needs, groups = project["project"]["dependencies"], project["dependency-groups"]
    [torch] = [need for need in needs if need.startswith("torch==")]
    if any(f"{torch}{build} ;" not in (FOLDER / "torch.txt").read_text() for build in ("+cpu", "")):
        sys.exit(f"requirements/torch.txt is not of {torch}: see requirements/README.md")
    pin("app.txt", "3.11", [*needs, *groups["dev"]])
    pin("rasa.txt", "3.10", groups["rasa"])
    pin("uv.txt", "3.11", groups["uv"])


def pin(name: str, python: str, needs: Sequence[str]) -> None:
    """Writes one file for Linux and macOS; torch has its own (torch.txt)."""
    environments = [f"python_version == '{python}' and sys_platform == '{platform}'" for platform in PLATFORMS]
    target = FOLDER / name
    options = ["--universal", "--generate-hashes", "--no-emit-package", "torch", "--python-version", python]
    form = ["--no-header", "--annotation-style", "line", "--quiet", "--output-file", str(target)]
    # uv reads from a project's file only for which machines to resolve, and what to leave out.
    lines = [
        "[project]",
        'name = "xiaohe"',
        'version = "0"',
        f'requires-python = "=={python}.*"',
        f"dependencies = {json.dumps(needs)}",
        "[tool.uv]",
        f"environments = {json.dumps(environments)}",
        f"exclude-dependencies = {json.dumps(CUDA)}",
    ]
    # Hashes are those of the public index, whatever builds this machine has at hand.
    environment = {name: value for name, value in uv_environment().items() if name != "UV_FIND_LINKS"}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_text("\n".join(lines))
        command = [str(UV), "pip", "compile", "pyproject.toml", *options, *form]
        subprocess.run(command, cwd=folder, env=environment, check=True)
    target.write_text(EVERYWHERE.sub("", target.read_text()))


if __name__ == "__main__":
    main()
