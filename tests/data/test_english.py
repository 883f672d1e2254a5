"""Every wording of the bot, the gateway, the desk and the scoring service has its English."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given, settings

from applications.checks.papers import COMPARED
from applications.stages import OPEN_STAGES, Stage, load_process
from applications.wording import describe_standing, name_party, write_application_notice
from bot.actions.calculated_loan import METHOD_NAMES
from bot.actions.prepayment import list_options
from bot.actions.product_limits import list_methods
from bot.actions.schedule import list_lines, make_buttons
from campaigns import wording as campaigns
from campaigns.schemas import CampaignKind
from connectors import rights_wording as rights
from connectors import waiting_wording as waiting
from connectors import wording
from conversations.english import to_english, to_english_reply
from conversations.handoff.rating import make_rating_buttons
from conversations.handoff.schemas import QueuePosition
from conversations.handoff.wording import confirm_callback, confirm_wish, decline_wish
from conversations.schemas import Reply
from desk import customer_wording as desk
from desk.schemas import StaffView
from forms.catalogue import load_catalogue
from kit.settings import ROOT
from lending.prepayment import compare_prepayment
from lending.schedule import METHODS, make_schedule
from privacy.notice import write_notice
from privacy.purposes import load_purposes
from privacy.rights.requests import ANSWERED
from privacy.rights.summary import ApplicationSummary, DataSummary, Standing
from privacy.rights.wording import tell_gone, tell_kept, tell_untouched
from products.catalogue import list_products
from scoring.decide import decide
from tests.scoring.test_properties import TODAY, Case, cases
from understanding.danger import load_topics
from visits import wording as visits

RESPONSES = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
ENGLISH = yaml.safe_load((ROOT / "bot" / "data" / "english.yml").read_text(encoding="utf-8"))
TEXTS: dict[str, Any] = ENGLISH["texts"]
TITLES: dict[str, str] = ENGLISH["titles"]
TEXT_LENGTH_MAX, LINES_LENGTH_MAX, TITLE_LENGTH_MAX = 300, 700, 20
HAN = re.compile(r"[\u3400-\u9fff]")
# What is meant to be read in Chinese as well: names, and the question for consent.
BILINGUAL = re.compile(r"\([\u3400-\u9fff？]+\)")


def list_wordings() -> Iterator[tuple[str, str, str]]:
    """The name, the hint and the Chinese text of each wording."""
    for name, variations in RESPONSES.items():
        for each in variations:
            if "text" in each:
                yield name, each["condition"][0]["value"] if "condition" in each else "usual", each["text"]


WORDINGS = list(list_wordings())


def find_english(name: str, hint: str) -> str:
    texts = TEXTS[name]
    return str(texts if isinstance(texts, str) else texts[hint])


@pytest.mark.parametrize(("name", "hint", "chinese"), WORDINGS, ids=lambda value: str(value)[:30])
def test_a_wording_has_its_english_with_the_same_values(name: str, hint: str, chinese: str) -> None:
    english = find_english(name, hint)
    assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", chinese))
    assert len(english) <= TEXT_LENGTH_MAX
    assert not HAN.search(BILINGUAL.sub("", english))


def test_there_is_no_english_without_its_wording() -> None:
    written = {
        (name, hint) for name, texts in TEXTS.items() for hint in (["usual"] if isinstance(texts, str) else texts)
    }
    assert written == {(name, hint) for name, hint, _ in WORDINGS}


def test_every_title_has_its_english_and_no_other_has() -> None:
    titles = {b["title"] for wordings in RESPONSES.values() for w in wordings for b in w.get("buttons", [])}
    assert titles == TITLES.keys()
    assert [title for title in TITLES.values() if len(title) > TITLE_LENGTH_MAX or HAN.search(title)] == []


@pytest.mark.parametrize("name", [name for name, _, _ in WORDINGS if name.endswith("_consent") and "_ask_" in name])
def test_consent_is_asked_in_both_languages(name: str) -> None:
    assert all("Do you agree? (您同意吗？)" in text for text in TEXTS[name].values())


NOW, LATER = datetime(2026, 7, 1, 14, 0, tzinfo=UTC), datetime(2026, 7, 2, 2, 30, tzinfo=UTC)
PHONE = "13800001234"
NAMED: dict[str, Any] = {"name": "Wang", "role": "account_manager"}
AGENT = StaffView.model_construct(**NAMED)


def list_replies(module: Any) -> Iterator[Reply]:
    """The replies that a module of wording has ready."""
    for value in vars(module).values():
        several = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else [value]
        yield from (each for each in several if isinstance(each, Reply))


def list_standings() -> Iterator[tuple[tuple[Stage, str | None, str], str, datetime | None]]:
    """Stage, reason class and reason of all that an application's status may say, who has to act, and its deadline."""
    process = load_process()
    for stage, rule in process.stages.items():
        for reason in (None, *(key for key, each in process.reasons.items() if stage in each.stages)):
            for due in (LATER, NOW - timedelta(minutes=1)) if rule.who else (None,):
                for staff in ("", "Zhang Min") if rule.who in ("account_manager", "credit_department") else ("",):
                    yield (stage, reason, ""), staff, due


