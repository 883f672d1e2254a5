"""One customer has one name wherever staff meet them."""

from datetime import UTC, datetime

from desk.customer_repository import CustomerCard
from desk.pages.alerts import alert_of_talk
from desk.pages.customer_card import draw_customer
from desk.pages.templates import render
from tests.desk.pages.test_queue import make_handoff

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


def test_a_customer_without_a_name_is_called_the_same_on_every_page() -> None:
    handoff = make_handoff("", id="1", conversation_id="aaaa-1", customer_id="3d0bf9c2-11", state="assigned")
    unknown = "", "", "", ""
    card = CustomerCard("3d0bf9c2-11", None, "web", None, *unknown, application=None, talk=None, last_at=NOW)
    alert = alert_of_talk(handoff, None, NOW)
    assert alert
    shown = [
        draw_customer(card, NOW, None),
        render("queue_busy.html", busy=[handoff], states={}, names={}),
        alert.text,
    ]
    assert all("客户3D0B" in text for text in shown)
