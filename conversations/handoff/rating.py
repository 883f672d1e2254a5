"""How customers rate a talk: the buttons they are sent, and the words they type instead of pressing one."""

import re

from conversations.schemas import ReplyButton

# In order, so that the number that presses a button is the rating.
TITLES = {1: "很不满意", 2: "不满意", 3: "一般", 4: "满意", 5: "非常满意"}
_PREFIX = "/rate_talk"
_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_SCORE = re.compile(r"(?:我?[打给评]个?)?(?:满分)?([1-5一二两三四五])(?:分|星|颗星)(?:好评|吧)?")
_WORDS = {
    1: re.compile(r"(?:很|非常|特别|十分|太|极)不满意|(?:很|太)差"),
    2: re.compile(r"不(?:太|怎么|是很)?满意|差评"),
    3: re.compile(r"一般般?|还行|还可以|凑合"),
    4: re.compile(r"(?:比较|还算?|挺)?满意的?"),
    5: re.compile(r"(?:很|非常|特别|十分|超级?|相当)满意|(?:很|非常)好|满分|好评"),
}
_EDGES = " \t\r\n。.！!，,~～"


def make_rating_buttons(handoff_id: str) -> list[ReplyButton]:
    """Five buttons, the worst first."""
    return [ReplyButton(title=title, payload=f"{_PREFIX} {handoff_id} {n}") for n, title in TITLES.items()]


def read_rating(payload: str) -> tuple[str, int] | None:
    """The handoff and its rating from 1 to 5; None for another payload."""
    prefix, _, rest = payload.partition(" ")
    handoff_id, _, rating = rest.partition(" ")
    return (handoff_id, int(rating)) if prefix == _PREFIX else None


def read_typed_rating(text: str) -> int | None:
    """The rating from 1 to 5 that a whole message says: 5分, 五星, 非常满意; None for anything else."""
    said = text.strip(_EDGES)
    if found := _SCORE.fullmatch(said):
        return _DIGITS.get(found[1]) or int(found[1])
    return next((rating for rating, words in _WORDS.items() if words.fullmatch(said)), None)
