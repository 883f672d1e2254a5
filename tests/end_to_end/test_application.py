"""A farmer's application from the first word to its number: typed answer by answer, or with a picture of the card."""

import pytest

from tests.documents.samples import PDF
from tests.end_to_end.customer import Customer, read_words
from tests.end_to_end.wording import says
from tests.pictures.specimens import make_card, make_unreadable_card

pytestmark = [pytest.mark.usefixtures("staffed"), pytest.mark.exhaustive]
# The goals of the first word to a submitted application, in turns of the customer's.
TYPED_MAX, WITH_CARD_MAX = 22, 12
NEEDED = ("农户贷", "5万", "1年", "买化肥", "柳河镇王家村", "钱秀英", "13600003333")
FURTHER = ("990123198505050018", "等额本息", "种水稻", "12亩", "农机值3万", "一年挣8万", "4口人")


class Applicant:
    """Counts the turns of somebody who applies."""

    def __init__(self, customer: Customer) -> None:
        self.customer = customer
        self.turns = 0

    def say(self, *words: str) -> str:
        heard = ""
        for each in words:
            heard = self._hear(self.customer.say(each))
        return heard

    def press(self, title: str) -> str:
        return self._hear(self.customer.press(title))

    def show(self, picture: bytes) -> str:
        return self._hear(self.customer.show(picture))

    def attach(self, content: bytes, name: str) -> str:
        return self._hear(self.customer.attach(content, name))

    def _hear(self, turn: dict[str, object]) -> str:
        self.turns += 1
        return read_words(turn)


@pytest.fixture
def applicant(customer: Customer) -> Applicant:
    return Applicant(customer)


def test_one_by_one(applicant: Applicant) -> None:
    applicant.say("我想贷款", "同意", *NEEDED)
    applicant.press("再补几项")
    summary = applicant.say(*FURTHER)
    assert says(summary, "utter_application_summary")
    for told in ("金额5万元", "姓名钱秀英", "土地12亩", "年收入8万元", "家中人口4人"):
        assert told in summary
    assert says(applicant.press("提交"), "utter_application_submitted")
    assert applicant.turns <= TYPED_MAX


def test_with_a_picture_of_the_card(applicant: Applicant) -> None:
    content, person = make_card(3)
    applicant.say("我是种地的，想贷5万块钱买化肥，一年还清", "同意")
    shown = applicant.show(content)
    assert says(shown, "utter_picture_read")
    assert person.name in shown
    assert person.id_number in shown
    applicant.press("对，就用这些")
    summary = applicant.say("我住柳河镇王家村，电话13600003333")
    assert says(summary, "utter_application_summary")
    assert person.name in summary
    assert says(applicant.press("提交"), "utter_application_submitted")
    assert applicant.turns <= WITH_CARD_MAX


def test_what_cannot_be_read_is_asked_for_again_and_then_typed(applicant: Applicant) -> None:
    applicant.say("我要申请农户贷", "同意", "5万", "1年", "买化肥", "柳河镇王家村")
    glare, _ = make_unreadable_card(1, "glare")
    blurred, person = make_unreadable_card(2, "blur")
    assert says(applicant.show(glare), "utter_picture_glare")
    assert says(applicant.show(blurred), "utter_picture_blurred")
    given_up = applicant.show(blurred)
    assert says(given_up, "utter_picture_given_up")
    assert person.id_number not in given_up
    assert "13600003333" not in applicant.say("钱秀英")
    assert says(applicant.say("13600003333"), "utter_application_summary")


def test_a_file_is_kept_and_the_form_asks_on(applicant: Applicant) -> None:
    applicant.say("我要申请农户贷")
    assert "没有保存" in applicant.attach(PDF, "流水.pdf")
    applicant.say("同意", "5万", "1年")
    heard = applicant.attach(PDF, "流水.pdf")
    assert says(heard, "utter_picture_noted")
    assert says(heard, "utter_ask_purpose")
    assert says(applicant.say("买化肥"), "utter_ask_region")


def test_before_the_consent_no_picture_is_taken(applicant: Applicant) -> None:
    content, person = make_card(4)
    applicant.say("我想贷款")
    assert person.name not in applicant.show(content)
