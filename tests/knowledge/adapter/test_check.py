"""The check of the paraphrases finds what it is for, and nothing in the committed files."""

from pathlib import Path

import pytest

from knowledge.adapter.check import find_alike, find_problems, find_repeats, find_templates
from knowledge.adapter.texts import HELD_OUT, PARAPHRASES, read_groups
from knowledge.seeding import read_seed

TEXTS_MIN = 8000


def test_the_committed_texts_have_no_problem() -> None:
    assert find_problems(PARAPHRASES, HELD_OUT) == []


def test_there_are_enough_texts_and_every_entry_has_some() -> None:
    files = [read_groups(path) for path in PARAPHRASES.glob("*.yml")]
    assert sum(len(texts) for groups in files for texts in groups.values()) >= TEXTS_MIN
    entries = {entry.id for _, entry in read_seed()}
    assert entries <= {group for groups in files for group in groups}
    assert entries | {"null"} == set(read_groups(HELD_OUT / "entries.yml"))


@pytest.mark.parametrize(
    ("groups", "known", "said"),
    [
        ({"a": ["卡丢了"], "b": ["卡丢了！"]}, {}, ["b: '卡丢了！' is already in a"]),
        ({"a": ["ＡＰＰ打不开"]}, {"app打不开": "the project"}, ["a: 'ＡＰＰ打不开' is already in the project"]),
        ({"a": ["卡丢了", "卡不见了"]}, {"卡": "the project"}, []),
    ],
)
def test_repeats(groups: dict[str, list[str]], known: dict[str, str], said: list[str]) -> None:
    assert list(find_repeats(groups, known)) == said


@pytest.mark.parametrize(
    ("texts", "others", "is_alike"),
    [
        (["提前还款要收违约金吗", "提前还款要收违约金不"], [], True),
        (["提前还款要收违约金吗"], ["那提前还款要收违约金吗"], True),
        (["早还会不会罚钱", "提前还款要收违约金吗"], [], False),
        (["换卡吧", "换卡"], [], False),
    ],
)
def test_alike(texts: list[str], others: list[str], is_alike: bool) -> None:
    assert bool(list(find_alike({"a": texts}, others))) == is_alike


def test_templates() -> None:
    names = "赵钱孙李周吴郑王冯"
    said = list(find_templates({"a": [f"请问一下怎么{name}{name}{name}" for name in names]}))
    assert said == ["9 texts begin with '请问一下怎'"]
    assert not list(find_templates({"a": [f"请问一下怎么{name}{name}{name}" for name in names[1:]]}))


def test_a_problem_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "paraphrases").mkdir()
    (tmp_path / "held_out").mkdir()
    (tmp_path / "paraphrases" / "loans.yml").write_text("- {id: a, texts: [早还有没有啥说法呀]}", encoding="utf-8")
    (tmp_path / "held_out" / "loans.yml").write_text("- {id: a, texts: [早还有没有啥说法吗]}", encoding="utf-8")
    said = find_problems(tmp_path / "paraphrases", tmp_path / "held_out")
    assert said == ["held_out/loans.yml: a: '早还有没有啥说法吗' is nearly '早还有没有啥说法呀'"]
