"""Reader of the initial entries, knowledge/seed/<category>.yml; of knowledge/seed_internal only staff find any."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from knowledge.follow_ups import FOLLOW_UPS_MAX

FOLDER = Path(__file__).parent / "seed"
INTERNAL = Path(__file__).parent / "seed_internal"
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class EnglishEntry(BaseModel):
    """An entry's English: a question short enough for a button."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=48)]
    similar_questions: list[Text] = Field(default_factory=list)
    answer: Text


class SeedEntry(BaseModel):
    """One entry as the knowledge team writes it; `source` names the law or rule that it states, with its date."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
    question: Text
    similar_questions: Annotated[list[Text], Field(min_length=1)]
    answer: Text
    follow_ups: Annotated[list[Text], Field(max_length=FOLLOW_UPS_MAX)] = Field(default_factory=list)
    source: Text | None = None
    english: EnglishEntry | None = None

    def list_similar(self) -> list[str]:
        """All other ways to ask, in either language."""
        english = [self.english.question, *self.english.similar_questions] if self.english else []
        return [*self.similar_questions, *english]


_ENTRIES = TypeAdapter(list[SeedEntry])


def read_seed(folder: Path = FOLDER) -> Iterator[tuple[str, SeedEntry]]:
    """Topic and entry, file by file; raises pydantic.ValidationError on a malformed one."""
    for path in sorted(folder.glob("*.yml")):
        for entry in _ENTRIES.validate_python(yaml.safe_load(path.read_text(encoding="utf-8"))):
            yield path.stem, entry
