"""`python -m bot read TEXT [--state FILE]`: what 小禾 reads in a message, and what it would do, as JSON.

`python -m bot review`: see bot/review/command.py.
"""

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

import yaml
from pydantic import SecretStr

from bot.review import command as review
from forms.catalogue import load_catalogue
from kit.http import ServiceClient
from kit.settings import ROOT, Settings
from knowledge.client import KnowledgeClient
from understanding.evidence import ServiceEvidence
from understanding.schemas import Evidence, State
from understanding.understand import Understanding

EVIDENCE_SECONDS = 2.0


async def read(text: str, state: State) -> dict[str, Any]:
    """Reading, evidence and act of a text; the evidence is empty while the stack is down."""
    settings = Settings(_env_file=ROOT / "var" / "demo.env")  # of a stack that runs here

    def connect(name: str, url: str, token: SecretStr) -> ServiceClient:
        return ServiceClient(name, url, deadline=EVIDENCE_SECONDS, tries=1, token=token.get_secret_value())

    knowledge = connect("knowledge", settings.knowledge_url, settings.knowledge_token)
    rasa = connect("rasa", settings.rasa_url, settings.rasa_token)
    try:
        understood = await Understanding(ServiceEvidence(KnowledgeClient(knowledge), rasa)).understand(text, state)
    finally:
        await knowledge.close()
        await rasa.close()
    return {
        "reading": understood.reading.model_dump(exclude_defaults=True),
        "evidence": (understood.evidence or Evidence()).model_dump(exclude_defaults=True),
        "act": understood.act.model_dump(exclude_defaults=True),
    }


def print_reading(arguments: argparse.Namespace) -> None:
    """Runs the command `read`."""
    values = yaml.safe_load(arguments.state.read_text(encoding="utf-8")) if arguments.state else {}
    known = load_catalogue().forms
    if values.get("form") and values["form"] not in known:
        raise SystemExit(f"form: one of {', '.join(known)}")
    result = asyncio.run(read(arguments.text, State.model_validate(values)))
    print(json.dumps(result, ensure_ascii=False, indent=2, default=str))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("read", help="what is read in a message, and what would be done")
    command.add_argument("text")
    command.add_argument("--state", type=Path, help="YAML or JSON: form, asked, filled, product, last, ...")
    command.set_defaults(run=print_reading)
    review.add_command(commands)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
