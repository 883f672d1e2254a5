"""Settings of the demo on this machine: created once in var/demo.env, readable by its owner only."""

import base64
import os
import secrets
from pathlib import Path

from kit.settings import ROOT, SHARED_SECRETS, Settings

DEMO_ENV = ROOT / "var" / "demo.env"
SECRETS = tuple(SHARED_SECRETS.values())


def load_environment(path: Path = DEMO_ENV) -> dict[str, str]:
    """The process environment with the demo's settings under it; makes the file when it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.read_text().splitlines() if path.exists() else []
    kept = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    missing = {name: make_secret(name) for name in SECRETS if not kept.get(name)}
    if missing:
        kept |= missing
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.writelines(f"{name}={value}\n" for name, value in kept.items())
    return {**list_defaults(), **kept, **os.environ}


def make_secret(name: str) -> str:
    """A secret for a variable, in the form it has to have."""
    if name == "XIAOHE_VAULT_KEYS":
        return f"demo:{base64.b64encode(secrets.token_bytes(32)).decode()}"
    return secrets.token_urlsafe(24)


def list_defaults() -> dict[str, str]:
    """The defaults of what every process shares, as variables: Rasa's own files (endpoints.yml) know no defaults."""
    fields = Settings.model_fields.items()
    return {f"XIAOHE_{name.upper()}": str(field.default) for name, field in fields if isinstance(field.default, str)}
