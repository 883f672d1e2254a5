"""The words of the project: a short glossary that covers tables and classes, and no retired word left anywhere."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from kit.settings import ROOT
from migrations.metadata import METADATA

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ENTRIES = [row for row in re.findall(r"^\| ([^|]+?) \|", GLOSSARY, re.M) if row != "word"]
ENTRIES_MAX = 50

# Nouns of classes that name a technique, a page or a library's thing, and nothing of the bank's.
TECHNICAL = """
access account aead api approval arrival axis backup bar base bin board box breaker builder byte cache calendar
calibrated calibration call cancel cancelled card chart chat classifier clause client code column com composer
confirmation connection crypto cue cursor cutover data database deliverer detail dialog dialogue digest effect
envelope error estimate executor explanation failed feature featurizer field file finder fitted formatter found given
greeter group head heading history identifier in index instalment json kernel kind knowledge lesson likenesse limit
limiter line link list loan log loss mail material meaning menu merge model named nearby notifier number numeral only
opened out overtaken ownership page pair parser period phone poller prepayment preselection press protocol quantity
query ranker reader received recogniser refused reminder report request responder response rest result row rule runner
said satisfaction scope search section sender service setting shape side sm span spread start statistic store stranger
strict sub suggestion surrounding syncer task telegram template terminal text time tokenizer trait transport
unavailable unclear understanding understood value verification view viewer waiting weight word words worker
"""

# What must not come back -> what is said instead.
RETIRED = {
    r"NotSent|may_be_there|\bfate\b": "SendError, maybe_delivered",
    r"worker_until|WORKER_PATIENCE|\bpatience\b|left_alone": "lease, lease timeout, stalled; paused",
    r"Collaborators|\bLENT\b": "Services",
    r"\bpack\b(?=[ .=])": "HandoffSummary",
    r"\btroubles?\b|TroubleView|list_troubles": "undelivered",
    r"\bWay\b|NotTold": "notification channel, SendError",
    r"\btally\b|\bfigures\b(?=[.=\[:(]| =)|_figures\b": "metrics",
    r"\breception": "waiting replies",
    r"[oO]utlook": "QueuePosition",
    r"kit[./]news|NewsItem": "kit.pubsub, Signal",
    r"HandoffStep|forms\.Step|customer_steps|\bSteps\b": "next_state, FormUpdate, HandoffUpdate, CardActions",
    r"RecordedOutcome|RecordedInbound|TurnResult|^class Turn\b": "Answer, ClaimedMessage",
    r"FETCHED_CHANNELS|wake_outbox": "push and pull in conversations/channels.py",
    r"\bowners\.py|staff_rows|customer_cards|\bfragments\b|pages/admin": "ownership, repositories, templates, widgets",
    r"PartFailed": "ProcessFailed",
    r"\bOffer\b|\boffered_at\b|state == .held.|HELD_SECONDS": "passive, deferred",
}
# The history of the database, reasons of the past, the licence's own text, and this list.
EXEMPT = ("migrations/versions/", "docs/decisions/", "LICENSE", "tests/data/test_words.py", "tests/migrations/")
# Python's struct.pack and the WeChat stand-in's own packing of a call; names of the stock Rasa's data.
ALLOWED = ("struct.pack", "platform.pack", "self.pack", "def pack")


def list_files() -> list[Path]:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    kinds = {".py", ".md", ".js", ".css", ".html", ".yml", ".toml"}
    return [ROOT / name for name in names if name and not name.startswith(EXEMPT) and Path(name).suffix in kinds]


def find_singular(word: str) -> str:
    return re.sub(r"(?<!s)s$", "", re.sub(r"ies$", "y", re.sub(r"(?<=tch)es$", "", word)))


def list_known_nouns() -> set[str]:
    """The last word of each entry and of each term in italics, in the singular."""
    terms = [term for entry in ENTRIES for term in re.sub(r"（.*?）|\(.*?\)", "", entry).split(" / ")]
    terms += re.findall(r"\*([^*]+)\*", GLOSSARY)
    return {find_singular(term.split()[-1]) for term in terms}


def list_class_nouns(path: Path) -> dict[str, str]:
    """The classes of a module, by the last word of their name in the singular."""
    classes = [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
    words = {name: re.findall(r"[A-Z][a-z]+", name) or [name] for name in classes if not name.startswith("_")}
    return {find_singular(parts[-1].lower()): name for name, parts in words.items()}


def test_the_glossary_is_short() -> None:
    assert len(ENTRIES) == len(set(ENTRIES)) <= ENTRIES_MAX


def test_every_table_is_a_word_of_the_glossary() -> None:
    known = list_known_nouns()
    assert [table for table in METADATA.tables if find_singular(table.split("_")[-1]) not in known] == []


def test_every_class_is_a_word_of_the_glossary_or_technical() -> None:
    known = list_known_nouns() | set(TECHNICAL.split())
    others = ("tests", "migrations", "attack", "bench", "dev")
    paths = [p for p in list_files() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] not in others]
    strange = {name: str(path) for path in paths for noun, name in list_class_nouns(path).items() if noun not in known}
    assert strange == {}


@pytest.mark.parametrize("old", RETIRED)
def test_no_retired_word_is_left(old: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in list_files()
        for number, line in enumerate([str(path.relative_to(ROOT)), *path.read_text(encoding="utf-8").splitlines()])
        if re.search(old, line) and not any(word in line for word in ALLOWED)
    ]
    assert found == [], f"say: {RETIRED[old]}"
