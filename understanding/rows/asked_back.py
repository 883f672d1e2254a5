"""Answers to what 小禾 asked back: an act to be confirmed, or which entry was meant."""

from understanding.rows.rights import RIGHTS
from understanding.rows.row import Row, act, cancel, only_hears, resume
from understanding.schemas import Act
from understanding.situation import Situation

# What else confirms: 删吧 to 确认删除吗, 撤吧 to 确认撤回吗.
_CONFIRMS = {"erase_data": "erase_it", "withdraw_consent": "withdraw"}
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


def _refusing(s: Situation) -> tuple[str, ...]:
    """算了 drops a form, but not an application that was handed in."""
    return (
        "no",
        "not_cancel",
        "not_human",
        "continue",
        *(("return_to_bot",) if s.state.question == "withdraw" else ()),
    )


def _only_thanks(s: Situation) -> bool:
    """好的谢谢 to 要撤回吗 is no clear yes."""
    is_binding = s.state.question in ("withdraw", "cancel_visit", *RIGHTS)
    return is_binding and only_hears(s) and "谢" in s.reading.plain


PLAIN = [
    Row(
        "confirms what was asked back",
        # By its words only: 先别急着撤 is no yes, however likely a withdrawal is meant.
        lambda s: (
            # What is right is told, not agreed with.
            s.state.question not in ("", "correct_data")
            and bool({"yes", s.state.question, _CONFIRMS.get(s.state.question, "yes")} & {*s.reading.acts})
            and s.is_bare
            and not _only_thanks(s)
        ),
        _confirm,
    ),
    Row("only thanks for what was asked back", _only_thanks, lambda s: Act(name=s.state.question)),
    Row(
        "does not confirm it",
        lambda s: bool(s.state.question) and s.does(*_refusing(s)) and s.is_bare,
        lambda s: resume(s.state),
    ),
    Row(
        "chooses an offered entry",
        lambda s: bool(_find_option(s)),
        lambda s: Act(name="answer", values={"entry": _find_option(s)}),
    ),
    Row(
        "chooses none of them",
        # 没有 may answer the question of a form, and 不同意 is said to it even beside entries.
        lambda s: (
            s.does("none_of_these", "no")
            if s.state.offered and s.kind not in ("consent", "confirmation") and not (s.does("none") and s.kind)
            else s.does("none_of_these") and not s.does("none")
        ),
        act("none_of_these"),
    ),
]
