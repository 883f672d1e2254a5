"""What the applications tests share."""

from typing import Any

import pytest


@pytest.fixture
def form() -> dict[str, Any]:
    """A pre-application that may be handed in."""
    return {
        "conversation_id": "conversation-1",
        "product": "farmer_loan",
        "amount": 50_000,
        "term": 12,
        "purpose": "买化肥",
        "region": "柳河镇",
        "name": "张建国",
        "phone": "13812345678",
        "details": {"land_mu": 12.5, "crops": "水稻"},
        "consent_version": "2026-07",
    }
