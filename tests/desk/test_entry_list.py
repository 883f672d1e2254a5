"""Entries as they are listed: by state, owner and words, and then by meaning."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from desk.entry_list import ListedEntry, find_listed
from revisions.schemas import RevisionView, State

TODAY = date(2026, 7, 1)
EARLIER, LATER = date(2026, 6, 1), date(2026, 8, 1)


def make(number: int = 1, state: State = "approved", day: date = EARLIER, **content: Any) -> RevisionView:
    usual = {"question": "几点开门？", "similar_questions": ["开门时间"], "answer": "早上八点半。"}
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    return RevisionView(
        key=content.pop("key", "opening"),
        number=number,
        state=state,
        content={**usual, **content},
        effective_from=day,
        version=1,
        rolls_back=None,
        writers=content.pop("writers", ["an"]),
        written_at=moment,
        decided_by="bo",
        decided_at=moment,
        reason="",
    )


SOON, GONE, FAR = (f"{day}T00:00:00+08:00" for day in ("2026-07-31", "2026-07-01", "2026-08-01"))


def test_what_is_said_on_one_channel_is_searched_too() -> None:
    entry = ListedEntry([make(answer_wechat="点下方菜单。")], TODAY)
    assert find_listed([entry], "下方菜单", []) == [entry]
    assert find_listed([entry], "上方菜单", []) == []


@pytest.mark.parametrize(
    ("revisions", "states"),
    [
        ([make()], {"published"}),
        ([make(), make(2, "draft")], {"published", "draft"}),
        ([make(), make(2, "approved", LATER)], {"published", "scheduled"}),
        ([make(1, "approved", LATER)], {"scheduled"}),
        ([make(1, "draft")], {"draft"}),
        ([make(1, "refused")], set()),
        ([make(expires_at=SOON)], {"published", "expiring"}),
        ([make(expires_at=FAR)], {"published"}),
        ([make(expires_at=GONE)], {"ended"}),
        ([make(is_retired=True)], {"ended"}),
        ([make(is_internal=True)], {"published"}),
    ],
)
def test_the_states_of_an_entry(revisions: list[RevisionView], states: set[str]) -> None:
    entry = ListedEntry(revisions, TODAY)
    every = ("draft", "published", "scheduled", "expiring", "ended")
    assert {state for state in every if entry.is_in(state)} == states
    assert entry.is_in("")
    assert entry.is_in("dead", {"opening"})
    assert not entry.is_in("dead", {"closing"})


def test_its_owner_is_who_drafted_it_last() -> None:
    seed = make().model_copy(update={"writers": []})
    assert ListedEntry([seed], TODAY).owner == ""
    revised = make(2, "approved").model_copy(update={"writers": ["an", "chen"]})
    assert ListedEntry([seed, revised], TODAY).owner == "chen"


def test_what_says_the_words_comes_first_then_what_means_them() -> None:
    texts = {"a": "几点开门？", "b": "周末开门吗？", "c": "营业时间？", "d": "利息多少？"}
    entries = [
        ListedEntry([make(key=key, question=question, similar_questions=[], answer="请问网点。")], TODAY)
        for key, question in texts.items()
    ]
    drafted = ListedEntry([*entries[1].revisions, make(2, "draft", key="b", question="周日开门吗？")], TODAY)
    entries[1] = drafted
    assert [entry.key for entry in find_listed(entries, "开门", [])] == ["b", "a"]
    assert [entry.key for entry in find_listed(entries, "开门", ["c", "a", "gone"])] == ["b", "a", "c"]
    assert [entry.key for entry in find_listed(entries, " ", ["c"])] == ["b", "a", "c", "d"]
