"""Inside a form: answers, corrections, repairs, and leaving it."""

import re
from collections.abc import Sequence

from forms.catalogue import Kind
from understanding.bars import LIKELY, SURE_MATCH, UNLIKELY_MATCH
from understanding.edits import find_slot
from understanding.normalise import normalise
from understanding.rows.row import Row, act, in_form, only_hears, supposes
from understanding.schemas import Act, Fact
from understanding.situation import ANSWERS, Situation
from understanding.stated import find_all_facts

USE_LENGTH_MIN, USE_LENGTH_MAX = 3, 20  # characters
# Longer than a use: 水稻十来亩，还养了两头牛.
WORDS_LENGTH_MAX = 30
_YES_NO: tuple[Kind, ...] = ("yes_no", "possession")
# The form takes these itself, and words its question anew.
_DENIES = re.compile("[不没别莫甭未拒]")
REPAIRS = {
    # Rasa keeps the names back and restart for acts of its own.
    "back": "go_back",
    "restart": "start_over",
    **{name: name for name in ("skip", "dont_know", "rather_not_say", "repeat", "rephrase", "misunderstood")},
}


def _inform(s: Situation) -> Act:
    return Act(name="inform", facts=s.answers)


def _fill(s: Situation, value: bool) -> Act:
    return Act(name="inform", values={str(s.state.asked): value}, facts=s.answers)


def _state(s: Situation, kind: str) -> Act:
    slot = str(s.state.asked)
    stated = Fact.model_validate({"kind": kind, "role": slot})
    return Act(name="inform", facts=(stated, *(fact for fact in s.answers if fact.role != slot)))


def _leaving(s: Situation) -> Sequence[str]:
    """What leaves an answer as it was when it is asked anew; a yes or no may be the answer itself."""
    answering = () if s.kind in _YES_NO else ("yes", "no")
    return ("unchanged", "return_to_bot", "skip", "continue", "not_cancel", *answering)


def _asks(s: Situation, *kinds: str) -> bool:
    return in_form(s) and s.kind in kinds


def _says_none(s: Situation) -> bool:
    """All there is, or beside facts that answer other questions: 没有，也没逾期过."""
    is_beside = "none" in s.reading.mentions and bool(s.answers) and not s.answers_question
    return s.does("none") or (is_beside and not s.reading.is_question)


def _starts_other(s: Situation) -> bool:
    """我想贷款5万买种子, said while the limit is checked."""
    return s.form is not None and s.form.id != "application_form" and s.does("wants_loan") and not s.answers_own


def _is_supposed(s: Situation) -> bool:
    """要是还欠着五万呢, if I had 100 mu?: no fact, unless it was told without asking."""
    return supposes(s) and s.reading.is_question


def _is_plain_answer(s: Situation) -> bool:
    return (
        in_form(s)
        and not _is_supposed(s)
        and not _starts_other(s)
        and s.is_all_said
        and not s.changes_quota
        and (not s.reading.is_question or s.answers_question)
    )


def _is_longer_answer(s: Situation) -> bool:
    """Facts with more words around them, where no question is a surer reading.

    A fact that is named, or makes up most of the message as the answer, is told and not asked.
    """
    is_mostly_answer = s.answers_question and len(s.reading.rest) * 2 <= len(s.reading.plain)
    is_told = (s.names_own or is_mostly_answer) and not s.reading.is_question
    return in_form(s) and bool(s.answers) and not _is_supposed(s) and (is_told or s.match_score < SURE_MATCH)


def _find_filled(s: Situation, slots: Sequence[str]) -> str:
    return next((slot for slot in slots if slot in s.own_slots and slot in s.state.filled), "")


