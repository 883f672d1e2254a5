"""小禾's own Chinese in English: sentences and terms by the phrase book english.yml, sums, spans and dates by rule."""

import calendar
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from conversations.schemas import Reply

_FILE = Path(__file__).with_name("english.yml")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SENTENCE_END = re.compile(r"(?<=[。！？])")
_BULLET = "· "

_UNITS = {"": 1, "万": 10_000, "亿": 100_000_000}
_TENTHS = "零一两三四五六七八九"
_DAYS = {"今天": "today", "明天": "tomorrow", "后天": "the day after tomorrow"}
_PARTS = {"上午": "morning", "中午": "middle of the day", "下午": "afternoon", "晚上": "evening"}
_BOUNDS = {"": "", "左右": "at about ", "前": "before ", "后": "after "}

# What stands in the places of a phrase; others are any text within a sentence.
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_SUM = rf"{_NUMBER}[万亿]?元"
_DATE = "(?:1[0-2]|[1-9])月[0-9]{1,2}日"
_MOMENT = rf"(?:今天|明天|后天|{_DATE})[0-9]{{1,2}}:[0-9]{{2}}"
_PLACES = {
    **dict.fromkeys(("sum", "most", "least", "debt", "gain", "loss"), _SUM),
    **dict.fromkeys(("age", "years", "needed", "ahead", "minutes", "rate", "count"), _NUMBER),
    **dict.fromkeys(("opens", "due"), _MOMENT),
    "area": f"{_NUMBER}亩",
    "share": f"[一两三四五六七八九]成|{_NUMBER}[%倍]",
    "date": _DATE,
}
_ANY = r"[^。！？\n]+?"


def to_english(text: str) -> str:
    """The text in English as far as it is known here; what customers typed, and sentences of others, stay Chinese."""
    return "\n".join(map(_translate_line, text.split("\n"))) if _HAN.search(text) else text


def to_english_reply(reply: Reply) -> Reply:
    """A reply with its text, the titles of its buttons and the form in progress in English."""
    buttons = [button.model_copy(update={"title": to_english(button.title)}) for button in reply.buttons]
    form = to_english(reply.progress.form) if reply.progress else ""
    progress = reply.progress and reply.progress.model_copy(update={"form": form})
    return reply.model_copy(update={"text": to_english(reply.text), "buttons": buttons, "progress": progress})


def _translate_line(line: str) -> str:
    if line.startswith(_BULLET):
        return _BULLET + _translate_line(line.removeprefix(_BULLET))
    if (whole := _find(line)) is not None:
        return whole
    sentences = [sentence for sentence in _SENTENCE_END.split(line) if sentence]
    found = [_find(sentence) for sentence in sentences]
    if not any(found):
        return line
    return " ".join(english or chinese for english, chinese in zip(found, sentences, strict=True))


def _find(text: str) -> str | None:
    """The English of one sentence, term, value or list; None if it is not known."""
    for value, write in _VALUES:
        if match := value.fullmatch(text):
            return write(match)
    book = _load_book()
    if text in book.phrases:
        return book.phrases[text]
    for pattern, english in book.patterns:
        if match := pattern.fullmatch(text):
            return english.format_map({place: to_english(value) for place, value in match.groupdict().items()})
    return _list_all(text, "；", "; ") or _describe_answers(text) or _list_all(text, "、", ", ")


def _describe_answers(text: str) -> str | None:
    labels = _load_book().labels
    label = "|".join(labels)
    answers = [re.fullmatch(f"({label})(?!、)(.+)", answer) for answer in re.split(f"，(?={label})", text)]
    found = [f"{labels[answer[1]]}: {to_english(answer[2])}" for answer in answers if answer]
    return "; ".join(found) if len(found) == len(answers) else None


def _list_all(text: str, separator: str, joint: str) -> str | None:
    if separator not in text:
        return None
    terms = [_find(term) or ("" if _HAN.search(term) else term) for term in text.split(separator)]
    return joint.join(terms) if all(terms) else None


def _write_sum(match: re.Match[str]) -> str:
    yuan = Decimal(match[1]) * _UNITS[match[2]]
    return f"CNY {yuan:,.2f}" if yuan % 1 else f"CNY {int(yuan):,}"


def _write_span(match: re.Match[str]) -> str:
    months = int(match[1] or 0) * 12 + (6 if match[2] else 0) + int(match[3] or 0)
    number, unit = (months, "month") if months % 12 else (months // 12, "year")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _write_date(match: re.Match[str]) -> str:
    return f"{match[2]} {calendar.month_name[int(match[1])]}"


def _write_moment(match: re.Match[str]) -> str:
    day = _DAYS.get(match[1]) or f"on {to_english(match[1])}"
    if match["part"]:
        return f"{day}, in the {_PARTS[match['part']]}"
    return f"{_BOUNDS[match['bound'] or '']}{match['clock']} {day}"


def _write_share(match: re.Match[str]) -> str:
    return f"{_TENTHS.index(match[1]) * 10}%" if match[1] else f"{float(match[2]) * 100:g}%"


# As kit/money.py, kit/working_time.py, conversations/wished_time.py and scoring/wording.py write them.
_VALUES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf"({_NUMBER})([万亿]?)元"), _write_sum),
    (re.compile(r"(?=[0-9])(?:([0-9]+)年(半)?)?(?:([0-9]+)个月)?"), _write_span),
    (re.compile(r"([0-9]+\.[0-9]+)年"), lambda match: f"{match[1]} years"),
    (re.compile(f"({_NUMBER})亩"), lambda match: f"{match[1]} mu"),
    (re.compile("(1[0-2]|[1-9])月([0-9]{1,2})日"), _write_date),
    (
        re.compile("([0-9]{4})年(1[0-2]|[1-9])月([0-9]{1,2})日"),
        lambda match: f"{match[3]} {calendar.month_name[int(match[2])]} {match[1]}",
    ),
    (
        re.compile(
            rf"(今天|明天|后天|{_DATE})"
            rf"(?:(?P<clock>[0-9]{{1,2}}:[0-9]{{2}})(?P<bound>左右|前|后)?|(?P<part>{'|'.join(_PARTS)}))"
        ),
        _write_moment,
    ),
    (re.compile(f"([一两三四五六七八九])成|({_NUMBER})倍"), _write_share),
)


class _Book(NamedTuple):
    """The phrase book; `patterns` are its phrases with places for values, the most telling first."""

    labels: dict[str, str]
    phrases: dict[str, str]
    patterns: list[tuple[re.Pattern[str], str]]


@cache
def _load_book() -> _Book:
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    labels, phrases = content["labels"], content["phrases"]
    with_places = sorted((chinese for chinese in phrases if "{" in chinese), key=_measure, reverse=True)
    return _Book(labels, labels | phrases, [(_compile(chinese, labels), phrases[chinese]) for chinese in with_places])


def _measure(chinese: str) -> int:
    """The length of what a phrase says without its values."""
    return len(re.sub(r"{\w+}", "", chinese))


def _compile(chinese: str, labels: Iterable[str]) -> re.Pattern[str]:
    places = {**_PLACES, "label": "|".join(labels)}
    parts = re.split(r"{(\w+)}", chinese)
    written = [f"(?P<{p}>{places.get(p, _ANY)})" if n % 2 else re.escape(p) for n, p in enumerate(parts)]
    return re.compile("".join(written))
