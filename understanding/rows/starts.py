"""Starting a form: in so many words, or by an intent that beats the best knowledge match."""

from dataclasses import replace

from understanding.bars import LIKELY_START
from understanding.rows.row import Row
from understanding.schemas import Act
from understanding.situation import Situation

_WISHES = {"wants_quota": "check_quota", "wants_loan": "apply_for_loan"}
_FORMS = {"check_quota": "quota_form", "apply_for_loan": "application_form"}


def _find_wish(s: Situation) -> str:
    """The form that the whole message wants, or that it ends in asking for after facts of theirs.

    装修贷款 only names a kind of loan, and 你们有啥贷款 beside a wish is the question.
    """
    tells = not s.answers_own and any(fact.kind not in ("product", "purpose") for fact in s.reading.facts)
    told = set(s.reading.mentions) if tells else set()
    if s.reading.is_question:
        told.discard("wants_loan")
        names_sum = any(fact.role == "amount" for fact in s.answers)
        if s.state.last == "quota" and names_sum:  # 那我想借20万行不行: whether the quota is enough
            return ""
    return next((start for wish, start in _WISHES.items() if s.does(wish) or wish in told), "")


def _start(s: Situation, name: str) -> Act:
    """An application after a quota or a calculation is for what was found.

    What is told beside the wish is for the form to be begun: 我要贷款6万买种子, said in another one.
    """
    facts = replace(s, state=s.state.model_copy(update={"form": None, "asked": None})).answers
    follows = name == "apply_for_loan" and s.state.last in ("quota", "calculation") and not facts
    return Act(name=name, facts=facts, values={"follows": s.state.last} if follows else {})


def _find_likely(s: Situation) -> str:
    """Not beside a clause that surely asks something else: 我想贷点款，利率多少."""
    best = max(_FORMS, key=s.sees_intent)
    if best == "apply_for_loan" and s.reading.is_question and s.evidence and s.evidence.parts:
        return ""
    is_likely = s.sees_intent(best) >= LIKELY_START and s.sees_intent(best) > s.match_score
    return best if is_likely and _FORMS[best] != s.state.form else ""


PLAIN = [
    Row("wants a form", lambda s: bool(_find_wish(s)), lambda s: _start(s, _find_wish(s))),
]


def _tells_wish(s: Situation) -> bool:
    """A sum that is called a wish, told and not asked about."""
    facts = s.reading.facts
    wished = any(fact.role == "amount" and fact.kind in ("sum", "number") and not fact.change for fact in facts)
    return s.form is None and wished and not s.reading.is_question


ROWS = [
    Row("tells what they wish to borrow", _tells_wish, lambda s: _start(s, "apply_for_loan")),
    Row("surely wants a form", lambda s: bool(_find_likely(s)), lambda s: _start(s, _find_likely(s))),
]
