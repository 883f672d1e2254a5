"""Counts of questions and answers, of a day or a period."""

from conversations.schemas import Value


class _Talks(Value):
    """`talks`: what one customer wrote on one day; the `contained` ones led to no handoff on that day."""

    talks: int = 0
    contained: int = 0

    @property
    def containment(self) -> float | None:
        """The share that needed no human; None without talks."""
        return divide(self.contained, self.talks)


class QuestionMetrics(_Talks):
    """What customers asked.

    `asked`: questions, by words or by a button that was no offer. `answered`: with an entry, by itself or by the offer
    that was taken. `right`: at once and, as far as is known, rightly: no thumb down, not asked again, no human right
    after. `offered`: entries that may be meant were offered, `taken`: one of them was chosen.
    """

    asked: int = 0
    answered: int = 0
    right: int = 0
    offered: int = 0
    taken: int = 0
    up: int = 0
    down: int = 0

    @property
    def answer_rate(self) -> float | None:
        """The share of the questions that were answered."""
        return divide(self.answered, self.asked)

    @property
    def right_rate(self) -> float | None:
        """The share of the questions that were answered rightly at once."""
        return divide(self.right, self.asked)

    @property
    def taken_rate(self) -> float | None:
        """The share of the offers that were taken."""
        return divide(self.taken, self.offered)


class EntryMetrics(_Talks):
    """What one entry answered, also as an offer that was taken, and how many of these answers were right.

    `talks` are those it answered in.
    """

    answers: int = 0
    right: int = 0
    up: int = 0
    down: int = 0

    @property
    def right_rate(self) -> float | None:
        """The share of its answers that were right."""
        return divide(self.right, self.answers)

    @property
    def down_rate(self) -> float | None:
        """The share of its answers that got a thumb down."""
        return divide(self.down, self.answers)


def divide(part: int, whole: int) -> float | None:
    """A share; None of nothing."""
    return part / whole if whole else None
