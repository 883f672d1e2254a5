"""The texts beside the entries that ship with the project: what the service learns from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from knowledge.adapter.texts import PARAPHRASES, Groups, read_groups, read_intent_texts
from knowledge.message_classifier import Lesson
from knowledge.seeding import read_seed

FOLDER = Path(__file__).parent
FOREIGN = FOLDER / "foreign.yml"
TALK = FOLDER / "talk.yml"
DANGER = FOLDER / "danger"
ORDINARY = "ordinary"
# Entries that customers in danger ask for too; what they ask teaches nothing about ordinary questions.
ALARMING = frozenset(
    {
        *("safety", "fraud", "deceased-deposit", "card-lost", "card-lending", "repay-hardship", "complaint"),
        *("overdue-collection-manners", "overdue-relatives-called", "overdue-fake-collector", "overdue-debt-inherited"),
        "guarantee-death",
    }
)
# Other lenders' topics of the paraphrases whose texts may be alarms.
ALARMING_PREFIXES = ("x-sec-", "x-overdue-", "x-phone-lost", "x-card-lost", "x-card-others", "x-apply-contacts")
OTHER_LENDERS = "x-"
# Intents whose examples do one act; the other acts are learned from paraphrases alone.
INTENT_ACTS = {
    "apply_for_loan": "wants_loan",
    "ask_why": "why",
    "bot_challenge": "bot_challenge",
    "calculate_repayment": "calculate",
    "cancel": "cancel",
    "chitchat": "small_talk",
    "check_application_status": "status",
    "check_quota": "wants_quota",
    "complain": "complain",
    "goodbye": "goodbye",
    "greet": "greet",
    "request_account_manager": "account_manager",
    "request_human": "human",
    "resume_application": "continue",
    "thank": "thank",
}
# Short answers: their examples do one of several acts.
ANSWER_INTENTS = ("affirm", "deny", "skip")
# All examples of an act together count like so many ordinary messages, one of them like a few at most.
ACT_WEIGHT, ACT_WEIGHT_MAX = 100, 3.0
TALK_WEIGHT = 0.1
QUESTION_WEIGHT = 0.05

_LISTS = TypeAdapter(dict[str, list[str]])
_TEXTS = TypeAdapter(list[str])


@dataclass(frozen=True)
class Lessons:
    """Texts to learn from.

    `paraphrases`: further texts of entries, by entry. `foreign`: what no entry answers. `classes`: examples of dangers,
    acts, talk and questions.
    """

    paraphrases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    foreign: Sequence[str] = ()
    classes: Sequence[Lesson] = ()

    def list_texts(self) -> list[str]:
        """Every text once, always in the same order."""
        own = [*self.paraphrases.values(), self.foreign, *(known.texts for known in self.classes)]
        return list(dict.fromkeys(text for texts in own for text in texts))


def read_lessons() -> Lessons:
    """The shipped texts; raises pydantic.ValidationError on a malformed file."""
    seed, groups, foreign, talk = list(read_seed()), read_paraphrases(), read_lists(FOREIGN), read_lists(TALK)
    paraphrases = {entry.id: groups.pop(entry.id) for _, entry in seed if entry.id in groups}
    questions = [
        text
        for category, entry in seed
        if not {category, entry.id} & ALARMING
        for text in (entry.question, *entry.similar_questions, *paraphrases.get(entry.id, ()))
    ]
    return Lessons(paraphrases, [*foreign, *talk], _read_classes(groups, talk, [*questions, *foreign]))


def read_paraphrases(folder: Path = PARAPHRASES) -> Groups:
    """The texts of every group of the files, by the group's id: an entry's, an act's, or another lender's topic."""
    return {name: texts for path in sorted(folder.glob("*.yml")) for name, texts in read_groups(path).items()}


def read_lists(path: Path) -> list[str]:
    """The texts of a file of lists by kind."""
    return [text for texts in _LISTS.validate_python(_load(path)).values() for text in texts]


def read_dangers(folder: Path = DANGER) -> dict[str, list[str]]:
    """The examples of each topic, by the file's name; those of ORDINARY only sound like one."""
    return {path.stem: _TEXTS.validate_python(_load(path)) for path in sorted(folder.glob("*.yml"))}


def _read_classes(groups: Groups, talk: Sequence[str], questions: Sequence[str]) -> list[Lesson]:
    """All classes; a text that stands in several belongs to the first."""
    dangers, intents = read_dangers(), read_intent_texts()
    ordinary = dangers.pop(ORDINARY)
    acts = {name: texts for name, texts in groups.items() if not name.startswith(OTHER_LENDERS)}
    for intent, act in INTENT_ACTS.items():
        acts[act] = [*acts.get(act, ()), *intents[intent]]
    lending = [
        text
        for name, texts in groups.items()
        if name.startswith(OTHER_LENDERS) and not name.startswith(ALARMING_PREFIXES)
        for text in texts
    ]
    answers = [text for intent in ANSWER_INTENTS for text in intents[intent]]
    classes = [
        *(Lesson(name, "danger", texts) for name, texts in dangers.items()),
        *(Lesson(name, "act", texts, min(ACT_WEIGHT_MAX, ACT_WEIGHT / len(texts))) for name, texts in acts.items()),
        Lesson("answer", "act", answers, TALK_WEIGHT),
        Lesson("talk", "talk", [*ordinary, *talk, *intents["inform"], *lending], TALK_WEIGHT),
        Lesson("question", "question", questions, QUESTION_WEIGHT),
    ]
    seen: set[str] = set()
    own: list[Lesson] = []
    for known in classes:
        texts = [text for text in dict.fromkeys(known.texts) if text not in seen]
        seen.update(texts)
        own.append(known._replace(texts=texts))
    return own


def _load(path: Path) -> object:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
