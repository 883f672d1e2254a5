"""Small talk, and steering words where no form is open."""

from understanding.bars import LIKELY, SURE, SURE_MATCH, UNLIKELY_MATCH
from understanding.rows.row import Row, act, cancel, does, in_form
from understanding.schemas import Act
from understanding.situation import Situation

_SMALL_TALK = ("greet", "goodbye", "thank", "bot_challenge")
_TALKED = (*_SMALL_TALK, "chitchat")
# Handing over, complaining or dropping on a guess is asked back first.
GRAVE = ("request_human", "request_account_manager", "complain", "cancel")


def _best(s: Situation, intents: tuple[str, ...], least: float) -> str:
    best = max(intents, key=s.sees_intent)
    return best if s.sees_intent(best) >= least and s.match_score < SURE_MATCH else ""


def _find_grave(s: Situation) -> str:
    """The grave act that they likely want; there must be something to be dropped."""
    best = _best(s, GRAVE, LIKELY) if not s.does("contact_when") else ""
    if best == "cancel":
        return best if in_form(s) or s.state.paused else ""
    if best == "complain" and s.match_score >= UNLIKELY_MATCH:
        return ""
    return best


def _said(s: Situation) -> str:
    return next((talk for talk in _SMALL_TALK if s.does(talk)), "")


PLAIN = [
    Row("makes small talk", lambda s: bool(_said(s)), lambda s: Act(name=_said(s))),
    Row("was not understood, they say", does("misunderstood"), act("apologise")),
    Row(
        "wants the last answer once more",
        lambda s: not in_form(s) and s.does("repeat") and s.state.last == "answer" and bool(s.state.entry),
        lambda s: Act(name="answer", values={"entry": s.state.entry}),
    ),
    Row(
        "wants the last answer in other words",
        lambda s: not in_form(s) and s.does("repeat", "rephrase"),
        act("repeat_answer"),
    ),
    Row(
        "drops what was left",
        lambda s: bool(s.state.paused) and s.does("cancel"),
        lambda s: cancel(s.state, is_confirmed=False),
    ),
    Row(
        "has nothing to cancel",
        lambda s: not in_form(s) and s.does("cancel", "not_cancel", "not_apply", "return_to_bot", "restart", "back"),
        act("nothing_to_cancel"),
    ),
    Row("needs time", does("wait", "think"), act("wait")),
    Row("agrees, to nothing", lambda s: not in_form(s) and s.does("yes", "continue"), act("affirm")),
    Row("denies, nothing asked", lambda s: not in_form(s) and s.does("no", "none", "skip"), act("deny")),
]
ROWS = [
    Row("surely complains", lambda s: bool(_best(s, ("complain",), SURE)), act("complain")),
    Row(
        "perhaps steers",
        lambda s: bool(_find_grave(s)),
        lambda s: Act(name="ask_back", values={"act": _find_grave(s)}),
    ),
    Row(
        "likely makes small talk",
        lambda s: bool(_best(s, _TALKED, LIKELY)),
        lambda s: Act(name=_best(s, _TALKED, LIKELY)),
    ),
]
