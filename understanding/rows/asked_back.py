"""Answers to what 小禾 asked back: an act to be confirmed, or which entry was meant."""

from understanding.rows.row import Row, act, cancel, resume
from understanding.schemas import Act
from understanding.situation import Situation

_OPTIONS = ("option_1", "option_2", "option_3")


def _find_option(s: Situation) -> str:
    """The offered entry that was chosen."""
    for entry, option in zip(s.state.offered, _OPTIONS, strict=False):
        if s.does(option):
            return entry
    return s.state.offered[-1] if s.state.offered and s.does("option_last") else ""


def _confirm(s: Situation) -> Act:
    if s.state.question == "cancel":
        return cancel(s.state, is_confirmed=True)
    return Act(name=s.state.question, values={"is_confirmed": True})


PLAIN = [
    Row(
        "confirms what was asked back",
        # By its words only: 先别急着撤 is no yes, however likely a withdrawal is meant.
        lambda s: bool(s.state.question) and bool({"yes", s.state.question} & {*s.reading.acts}) and s.is_bare,
        _confirm,
    ),
    Row(
        "does not confirm it",
        lambda s: bool(s.state.question) and s.does("no", "not_cancel", "not_human", "continue") and s.is_bare,
        lambda s: resume(s.state),
    ),
    Row(
        "chooses an offered entry",
        lambda s: bool(_find_option(s)),
        lambda s: Act(name="answer", values={"entry": _find_option(s)}),
    ),
    Row(
        "chooses none of them",
        # `none` alone may also answer the question of a form, and 不同意 is said to it even beside entries.
        lambda s: (
            s.does("none_of_these", "no")
            if s.state.offered and s.kind not in ("consent", "confirmation")
            else s.does("none_of_these") and not s.does("none")
        ),
        act("none_of_these"),
    ),
]
