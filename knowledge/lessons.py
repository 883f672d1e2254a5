"""The texts beside the entries that ship with the project: what the service learns from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from knowledge.adapter.texts import PARAPHRASES, Groups, read_groups, read_intent_texts
from knowledge.danger import ORDINARY
from knowledge.seeding import read_seed

FOLDER = Path(__file__).parent
FOREIGN = FOLDER / "foreign.yml"
TALK = FOLDER / "talk.yml"
DANGER = FOLDER / "danger"
# Intents whose examples hold questions, and threats to sue or to go to the press.
MIXED_INTENTS = frozenset({"ask_question", "complain"})
# Entries that customers in danger ask for too; what they ask teaches nothing about ordinary questions.
ALARMING = frozenset({"safety", "deceased-deposit", "card-lost", "card-lending", "repay-hardship", "complaint"})


_LISTS = TypeAdapter(dict[str, list[str]])
_TEXTS = TypeAdapter(list[str])


@dataclass(frozen=True)
class Lessons:
    """Texts to learn from.

    `paraphrases`: further texts of entries, by entry. `foreign`: what no entry answers. `dangers`: examples of each
    topic of danger, and ordinary messages, many of which sound like them. `questions`: what is asked of the bank by
    customers who are not in danger.
    """

    paraphrases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    foreign: Sequence[str] = ()
    dangers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    questions: Sequence[str] = ()

    @property
    def topics(self) -> list[str]:
        """The topics of danger."""
        return [topic for topic in self.dangers if topic != ORDINARY]

    def list_texts(self) -> list[str]:
        """Every text once, always in the same order."""
        own = [*self.paraphrases.values(), self.foreign, *self.dangers.values(), self.questions]
        return list(dict.fromkeys(text for texts in own for text in texts))


def read_lessons() -> Lessons:
    """The shipped texts; raises pydantic.ValidationError on a malformed file."""
    seed, groups, foreign, talk = list(read_seed()), read_paraphrases(), read_lists(FOREIGN), read_lists(TALK)
    paraphrases = {entry.id: groups[entry.id] for _, entry in seed if entry.id in groups}
    questions = [
        text
        for category, entry in seed
        if not {category, entry.id} & ALARMING
        for text in (entry.question, *entry.similar_questions, *paraphrases.get(entry.id, ()))
    ]
    dangers = read_dangers()
    intents = [text for intent, own in read_intent_texts().items() if intent not in MIXED_INTENTS for text in own]
    dangers[ORDINARY] = list(dict.fromkeys([*dangers[ORDINARY], *talk, *intents]))
    return Lessons(paraphrases, [*foreign, *talk], dangers, [*questions, *foreign])


def read_paraphrases(folder: Path = PARAPHRASES) -> Groups:
    """The texts of every group of the files, by the group's id: an entry's, or another."""
    return {name: texts for path in sorted(folder.glob("*.yml")) for name, texts in read_groups(path).items()}


def read_lists(path: Path) -> list[str]:
    """The texts of a file of lists by kind."""
    return [text for texts in _LISTS.validate_python(_load(path)).values() for text in texts]


def read_dangers(folder: Path = DANGER) -> dict[str, list[str]]:
    """The examples of each topic, by the file's name."""
    return {path.stem: _TEXTS.validate_python(_load(path)) for path in sorted(folder.glob("*.yml"))}


def _load(path: Path) -> object:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
