"""Sentences are added where the others of their intent or entry stand, and nothing else changes."""

from pathlib import Path

import pytest
import yaml

from bot.review.teaching_lists import Key, add_text, choose_list, find_alike, read_lists
from dev.nlu_examples import read_examples
from kit.settings import ROOT
from knowledge.seeding import read_seed

NLU = """\
# What customers want.
version: "3.1"
nlu:
- intent: check_quota
  examples: |
    - 我能贷多少
    - [农户贷](product)能批多少

- intent: ask_question
  examples: |
    - 利率多少
"""
OTHER = """\
version: "3.1"
nlu:
- intent: ask_question
  examples: |
    - 卡丢了咋办
"""
SEED = """\
# Cards.
- id: card-lost
  question: 卡丢了怎么办？
  similar_questions:
    - 卡找不到了
    - "是：我的卡不见了"
  answer: 请马上挂失。

- id: card-open
  question: 怎么开卡？
  similar_questions:
    - 开卡要啥证件
  answer: 带身份证。
"""


@pytest.fixture
def nlu(tmp_path: Path) -> Path:
    (tmp_path / "quota.yml").write_text(NLU, encoding="utf-8")
    (tmp_path / "cards.yml").write_text(OTHER, encoding="utf-8")
    return tmp_path


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    (tmp_path / "cards.yml").write_text(SEED, encoding="utf-8")
    return tmp_path


def add(folder: Path, key: Key, name: str, text: str) -> str:
    """What the file says then."""
    own = choose_list(text, name, read_lists(folder, key))
    assert own
    add_text(own, text)
    return own.path.read_text(encoding="utf-8")


def test_lists_are_what_the_project_reads_otherwise() -> None:
    intents = read_lists(ROOT / "bot/data/nlu", "examples")
    expected = sorted((e.text, e.intent) for e in read_examples(ROOT / "bot" / "data" / "nlu"))
    assert sorted((text, own.name) for own in intents for text in own.texts) == expected
    entries = read_lists(ROOT / "knowledge/seed", "similar_questions")
    assert [(own.name, list(own.texts)) for own in entries] == [(e.id, e.similar_questions) for _, e in read_seed()]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("俺能整多少", "俺能整多少"),
        ("能贷多少: 一万?", "能贷多少: 一万?"),
        ("#能批多少", "#能批多少"),
    ],
)
def test_an_example_stands_below_the_others_as_it_was_said(nlu: Path, text: str, line: str) -> None:
    after = add(nlu, "examples", "check_quota", text)
    assert after == NLU.replace("能批多少\n", f"能批多少\n    - {line}\n")
    assert (text, "check_quota") in [(e.text, e.intent) for e in read_examples(nlu)]


@pytest.mark.parametrize(("text", "file"), [("卡丢了去哪办", "cards.yml"), ("利率是多少啊", "quota.yml")])
def test_of_several_files_of_an_intent_it_is_that_with_the_most_similar_example(
    nlu: Path, text: str, file: str
) -> None:
    own = choose_list(text, "ask_question", read_lists(nlu, "examples"))
    assert own
    assert own.path.name == file


@pytest.mark.parametrize("text", ["我把卡弄没了", "卡丢了: 咋办", "# 卡没了", "- 卡没了", "'卡'没了", "123", "是"])
def test_a_similar_question_reads_as_it_was_said(seed: Path, text: str) -> None:
    after = add(seed, "similar_questions", "card-lost", text)
    first, second = yaml.safe_load(after)
    assert first["similar_questions"] == ["卡找不到了", "是：我的卡不见了", text]
    assert second == yaml.safe_load(SEED)[1]
    assert len(after.splitlines()) == len(SEED.splitlines()) + 1


def test_the_last_list_of_a_file(seed: Path) -> None:
    after = add(seed, "similar_questions", "card-open", "想开个户")
    assert after == SEED.replace("开卡要啥证件\n", "开卡要啥证件\n    - 想开个户\n")


def test_an_unknown_name_has_no_list(nlu: Path) -> None:
    assert choose_list("卡丢了", "unheard_of", read_lists(nlu, "examples")) is None


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("我能贷多少", "我能贷多少"),
        ("我能贷多少？", "我能贷多少"),
        ("我能貸多少", "我能贷多少"),
        ("农户贷能批多少呢", "农户贷能批多少"),
        ("卡丢了咋办啊", "卡丢了咋办"),
    ],
)
def test_nearly_the_same_is_found(nlu: Path, text: str, known: str) -> None:
    found = find_alike(text, read_lists(nlu, "examples"))
    assert found
    assert found[0] == known


@pytest.mark.parametrize("text", ["能批多少", "俺能弄多少钱", "卡掉了", "商户贷最多给多少", "？"])
def test_other_words_are_not(nlu: Path, text: str) -> None:
    assert find_alike(text, read_lists(nlu, "examples")) is None
