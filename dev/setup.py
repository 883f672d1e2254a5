"""Makes both Python environments and the encoder where they are missing (standard library only)."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from knowledge.adapter.stamp import is_current

ROOT = Path(__file__).resolve().parent.parent
APP, RASA = ROOT / ".venv", ROOT / ".venv-rasa"
UV = APP / "bin" / "uv"
ENCODER = ROOT / "models" / "encoder"
REQUIREMENTS = ROOT / "requirements"


def main() -> None:
    """Skips what is already there and up to date."""
    if sys.version_info[:2] != (3, 11):
        sys.exit(f"小禾 needs Python 3.11 to set up, this is {sys.version.split()[0]}; try: make PYTHON=python3.11")
    if not UV.exists():
        step("environment for the services (Python 3.11)")
        run([sys.executable, "-m", "venv", "--clear", str(APP)])
        pip = [str(APP / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
        run([*pip, "--requirement", str(REQUIREMENTS / "uv.txt")])
    install(APP, ("app.txt", "torch.txt"), "libraries of the services (torch is the largest)")
    if not (RASA / "bin" / "python").exists():
        step("environment for Rasa (Python 3.10; fetched when it is not on this machine)")
        run([str(UV), "venv", "--quiet", "--clear", "--python", "3.10", str(RASA)], uv_environment())
    install(RASA, ("rasa.txt",), "libraries of Rasa (TensorFlow is the largest)")
    if not is_current(ENCODER):
        step("sentence encoder (once for each adapter)")
        run([str(APP / "bin" / "python"), "-m", "knowledge", "materialise"])


def install(environment: Path, names: Sequence[str], title: str) -> None:
    """Puts exactly what the files name into an environment, each build only if its hash is among theirs."""
    files = [REQUIREMENTS / name for name in names]
    stamp = environment / "installed"
    wanted = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    step(title)
    command = [str(UV), "pip", "install", "--python", str(environment / "bin" / "python")]
    command += ["--require-hashes", "--no-deps"]  # the files name all that is needed
    for file in files:
        # Packages that exist as source only are built with the tools that rasa.txt pins.
        command += ["--requirement", str(file), "--build-constraints", str(REQUIREMENTS / "rasa.txt")]
    settings = uv_environment()
    if environment == APP and not has_cpu_torch(settings.get("UV_FIND_LINKS", "")):
        command += ["--torch-backend", "cpu"]
    run(command, settings)
    stamp.write_text(wanted)


def uv_environment() -> dict[str, str]:
    """The environment for uv, with pip's package sources, which it does not read by itself."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = {}
    for line in listed.stdout.splitlines():
        key, _, value = line.partition("=")
        found.setdefault(key.split(".")[-1], []).extend(value.strip("'\"").replace("\\n", " ").split())
    remote = [u for u in found.get("extra-index-url", []) if u.startswith("http")]
    settings = {
        "UV_FIND_LINKS": ",".join(dict.fromkeys(found.get("find-links", []))),
        "UV_DEFAULT_INDEX": "".join(found.get("index-url", [])[-1:]),
        "UV_INDEX": " ".join(remote),
        "SSL_CERT_FILE": "".join(found.get("cert", [])[-1:]),
    }
    return {**{k: v for k, v in settings.items() if v}, **os.environ}


def has_cpu_torch(find_links: str) -> bool:
    """Whether a local folder among pip's find-links holds a CPU build of torch."""
    return any(any(Path(place).glob("torch-*+cpu-*.whl")) for place in find_links.split(",") if place)


def step(title: str) -> None:
    """Prints what is being done."""
    print(f"[{time.strftime('%H:%M:%S')}] {title} …", flush=True)


def run(command: list[str], environment: Mapping[str, str] | None = None) -> None:
    """Runs a command from the project's root; leaves with its message when it fails."""
    try:
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
    except subprocess.CalledProcessError as error:
        sys.exit(f"set-up stopped: {shutil.which(command[0])} ended with {error.returncode}")


if __name__ == "__main__":
    main()
