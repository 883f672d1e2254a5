"""Starting a form: in so many words, or by an intent that beats the best knowledge match."""

from understanding.rows.row import LIKELY, Row
from understanding.schemas import Act
from understanding.situation import Situation

_WISHES = {"wants_quota": "check_quota", "wants_loan": "apply_for_loan"}
_FORMS = {"check_quota": "quota_form", "apply_for_loan": "application_form"}


def _find_wish(s: Situation) -> str:
    return next((start for wish, start in _WISHES.items() if s.does(wish)), "")


def _find_likely(s: Situation) -> str:
    best = max(_FORMS, key=s.sees_intent)
    is_likely = s.sees_intent(best) >= LIKELY and s.sees_intent(best) > s.match_score
    return best if is_likely and _FORMS[best] != s.state.form else ""


PLAIN = [
    Row("wants a form", lambda s: bool(_find_wish(s)), lambda s: Act(name=_find_wish(s), facts=s.answers)),
]
ROWS = [
    Row("surely wants a form", lambda s: bool(_find_likely(s)), lambda s: Act(name=_find_likely(s), facts=s.answers)),
]
