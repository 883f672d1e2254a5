"""Answers of customers that several tests fill forms with."""

from typing import Any

# What a farmer is asked beyond what is needed.
FARMER_DETAILS: dict[str, Any] = {
    "marital_status": "已婚",
    "id_number": "990123198505050018",
    "repayment": "等额本息",
    "crops": "水稻",
    "land_mu": 15.0,
    "machinery_value": 0,
    "household_income": 80_000,
    "household_size": 4,
}
# A trader's quota check.
TRADER: dict[str, Any] = {
    "quota_consent": True,
    "product": "商户贷",
    "annual_turnover": 600_000,
    "years_in_business": 5.0,
    "existing_debt": 0,
    "has_overdue": False,
}
