"""Small talk, and steering words where no form is open."""

from understanding.rows.row import LIKELY, SURE, SURE_MATCH, Row, act, does, in_form
from understanding.schemas import Act
from understanding.situation import Situation

_SMALL_TALK = ("greet", "goodbye", "thank", "bot_challenge")
_TALKED = (*_SMALL_TALK, "chitchat")
# Handing over or complaining on a guess is asked back first.
_GRAVE = ("request_human", "request_account_manager", "complain", "withdraw", "cancel")


def _best(s: Situation, intents: tuple[str, ...], least: float) -> str:
    best = max(intents, key=s.sees_intent)
    return best if s.sees_intent(best) >= least and s.match_score < SURE_MATCH else ""


def _said(s: Situation) -> str:
    return next((talk for talk in _SMALL_TALK if s.does(talk)), "")


PLAIN = [
    Row("makes small talk", lambda s: bool(_said(s)), lambda s: Act(name=_said(s))),
    Row("was not understood, they say", does("misunderstood"), act("apologise")),
    Row(
        "asks for the last answer again",
        lambda s: not in_form(s) and s.does("repeat", "rephrase"),
        act("repeat_answer"),
    ),
    Row(
        "has nothing to cancel",
        lambda s: not in_form(s) and s.does("cancel", "not_cancel", "not_apply", "return_to_bot", "restart", "back"),
        lambda s: Act(name="cancel" if s.state.paused and s.does("cancel") else "nothing_to_cancel"),
    ),
    Row("needs time, no form open", does("wait", "think"), act("wait")),
    Row("agrees, to nothing", lambda s: not in_form(s) and s.does("yes", "continue"), act("affirm")),
    Row("denies, nothing asked", lambda s: not in_form(s) and s.does("no", "none", "skip"), act("deny")),
]
ROWS = [
    Row("surely steers", lambda s: bool(_best(s, _GRAVE[:3], SURE)), lambda s: Act(name=_best(s, _GRAVE[:3], SURE))),
    Row(
        "perhaps steers",
        lambda s: bool(_best(s, _GRAVE, LIKELY)),
        lambda s: Act(name="ask_back", values={"act": _best(s, _GRAVE, LIKELY)}),
    ),
    Row(
        "surely makes small talk",
        lambda s: bool(_best(s, _TALKED, LIKELY)),
        lambda s: Act(name=_best(s, _TALKED, LIKELY)),
    ),
]
