"""Entries ranked among the few that come near a text, against all of them at once."""

import numpy as np
import pytest

from knowledge.character_pairs import CharacterPairs
from knowledge.entry_ranking import FOREIGN_LEAST, UNLIKELY, EntryRanking, count_rivals, find_candidates
from knowledge.kernel import TextFeatures, TextKernel, combine, normalise
from knowledge.ranking import fit_ranking
from tests.knowledge.hashing_encoder import HashingEncoder
from tests.knowledge.test_index import ENTRIES, FOREIGN

GROUPS = [*ENTRIES.values(), FOREIGN]
TEXTS = [text for own in GROUPS for text in own]
OWNERS = np.repeat(np.arange(len(GROUPS)), [len(own) for own in GROUPS])
COUNT = len(ENTRIES)


@pytest.fixture(scope="module")
def features() -> TextFeatures:
    return TextFeatures(normalise(HashingEncoder().encode(TEXTS)), CharacterPairs(TEXTS).matrix)


def test_a_text_has_its_own_entry_first_and_each_once(features: TextFeatures) -> None:
    candidates = find_candidates(features, OWNERS)
    assert candidates[:, 0].tolist() == OWNERS.tolist()
    assert np.array_equal(np.sort(candidates), np.tile(np.arange(len(GROUPS)), (len(TEXTS), 1)))


def test_only_the_nearest_entries_are_rivals(features: TextFeatures, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.entry_ranking.count_rivals", lambda texts, entries: 2)
    candidates = dict(zip(TEXTS, find_candidates(features, OWNERS).tolist(), strict=True))
    ids = [*ENTRIES, "foreign"]
    assert [ids[entry] for entry in candidates["取款密码记不得了"]] == ["card-password", "card-lost"]
    assert [ids[entry] for entry in candidates["贷款年利率是多少"]] == ["loan-rate", "loan-documents"]


def test_with_all_as_rivals_it_is_the_ranking_of_all(features: TextFeatures) -> None:
    likenesses = combine(*features.compare(features))
    expected = likenesses @ fit_ranking(TextKernel(features), OWNERS, len(GROUPS))
    logits = EntryRanking.fit(features, OWNERS).rank(*features.compare(features), OWNERS, COUNT)
    expected[:, COUNT] = np.logaddexp(expected[:, COUNT], FOREIGN_LEAST)
    assert np.abs(logits - expected).max() < 0.05 * np.abs(expected).max()


def test_what_is_not_near_a_question_is_not_ranked(features: TextFeatures, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.entry_ranking.RANKED", 1)
    monkeypatch.setattr("knowledge.entry_ranking.RANKED_BY_MEANING", 1)
    logits = EntryRanking.fit(features, OWNERS).rank(*features.compare(features), OWNERS, COUNT)
    ranked = logits[:, :COUNT] > UNLIKELY
    inside = OWNERS < COUNT
    assert ranked.sum(axis=1).tolist() == inside.astype(int).tolist()
    assert (logits[inside, :COUNT].argmax(axis=1) == OWNERS[inside]).all()


def test_rivals_rank_as_well_as_all(features: TextFeatures, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.entry_ranking.count_rivals", lambda texts, entries: 3)
    logits = EntryRanking.fit(features, OWNERS).rank(*features.compare(features), OWNERS, COUNT)
    assert (logits.argmax(axis=1) == OWNERS).all()


@pytest.mark.parametrize(
    ("texts", "entries", "rivals"),
    [(50, 6, 64), (3_600, 218, 58), (13_500, 375, 20), (100_000, 10_000, 14), (10**7, 10**5, 8)],
)
def test_the_more_texts_an_entry_has_the_fewer_rivals(texts: int, entries: int, rivals: int) -> None:
    assert count_rivals(texts, entries) == rivals
