"""Calling a customer from a page: the number is dialled on this device and shown in full, which is audited."""

from nicegui import ui

from desk.customers import CustomerPhone
from desk.pages.open_page import OpenPage
from desk.pages.widgets import open_sheet
from desk.wording import describe_verified


async def call_customer(page: OpenPage, customer_id: str, name: str) -> None:
    """Calls them, or shows why that is not for the member to do."""
    found: CustomerPhone | None = None

    async def reveal() -> None:
        nonlocal found
        found = await page.desk.customers.reveal_phone(page.staff, customer_id)

    if not await page.attempt(reveal) or found is None:
        return
    with open_sheet(name):
        dial(found)


def dial(phone: CustomerPhone) -> None:
    """Dials a number on this device, and shows it where it is called."""
    number = phone.number
    # Digits only, as kit.phones and the schema of applications ensure.
    ui.run_javascript(f"window.desk?.call({number!r})")
    ui.link(f"{number[:3]} {number[3:7]} {number[7:]}", f"tel:{number}").classes("sheet-phone")
    ui.label(describe_verified(phone.is_verified)).classes("soft")
