"""One key for each turn: an example, a similar question, a case, or nothing."""

from pathlib import Path

import pytest

from bot.review.history import ReviewHistory
from bot.review.review_turn import ReviewTurn
from bot.review.reviewing import KEYS, review
from tests.bot.review.turns import Said, make_replies, make_turns, said

FILES = {
    "bot/data/nlu/quota.yml": "nlu:\n- intent: check_quota\n  examples: |\n    - 我能贷多少\n",
    "tests/bot/nlu/quota.yml": "nlu:\n- intent: check_quota\n  examples: |\n    - 测个额度看看\n",
    "knowledge/seed/cards.yml": "- id: card-lost\n  similar_questions:\n    - 卡没了\n",
    "tests/end_to_end/dialogues/quota.yml": "",
}
CASES = "tests/end_to_end/dialogues/reviewed.yml"


class ScriptedTerminal:
    """Presses keys and types lines in order ("": what is proposed); remembers what was shown and asked."""

    def __init__(self, keys: str, *lines: str) -> None:
        self._keys = list(keys)
        self._lines = list(lines)
        self.shown: list[str] = []
        self.asked: list[tuple[str, str]] = []

    def show(self, text: str) -> None:
        self.shown.append(text)

    def read_key(self) -> str:
        return self._keys.pop(0)

    def ask(self, what: str, guess: str) -> str:
        self.asked.append((what, guess))
        return self._lines.pop(0) or guess


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def history(root: Path) -> ReviewHistory:
    return ReviewHistory(root / "var" / "review.json")


def find(message: Said, number: int = 1) -> ReviewTurn:
    """A turn worth a look that stands alone."""
    turns = make_turns(message, conversation=f"c{number}")
    return ReviewTurn(("low_confidence",), 0, tuple(turns), make_replies("您问的是？"))


def list_changes(root: Path) -> dict[str, list[str]]:
    """The lines that were added to each file."""
    texts = {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in root.rglob("*.yml")}
    added = {
        name: [line.strip() for line in text.splitlines() if line not in FILES.get(name, "").splitlines()]
        for name, text in texts.items()
    }
    return {name: lines for name, lines in added.items() if lines}


QUOTA = find(said("手头紧能弄点不", "not_understood", intent="check_quota", probability=0.3))
CARD = find(said("卡掉河里去了", "suggest", entry_id="card-lost", score=0.4))


@pytest.mark.parametrize(
    ("found", "keys", "lines", "asked", "added"),
    [
        (QUOTA, "i", [""], [("intent", "check_quota")], {"bot/data/nlu/quota.yml": ["- 手头紧能弄点不"]}),
        (CARD, "i", ["check_quota"], [("intent", "suggest")], {"bot/data/nlu/quota.yml": ["- 卡掉河里去了"]}),
        (CARD, "k", [""], [("entry", "card-lost")], {"knowledge/seed/cards.yml": ["- 卡掉河里去了"]}),
        (QUOTA, "k", ["card-lost"], [("entry", "")], {"knowledge/seed/cards.yml": ["- 手头紧能弄点不"]}),
    ],
)
def test_a_sentence_is_taught(
    root: Path,
    history: ReviewHistory,
    found: ReviewTurn,
    keys: str,
    lines: list[str],
    asked: list[tuple[str, str]],
    added: dict[str, list[str]],
) -> None:
    terminal = ScriptedTerminal(keys, *lines)
    review([found], terminal, history, root)
    assert (terminal.asked, list_changes(root)) == (asked, added)
    assert history.has(found.key)


@pytest.mark.parametrize(
    ("text", "key", "line", "told"),
    [
        ("我能贷多少呢", "i", "check_quota", "not added: check_quota has '我能贷多少'"),
        ("测个额度看看", "i", "check_quota", "not added: check_quota has '测个额度看看'"),
        ("卡没了！", "k", "card-lost", "not added: card-lost has '卡没了'"),
        ("卡掉河里去了", "k", "card-open", "no 'card-open' in knowledge/seed: card-lost"),
        ("卡掉河里去了", "i", "-", "nothing added"),
        ("卡掉河里去了", "k", "", "nothing added"),
    ],
)
def test_what_is_refused_can_be_given_another_key(
    root: Path, history: ReviewHistory, text: str, key: str, line: str, told: str
) -> None:
    found = find(said(text))
    terminal = ScriptedTerminal(f"{key}o", line)
    review([found], terminal, history, root)
    assert terminal.shown[1:] == [told, "ordinary"]
    assert (list_changes(root), history.has(found.key)) == ({}, True)


@pytest.mark.parametrize(
    ("typed", "added"),
    [
        ("我叫李四能贷多少钱", {"bot/data/nlu/quota.yml": ["- 我叫李四能贷多少钱"]}),
        ("", {}),
        ("我叫***能贷多少钱", {}),
    ],
)
def test_personal_data_are_written_anew_first(
    root: Path, history: ReviewHistory, typed: str, added: dict[str, list[str]]
) -> None:
    terminal = ScriptedTerminal("iq", "check_quota", typed)
    review([find(said("我叫***，能给贷多少"))], terminal, history, root)
    assert (terminal.asked[1:], list_changes(root)) == (
        [("我叫***，能给贷多少\nsay it without personal data", "-")],
        added,
    )


def test_a_dialogue_case(root: Path, history: ReviewHistory) -> None:
    review([QUOTA], ScriptedTerminal("d"), history, root)
    assert list_changes(root)[CASES][-3:] == [
        "- name: 2026-07-01 09:01, low_confidence",
        "turns:",
        "- { say: 手头紧能弄点不, hear: 您问的是 }",
    ]


def test_what_was_skipped_or_not_reached_comes_again(root: Path, history: ReviewHistory) -> None:
    each = [find(said("嗯那个", "not_understood"), number) for number in range(4)]
    terminal = ScriptedTerminal("osxq")
    review(each, terminal, history, root)
    assert [history.has(found.key) for found in each] == [True, False, False, False]
    assert [text for text in terminal.shown if KEYS in text][-1] == KEYS  # x means nothing
    assert list_changes(root) == {}