HOLDS_ALL = DataSummary(
    customer_id="1",
    channel="web",
    messages=12,
    kept_messages=0,
    since=NOW,
    applications=[
        ApplicationSummary(
            id=standing,
            number="QH260701-AB2C3",
            product="farmer_loan",
            stage="drawn",
            standing=standing,
            kept_until=LATER,
        )
        for standing in get_args(Standing)
    ],
    decisions=1,
    documents=3,
    handoffs=2,
    complaints=1,
    notes=1,
    calls=1,
    purposes=[*load_purposes()],
    is_held=False,
)
HOLDS_LITTLE = HOLDS_ALL.model_copy(
    update={"applications": [], "decisions": 0, "documents": 0, "complaints": 0, "calls": 0, "purposes": ["quota"]}
)
ERASED_NOTHING = {"messages": 0, "decisions": 0, "applications": 0, "documents": 0, "calls": 0, "receipt": 17}
ERASED = {"messages": 12, "decisions": 1, "applications": 1, "documents": 1, "calls": 1, "receipt": 17}
WITHDRAWN = {
    "purposes": [*load_purposes()],
    "worked_on": ["QH260701-AB2C3"],
    "flagged": ["QH260701-AB2C3"],
    "others": 1,
    "is_held": False,
    **dict.fromkeys(("decisions", "calls", "drafts", "documents", "saved", "kept_decisions", "complaints"), 1),
}
HOLDS_NOTHING = HOLDS_LITTLE.model_copy(update={"kept_messages": HOLDS_LITTLE.messages})
REPLIES = [
    *list_replies(wording),
    *list_replies(waiting),
    *list_replies(desk),
    *map(wording.offer_human, (wording.MASKED, wording.HANDED_OVER, waiting.NOT_UNDERSTOOD)),
    *(wording.offer_human(text) for topic in load_topics().values() for text in (topic.reply, topic.note)),
    *(wording.offer_human(f"{wording.POSSIBLE_DANGER}{topic.reply}") for topic in load_topics().values()),
    *(
        waiting.receive_in_hours(QueuePosition(ahead=n, recently_accepted=m))
        for n, m in ((0, 0), (2, 1), (3, 9), (99, 3))
    ),
    waiting.receive_out_of_hours(NOW, LATER, NOW),
    *(waiting.receive_sensitive_out_of_hours(LATER, NOW, has_numbers=has) for has in (True, False)),
    *waiting.reassure(waiting.describe_wait(QueuePosition(ahead=3, recently_accepted=9))),
    *waiting.reassure_out_of_hours(waiting.describe_opening(LATER, NOW)),
    *(waiting.ask_phone(known, when) for known in (None, PHONE) for when in ("", "今天15:00左右", "明天下午")),
    waiting.ask_phone_again(),
    confirm_wish(PHONE, "明天15:00前"),
    confirm_wish(PHONE, "11月30日下午"),
    decline_wish(PHONE, "明天晚上", LATER, NOW),
    waiting.keep_promise(PHONE, LATER, NOW),
    waiting.keep_promise(None, None, NOW),
    waiting.cancel_call(PHONE, ends_wait=False),
    waiting.cancel_call(PHONE, ends_wait=True),
    waiting.cancel_call("您的电话", ends_wait=False),
    waiting.cancel_call("", ends_wait=True),
    *(
        say(campaigns.Invitation(kind, "farmer_loan", LATER.date(), "Liuhe", 80_000, rate))
        for say in (campaigns.greet, campaigns.answer_quota, campaigns.invite)
        for kind in get_args(CampaignKind)
        for rate in ("5.4", "")
    ),
    visits.tell_moved(LATER, "Liuhe", "", NOW),
    visits.tell_moved(datetime(2026, 11, 30, 1, tzinfo=UTC), "Liuhe", "Wang", NOW),
    visits.tell_cancelled(LATER, NOW),
    visits.tell_pointless(LATER, NOW),
    visits.remind(LATER, "Liuhe", "Wang", NOW),
    visits.remind(LATER, "Liuhe", "", NOW),
    *list_replies(rights),
    rights.ask_abroad("/check_quota"),
    rights.explain_erasure(),
    rights.defer_erasure(LATER),
    rights.take_copy_request(LATER),
    rights.take_erasure_request(LATER),
    *(rights.take_correction(LATER, numbers) for numbers in ([], ["QH260701-AB2C3"])),
    rights.show_summary(HOLDS_ALL, 3),
    rights.show_summary_with_copy(HOLDS_ALL, 3),
    rights.show_summary_before_code(HOLDS_ALL, 3, "138****5678"),
    rights.ask_code_before_erasure(HOLDS_ALL, 3, "138****5678"),
    *(wording.tell_verified("138****5678", then) for then in ("", "/show_data")),
    *(rights.ask_erasure(summary, 3, is_form_open=True) for summary in (HOLDS_ALL, HOLDS_LITTLE)),
    *(rights.tell_erasure(ERASED, 2, summary) for summary in (HOLDS_ALL, HOLDS_LITTLE)),
    rights.tell_erasure(ERASED_NOTHING, 0, HOLDS_LITTLE),
    rights.ask_erasure(HOLDS_NOTHING, 0, is_form_open=False),
    *(rights.ask_withdrawal(summary) for summary in (HOLDS_ALL, HOLDS_LITTLE)),
    *(rights.tell_withdrawal(WITHDRAWN | {"is_held": is_held}, 3, LATER) for is_held in (True, False)),
    rights.tell_withdrawal(WITHDRAWN, 0, None),
    rights.ask_withdrawal(HOLDS_ALL.model_copy(update={"is_held": True})),
    *(rights.ask_withdrawal(HOLDS_ALL, purpose) for purpose in load_purposes()),
    *(rights.tell_not_agreed(purpose) for purpose in load_purposes()),
    *rights.AGREED.values(),
    Reply(text=ANSWERED + "\n".join([tell_gone(ERASED), *tell_kept(HOLDS_ALL), *tell_untouched(HOLDS_ALL)])),
    Reply(text=write_notice("https://chat.bank.example")),
    confirm_callback(PHONE, LATER, NOW),
    desk.announce_transfer(AGENT),
    desk.announce_transfer(AGENT.model_copy(update={"role": "agent"})),
    desk.defer(LATER, LATER, NOW),
    *(desk.ask_rating("1", is_returned=is_returned) for is_returned in (True, False)),
    Reply(text="1", buttons=make_rating_buttons("1")),
]


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply.text[:30])
def test_what_gateway_and_desk_say_by_themselves_has_its_english(reply: Reply) -> None:
    english = to_english_reply(reply)
    assert not HAN.search(english.text + "".join(button.title for button in english.buttons))
    assert len(english.text) <= (TEXT_LENGTH_MAX if "\n" not in english.text else LINES_LENGTH_MAX)
    assert all(len(button.title) <= TITLE_LENGTH_MAX for button in english.buttons)


