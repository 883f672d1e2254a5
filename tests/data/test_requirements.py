"""Every build that set-up may install has a hash, and comes from nowhere in particular."""

import re
import tomllib
from pathlib import Path

import pytest

from dev.lock import CUDA
from kit.settings import ROOT

FILES = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def read_pins(file: Path) -> dict[str, list[str]]:
    """The hashes of each pin: `name==version` and its marker."""
    logical = file.read_text().replace("\\\n", " ").splitlines()
    lines = [line.split(" #")[0].strip() for line in logical if line.strip() and not line.lstrip().startswith("#")]
    return {line.split(" --hash")[0].strip(): re.findall(r"--hash=sha256:([0-9a-f]{64})\b", line) for line in lines}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_pin_has_hashes_and_no_place_to_come_from(file: Path) -> None:
    pins = read_pins(file)
    assert pins
    assert [pin for pin, hashes in pins.items() if not hashes or not re.match(r"[\w.-]+==[\w.+]+( ;|$)", pin)] == []
    assert not re.search(r"https?://|--(index|extra|find|trusted)", file.read_text())


def test_torch_is_the_build_without_cuda_for_every_machine() -> None:
    [wanted] = [need for need in PROJECT["project"]["dependencies"] if need.startswith("torch==")]
    pins = read_pins(ROOT / "requirements" / "torch.txt")
    assert {pin: len(hashes) for pin, hashes in pins.items()} == {
        f"{wanted}+cpu ; sys_platform == 'linux'": 2,  # x86_64 and aarch64
        f"{wanted} ; sys_platform == 'darwin'": 1,
    }
    named = {pin.split("==")[0] for pin in read_pins(ROOT / "requirements" / "app.txt")}
    assert not named & {"torch", *CUDA}
    assert not [name for name in named if name.startswith(("nvidia", "cuda"))]


@pytest.mark.parametrize(
    ("file", "needs"),
    [
        ("app.txt", [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]),
        ("rasa.txt", PROJECT["dependency-groups"]["rasa"]),
    ],
)
def test_what_the_project_needs_is_pinned(file: str, needs: list[str]) -> None:
    named = {re.split("==", pin)[0] for pin in read_pins(ROOT / "requirements" / file)} | {"torch"}
    wanted = {re.split(r"[\[=<>!~]", need)[0].lower().replace("_", "-") for need in needs}
    assert wanted - named == set()
