"""Members of the bank for these tests."""

from datetime import UTC, datetime

from desk.tables import Staff


def make_staff(staff_id: str = "zhang", *, wecom_id: str = "", email: str = "", is_active: bool = True) -> Staff:
    """An account manager."""
    return Staff(
        id=staff_id,
        login=staff_id,
        name="张敏",
        role="account_manager",
        password_hash="",
        must_change_password=False,
        is_active=is_active,
        villages=[],
        products=[],
        capacity=5,
        wecom_id=wecom_id,
        email=email,
        created_at=datetime(2026, 7, 1, tzinfo=UTC),
    )
