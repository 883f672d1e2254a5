"""Which entries an answer leads on to."""

from knowledge.follow_ups import list_follow_ups
from knowledge.schemas import EntryView


def view(entry_id: str, question: str, *follow_ups: str, similar: tuple[str, ...] = ()) -> EntryView:
    texts = {"question": question, "similar_questions": list(similar), "answer": "", "follow_ups": list(follow_ups)}
    return EntryView(entry_id=entry_id, revision=1, category="test", **texts)


ENTRIES = {
    each.entry_id: each
    for each in (
        view("rate", "利率多少", "怎么还款", "要什么材料"),
        view("repay", "怎么还款", "利率多少", similar=("还款方式",)),
        view("papers", "要什么材料"),
        view("term", "能借多久", "还款方式？", "没有这个问题了", "能借多久"),
    )
}


def test_editors_questions_come_first_then_what_others_asked() -> None:
    found = list_follow_ups(ENTRIES, {"rate": ["term", "repay"], "papers": ["gone", "rate"]})
    assert found["rate"] == ("repay", "papers", "term")
    assert found["papers"] == ("rate",)


def test_a_similar_question_names_its_entry_and_an_unknown_one_none() -> None:
    assert list_follow_ups(ENTRIES, {})["term"] == ("repay",)


def test_an_answer_leads_to_three_at_most_and_never_to_itself() -> None:
    many = {**ENTRIES, **{f"more-{n}": view(f"more-{n}", f"问题{n}") for n in range(5)}}
    asked_next = {"papers": ["papers", "more-0", "more-1", "more-2", "more-3"]}
    assert list_follow_ups(many, asked_next)["papers"] == ("more-0", "more-1", "more-2")


def test_what_leads_nowhere_is_left_out() -> None:
    assert "papers" not in list_follow_ups(ENTRIES, {"papers": ["gone"]})