def test_the_wait_that_was_told_is_found_again_in_english() -> None:
    wait, opening = (
        waiting.describe_wait(QueuePosition(ahead=3, recently_accepted=9)),
        waiting.describe_opening(LATER, NOW),
    )
    assert to_english(wait) in to_english(waiting.reassure(wait)[0].text)
    for reply in (waiting.receive_out_of_hours(LATER, LATER, NOW), *waiting.reassure_out_of_hours(opening)):
        assert to_english(opening) in to_english(reply.text)


@pytest.mark.parametrize(
    "term",
    [
        *(
            question.label
            for question in load_catalogue().questions.values()
            if question.kind not in ("consent", "confirmation")
        ),
        *(text for product in list_products() for text in (product.name, product.documents)),
        *(stage.told for stage in load_process().stages.values()),
        *(
            write_application_notice(kind, "农户贷", "QH260701-AB2C3", stage, "", name_party(stage, ""), "明天17:30")
            for kind in ("step", "late", "remind")
            for stage in OPEN_STAGES
            if (kind, stage) != ("late", "incomplete")
        ),
        *(describe_standing(*standing, ["用途", "地址"], staff, due, NOW) for standing, staff, due in list_standings()),
        *(form.name for form in load_catalogue().forms.values()),
        *(
            f"照片上的{label}和您填的不一样，请再核对一下。"
            for labels in COMPARED.values()
            for label in labels.values()
        ),
        "照片上的土地面积和您填的不一样，请再核对一下。",
        *(f"您说{name}5万元，想借30万元，对吗？" for name in ("家庭年收入", "年流水")),
        *("还没有填种养。", "还没有填经营年限。"),
        *("身份证号好像不对，请再说一遍。", "经营年限、身份证号好像不对，请再说一遍。"),
        "请核对",
        "农户贷初步估算",
        "最长",
        "按商户贷最高年利率",
        "按您说的年利率",
        "按最高年利率",
        *("都不是", "跳过", "其余见面说"),
        *(method for product in list_products() for method in list_methods(product)),
        "6.9%（年化单利，含全部费用）",
        *METHOD_NAMES.values(),
        *(button["title"] for button in make_buttons("bullet")),
        *list_lines(make_schedule(100_000, 36, Decimal("6.9"), "equal_instalments")),
        *(
            line
            for method in METHODS
            for paid in (50_000, 10)
            for line in list_options(compare_prepayment(100_000, 36, Decimal("6.9"), method, 12, paid), method)
        ),
    ],
)
def test_what_actions_put_into_responses_has_its_english(term: str) -> None:
    assert not HAN.search(to_english(term))


@settings(max_examples=400, deadline=None)
@given(cases)
def test_whatever_the_credit_policy_says_has_its_english(case: Case) -> None:
    decision = decide(*case, TODAY)
    said = [*(reason.text for reason in decision.reasons), decision.improvement, decision.next_step]
    assert not HAN.search("".join(map(to_english, said)))
