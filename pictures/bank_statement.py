"""A statement of a bank account: whose, when, and what came in and went out."""

from decimal import Decimal

from documents.schemas import Value
from pictures.lines import Found, Page, read_date

_SUM = r"-?(\d{1,3}(?:,\d{3})*\.\d{2}|\d+\.\d{2})"
_DAY = r"\d{4}[-./年]\d{1,2}[-./月]\d{1,2}日?"


def read_statement(page: Page) -> dict[str, Value]:
    """name, account (its last four digits), period_from, period_to, total_in, total_out (yuan).

    Empty without a certain name and both sums; also where the balances contradict the sums.
    """
    fields: dict[str, Value] = {}
    name = page.find("(?:户 ?名|客户姓名|账户名称|姓名) ?:? ?([一-鿿]{2,20})(?= |\n|$)")
    if name and name.is_certain:
        fields["name"] = name.text
    account = page.find(r"(?:账|帐|卡) ?号 ?:? ?([\d*]{8,23})(?= |\n|$)")
    if account and account.is_certain and account.text[-4:].isdigit():
        fields["account"] = account.text[-4:]
    period = page.find(rf"({_DAY} ?(?:至|到|-|—|~) ?{_DAY})")
    if period and period.is_certain:
        fields |= _read_period(period)
    came = _find_sum(page, "(?:收入|贷方|存入|转入)(?:金额)?(?:合计|总额|总计)|(?:合计|总)(?:收入|贷方|存入)")
    went = _find_sum(page, "(?:支出|借方|支取|转出)(?:金额)?(?:合计|总额|总计)|(?:合计|总)(?:支出|借方|支取)")
    if came is None or went is None or "name" not in fields:
        return {}
    opening, closing = _find_sum(page, "(?:期初|上期|承前)余额"), _find_sum(page, "期末余额|本期余额")
    if opening is not None and closing is not None and opening + came - went != closing:
        return {}
    return fields | {"total_in": float(came), "total_out": float(went)}


def _read_period(found: Found) -> dict[str, Value]:
    text = found.text.replace(" ", "")
    begin, end = read_date(text[:10].rstrip("至到~—")), read_date(text[-10:].lstrip("至到~—"))
    if begin is None or end is None or begin > end:
        return {}
    return {"period_from": begin.isoformat(), "period_to": end.isoformat()}


def _find_sum(page: Page, label: str) -> Decimal | None:
    found = page.find(f"(?:{label})[^\n\\d]{{0,12}}{_SUM}")
    return Decimal(found.text.replace(",", "")) if found and found.is_certain else None
