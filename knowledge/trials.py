"""A trial of drafts: which golden questions go wrong once they are published together."""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from knowledge.character_pairs import simplify
from knowledge.golden_questions import GoldenQuestion
from knowledge.index import Index, judge
from knowledge.schemas import EntryText, EntryView, Unicode
from knowledge.vector_store import Vectors

# So many are asked in one trial, of the entries as they are and with the drafts.
QUESTIONS_MAX = 200
DRAFTS_MAX = 1000


class Finding(NamedTuple):
    """The entry found first, if any, and whether it is sure enough to be given as the answer."""

    entry_id: str | None
    is_answer: bool


class DraftIn(BaseModel):
    """What a draft changes of what is searched."""

    entry_id: str = Field(max_length=64)
    question: Unicode = Field(max_length=500)
    similar_questions: list[Unicode] = Field(max_length=1000)
    is_retired: bool = False

    @classmethod
    def read(cls, entry_id: str, content: EntryText) -> "DraftIn":
        """That of an entry's content."""
        return cls(
            entry_id=entry_id,
            question=content.question,
            similar_questions=content.similar_questions,
            # Customers do not find what is internal, no more than what is retired.
            is_retired=content.is_retired or content.is_internal,
        )

    def show(self) -> EntryView:
        """The entry that it would be, as far as it is searched."""
        texts = {"question": self.question, "similar_questions": self.similar_questions}
        return EntryView(entry_id=self.entry_id, revision=0, category="", answer="", **texts)


class TrialIn(BaseModel):
    """Drafts that are to be published together."""

    drafts: list[DraftIn] = Field(min_length=1, max_length=DRAFTS_MAX)


class Failure(BaseModel):
    """A question that would go wrong: `expected` and `found` are questions of entries; None for none."""

    text: str
    expected: str | None
    found: str | None


class TrialView(BaseModel):
    """How the `questions` nearest golden questions fare with the drafts, beside the entries of `version`."""

    version: int
    questions: int
    failures: list[Failure]


def choose_nearest(
    questions: Sequence[GoldenQuestion], texts: Sequence[str], vectors: Mapping[str, NDArray[np.float32]]
) -> list[GoldenQuestion]:
    """The questions that come nearest to some texts, QUESTIONS_MAX at most: far ones a draft hardly changes."""
    if len(questions) <= QUESTIONS_MAX or not texts:
        return list(questions)
    asked, changed = (np.stack([vectors[text] for text in some]) for some in ([q.text for q in questions], texts))
    nearest = np.argsort(-(asked @ changed.T).max(axis=1), kind="stable")[:QUESTIONS_MAX]
    return [questions[number] for number in sorted(nearest.tolist())]


def find_repeats(
    drafts: Sequence[DraftIn], published: Mapping[str, Sequence[str]], titles: Mapping[str, str]
) -> Iterator[Failure]:
    """The drafts' new texts that another entry lists, word for word: neither could answer them surely.

    `published` are the entries' texts, `titles` the questions of the entries after, by id.
    """
    owners = {simplify(text): key for key, own in published.items() for text in own}
    drafted = {draft.entry_id for draft in drafts}
    owners = {plain: key for plain, key in owners.items() if key not in drafted}
    for draft in drafts:
        old = set(map(simplify, published.get(draft.entry_id, ())))
        for text in () if draft.is_retired else (draft.question, *draft.similar_questions):
            owner = owners.setdefault(simplify(text), draft.entry_id)
            if owner != draft.entry_id and simplify(text) not in old:
                yield Failure(text=text, expected=titles[owner], found=draft.question)


def find_failures(
    questions: Sequence[GoldenQuestion],
    before: Mapping[str, Finding],
    after: Mapping[str, Finding],
    new: Set[str],
    titles: Mapping[str, str],
) -> Iterator[Failure]:
    """What drafts break: a first hit that is lost, or not made by a new entry itself, and a question that must not be
    answered and is now. What went wrong before is not held against them.

    `before` and `after` are by text, `titles` the questions of the entries after, by id; `new` are the ids of those
    that are not published yet.
    """
    for question in questions:
        was, now = before[question.text], after[question.text]
        if question.entry_id is None:
            is_broken = now.is_answer and not was.is_answer
        elif question.entry_id in titles:
            is_lost = question.entry_id in new or question.entry_id == was.entry_id
            is_broken = is_lost and now.entry_id != question.entry_id
        else:
            is_broken = False  # the entry is retired, or not published yet
        if is_broken:
            expected = titles[question.entry_id] if question.entry_id else None
            yield Failure(text=question.text, expected=expected, found=titles[now.entry_id] if now.entry_id else None)


def find_first(index: Index, texts: Sequence[str], vectors: Vectors) -> dict[str, Finding]:
    """What each text finds first. `vectors`: of the texts."""
    found = {text: index.search(text, vectors[text], 1) for text in texts}
    return {
        text: Finding(matches[0][0] if matches else None, judge([score for _, score in matches]) == "answer")
        for text, matches in found.items()
    }
