"""An entry as the index sees it: a question, its paraphrases and the answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One knowledge entry; `question` and `similar_questions` are searched, `answer` is not."""

    entry_id: str
    question: str
    similar_questions: tuple[str, ...]
    answer: str

    @property
    def texts(self) -> tuple[str, ...]:
        """The question and its similar questions."""
        return (self.question, *self.similar_questions)