def _find_edit(s: Situation) -> str:
    """The answered question that they name, or point at in the summary, to be changed."""
    if s.reading.edits and not s.answers:
        return _find_filled(s, s.reading.edits)
    if _asks(s, "confirmation") and not s.answers and (slot := find_slot(s.reading.plain)):  # 金额
        return _find_filled(s, [slot])
    number = next((n for n in range(1, 10) if s.does(f"option_{n}")), 0) if _asks(s, "confirmation") else 0
    return s.listed[number - 1] if 0 < number <= len(s.listed) else ""


def _denies_nothing(s: Situation) -> bool:
    """行，我种菜的，别查征信 tells facts and a condition: no consent."""
    words = list(s.reading.plain)
    for fact in s.reading.facts:  # 没有农机 is a fact
        words[fact.start : fact.end] = " " * (fact.end - fact.start)
    return not s.reading.facts or not _DENIES.search("".join(words))


def _take_proposed(s: Situation) -> Act:
    facts = find_all_facts(normalise(s.state.proposed), s.kind)
    return Act(name="inform", facts=tuple(fact.model_copy(update={"role": str(s.state.asked)}) for fact in facts))


def _only_hears(s: Situation) -> bool:
    """A yes to what was said last, which was not only the summary: 好 after 先不提交, or after an answer."""
    return s.state.offered != () or (only_hears(s) and (s.state.is_interrupted or "谢" in s.reading.plain))


def _goes_on(s: Situation) -> bool:
    """我不想申请 only turns down an application; 我不想办了 drops what is open as well."""
    is_turned_down = s.does("not_apply") and not s.does("cancel")
    return in_form(s) and (s.does("continue", "not_cancel", "unchanged") or is_turned_down)


PLAIN = [
    Row(
        # The form's question comes first again.
        "says yes or no to what was said beside the form",
        lambda s: in_form(s) and s.state.is_aside and s.does("yes", "no") and s.is_bare,
        act("keep"),
    ),
    Row(
        "agrees with the value asked back",
        lambda s: in_form(s) and bool(s.state.proposed) and s.does("yes") and s.is_bare,
        _take_proposed,
    ),
    Row(
        "took something back",
        lambda s: in_form(s) and not _asks(s, "confirmation") and s.does("mistaken") and s.is_bare,
        act("go_back"),
    ),
    Row("consents", lambda s: _asks(s, "consent") and s.does("yes") and _denies_nothing(s), lambda s: _fill(s, True)),
    Row(
        "does not consent",
        lambda s: _asks(s, "consent") and s.does("no", "cancel") and s.is_bare,
        lambda s: _fill(s, False),
    ),
    Row(
        "confirms",
        lambda s: _asks(s, "confirmation") and s.does("yes") and s.is_bare and not _only_hears(s),
        lambda s: _fill(s, True),
    ),
    Row("may confirm", lambda s: _asks(s, "confirmation") and s.does("yes") and s.is_bare, act("ask_submit")),
    Row(
        "leaves the rest open",
        lambda s: (
            in_form(s) and s.form is not None and s.state.asked in s.form.optional and s.does("submit", "leave_rest")
        ),
        lambda s: Act(name="skip", values={"is_rest": True}),
    ),
    Row(
        "wants to tell more",
        lambda s: s.form is not None and bool(s.form.optional) and s.does("completes"),
        act("tell_more"),
    ),
    Row(
        "would leave open what is needed",
        lambda s: in_form(s) and s.does("leave_rest") and not s.does("submit", "cancel"),
        act("skip"),
    ),
    Row("submits too early", lambda s: in_form(s) and s.does("submit") and s.kind != "confirmation", act("keep")),
    Row(
        "does not confirm",
        lambda s: _asks(s, "confirmation") and s.does("no", "not_submit") and s.is_bare,
        lambda s: _fill(s, False),
    ),
    Row(
        "has none of it",
        # 没有，现在正逾期着: the fact counts.
        lambda s: (
            in_form(s) and "none" in ANSWERS.get(s.kind or "consent", ()) and _says_none(s) and not s.answers_question
        ),
        lambda s: _state(s, "none"),
    ),
    Row("denies it", lambda s: _asks(s, *_YES_NO) and s.does("no") and s.is_bare, lambda s: _state(s, "none")),
    Row("has it", lambda s: _asks(s, *_YES_NO) and s.does("some") and s.is_bare, lambda s: _state(s, "some")),
    Row(
        "says yes to having it",
        lambda s: _asks(s, "possession") and s.does("yes") and s.is_bare,
        lambda s: _state(s, "some"),
    ),
    Row(
        "leaves an answer as it was",
        lambda s: in_form(s) and s.state.has_former and s.is_bare and s.does(*_leaving(s)),
        act("keep_answer"),
    ),
    Row(
        "names what to change",
        lambda s: in_form(s) and bool(_find_edit(s)) and not s.reading.is_question,
        lambda s: Act(name="edit", values={"slot": _find_edit(s)}),
    ),
    Row("asks why", lambda s: in_form(s) and s.does("why"), act("ask_why")),
    Row("goes on", _goes_on, act("keep")),
    # 就按这个申请 is no answer to what the data are used for.
    Row("goes on to the consent", lambda s: _asks(s, "consent") and s.does("apply_for_it", "submit"), act("keep")),
    # 先不填 leaves out the question at least.
    Row("drops it", lambda s: in_form(s) and s.does("cancel") and not s.does("skip"), act("cancel")),
    Row(
        "needs the question in another way",
        lambda s: in_form(s) and s.does(*REPAIRS),
        lambda s: Act(name=next(name for said, name in REPAIRS.items() if s.does(said))),
    ),
    Row("answers", _is_plain_answer, _inform),
]
ROWS = [
    Row("answers in a longer message", lambda s: _is_longer_answer(s) and s.answers_question, _inform),
    Row(
        "corrects or adds in a longer message",
        lambda s: _is_longer_answer(s) and (s.reading.is_correction or not s.reading.is_question),
        _inform,
    ),
]


