"""A contract of a family about the land that it has contracted or rented."""

from documents.schemas import Value
from pictures.lines import Page, read_date

_AREA = r"(?<![\d.])(\d{1,4}(?:\.\d{1,2})?)"
_DAY = r"\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?日"


def read_contract(page: Page) -> dict[str, Value]:
    """name (of who contracts), land_mu, place, valid_until; empty without certain name and area."""
    fields: dict[str, Value] = {}
    name = page.find(
        "(?:承 ?包 ?方|乙 ?方|受 ?让 ?方)(?:代 ?表)?(?:\\(乙方\\)|\\(代表\\)|\\(户主\\))? ?:? ?([一-鿿]{2,4})(?= |\n|$)"
    )
    if name and name.is_certain:
        fields["name"] = name.text
    if (area := find_area(page)) is not None:
        fields["land_mu"] = area
    place = page.find("(?:(?:承包方|乙方)?(?:地址|住址|住所)|坐落|地点) ?:? ?([一-鿿0-9]{3,40})(?= |\n|$)")
    if place and place.is_certain:
        fields["place"] = place.text
    until = page.find(f"(?:至|到) ?({_DAY})")
    if until and until.is_certain and (day := read_date(until.text)):
        fields["valid_until"] = day.isoformat()
    return fields if {"name", "land_mu"} <= fields.keys() else {}


def find_area(page: Page) -> float | None:
    """The whole area in mu: as the contract states it, unless the areas of its parcels sum up to another."""
    stated = page.find(f"(?:合 ?计|共 ?计|总 ?面 ?积|总 ?计)[^\n\\d]{{0,12}}{_AREA}(?= |\n|$|亩)")
    if stated is None or not stated.is_certain or not 0 < float(stated.text) < 10_000:
        return None
    parcels = [
        float(found.text)
        for found in page.find_all(rf"\n[^\n\d]*地[^\n\d]*? ?{_AREA}(?= |\n|$|亩)")
        if found.is_certain
    ]
    return float(stated.text) if not parcels or abs(sum(parcels) - float(stated.text)) < 0.005 else None
