"""Shows turns one after another; the reviewer presses one key for each."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, Protocol

from bot.review.dialogue_case import add_case
from bot.review.history import ReviewHistory
from bot.review.listing import describe, format_time
from bot.review.review_turn import ReviewTurn
from bot.review.teaching_lists import Key, add_text, choose_list, find_alike, read_lists
from understanding.choice import read_choice

KEYS = "i example of an intent   k similar question   d dialogue case   o ordinary   s skip, show again   q quit"
NONE = "-"
_MASKED = "*•"
_FOLDERS: dict[Key, tuple[str, ...]] = {
    "examples": ("bot/data/nlu", "tests/bot/nlu"),
    "similar_questions": ("knowledge/seed",),
}
_CASES = "tests/end_to_end/dialogues/reviewed.yml"


class Terminal(Protocol):
    """Where the reviewer sits."""

    def show(self, text: str) -> None:
        """Prints some lines."""
        ...

    def read_key(self) -> str:
        """The next key pressed."""
        ...

    def ask(self, what: str, guess: str) -> str:
        """A line typed; the guess if it is empty."""
        ...


class _Result(NamedTuple):
    is_done: bool
    text: str


def review(found: Iterable[ReviewTurn], terminal: Terminal, history: ReviewHistory, root: Path) -> None:
    """Goes through turns until the reviewer quits; `root` is the folder of the project."""
    for each in found:
        terminal.show(f"\n{describe(each)}\n{KEYS}")
        while (key := terminal.read_key()) != "s":
            if key == "q":
                return
            if key not in _ACTIONS:
                terminal.show(KEYS)
                continue
            what, act = _ACTIONS[key]
            result = act(each, terminal, root)
            terminal.show(result.text)
            if result.is_done:
                history.add(each.key, what)
                break


def _teach_intent(each: ReviewTurn, terminal: Terminal, root: Path) -> _Result:
    choice = read_choice(each.turn)
    return _teach("examples", choice.intent or choice.act, each, terminal, root)


def _teach_entry(each: ReviewTurn, terminal: Terminal, root: Path) -> _Result:
    return _teach("similar_questions", read_choice(each.turn).entry_id, each, terminal, root)


def _teach(key: Key, guess: str, each: ReviewTurn, terminal: Terminal, root: Path) -> _Result:
    folders = [root / folder for folder in _FOLDERS[key]]
    lists = read_lists(folders[0], key)
    name = terminal.ask("intent" if key == "examples" else "entry", guess)
    text = each.turn.text
    own = choose_list(text, name, lists)
    if own is None:
        known = ", ".join(sorted({own.name for own in lists}))
        return _Result(False, "nothing added" if name in ("", NONE) else f"no {name!r} in {_FOLDERS[key][0]}: {known}")
    if any(mark in text for mark in _MASKED):
        text = terminal.ask(f"{text}\nsay it without personal data", NONE)
    if text == NONE or any(mark in text for mark in _MASKED):
        return _Result(False, "nothing added")
    held_out = [own for folder in folders[1:] for own in read_lists(folder, key)]
    if alike := find_alike(text, [*lists, *held_out]):
        return _Result(False, f"not added: {alike[1]} has {alike[0]!r}")
    add_text(own, text)
    return _Result(True, f"added to {name} in {own.path.relative_to(root)}")


def _write_case(each: ReviewTurn, terminal: Terminal, root: Path) -> _Result:
    name = f"{format_time(each.turn)}, {', '.join(each.kinds)}"
    add_case(root / _CASES, name, list(zip(each.visit, each.replies, strict=True)))
    return _Result(True, f"added to {_CASES}: edit it there")


def _pass(each: ReviewTurn, terminal: Terminal, root: Path) -> _Result:
    return _Result(True, "ordinary")


_ACTIONS: dict[str, tuple[str, Callable[[ReviewTurn, Terminal, Path], _Result]]] = {
    "i": ("example", _teach_intent),
    "k": ("similar question", _teach_entry),
    "d": ("dialogue", _write_case),
    "o": ("ordinary", _pass),
}