def _is_told(s: Situation) -> bool:
    """Whether it is rather an answer than anything else."""
    return s.sees_intent("inform") >= LIKELY and s.match_score < UNLIKELY_MATCH and not s.reading.is_question


def _names_use(s: Situation) -> bool:
    """What the money is for, in words that no list holds."""
    is_short = USE_LENGTH_MIN <= len(s.reading.plain) <= USE_LENGTH_MAX
    is_use = is_short and _is_told(s) and not re.search("[0-9]", s.reading.plain)
    return _asks(s, "purpose") and is_use and not s.reading.facts


def _names_living(s: Situation) -> bool:
    """A trade, a crop or a firm's name that no list holds."""
    is_short = len(s.reading.plain) <= WORDS_LENGTH_MAX
    return _asks(s, "livelihood", "company") and is_short and _is_told(s) and not s.answers


def _tell_living(s: Situation) -> Act:
    fact = {"kind": s.kind, "role": s.state.asked, "text": s.reading.plain}
    return Act(name="inform", facts=(Fact.model_validate(fact),))


def _corrects(s: Situation) -> bool:
    may_ask = s.reading.is_question and s.match_score >= SURE_MATCH
    return _asks(s, "confirmation") and not may_ask and (s.reading.is_correction or s.sees_intent("inform") >= LIKELY)


def _find_wrong(s: Situation) -> str:
    return _find_filled(s, s.reading.named)


ROWS += [
    Row(
        "names a use in words of its own",
        _names_use,
        lambda s: Act(name="inform", facts=(Fact(kind="purpose", role="purpose", text=s.reading.plain),)),
    ),
    Row("names a living or a firm in words of its own", _names_living, _tell_living),
    Row(
        "names what is wrong",
        lambda s: _corrects(s) and bool(_find_wrong(s)),
        lambda s: Act(name="edit", values={"slot": _find_wrong(s)}),
    ),
    Row("says that something is wrong", _corrects, act("correct_what")),
]
LAST = [Row("is not understood in a form", in_form, act("unclear"))]
