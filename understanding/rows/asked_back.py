"""Answers to what 小禾 asked back: an act to be confirmed, or which entry was meant."""

from understanding.rows.row import Row, act
from understanding.schemas import Act
from understanding.situation import Situation

_OPTIONS = ("option_1", "option_2", "option_3")


def _find_option(s: Situation) -> str:
    """The offered entry that was chosen."""
    for entry, option in zip(s.state.offered, _OPTIONS, strict=False):
        if s.does(option):
            return entry
    return s.state.offered[-1] if s.state.offered and s.does("option_last") else ""


PLAIN = [
    Row(
        "confirms what was asked back",
        lambda s: bool(s.state.question) and s.does("yes", s.state.question) and s.is_bare,
        lambda s: Act(name=s.state.question, values={"is_confirmed": True}),
    ),
    Row(
        "does not confirm it",
        lambda s: bool(s.state.question) and s.does("no", "not_cancel", "not_human", "continue") and s.is_bare,
        act("keep"),
    ),
    Row(
        "chooses an offered entry",
        lambda s: bool(_find_option(s)),
        lambda s: Act(name="answer", values={"entry": _find_option(s)}),
    ),
    Row(
        "chooses none of them",
        lambda s: s.does("none_of_these") or (bool(s.state.offered) and s.does("no")),
        act("none_of_these"),
    ),
]
