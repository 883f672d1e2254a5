"""Checks of the identity number and the credit code, and of what the former tells."""

from collections.abc import Iterator

from applications.checks.check import Check, CheckedApplication
from kit.identity_numbers import is_credit_code


def check_numbers(case: CheckedApplication) -> Iterator[Check]:
    """Wrong numbers; an age, a place or years of business that do not go with the identity number."""
    if (code := case.read_text("credit_code")) and not is_credit_code(code):
        reason = "统一社会信用代码的位数或校验码不对"
        yield Check("credit_code_wrong", "contradiction", "high", ("credit_code",), reason, is_mendable=True)
    if not case.read_text("id_number"):
        return
    identity = case.read_identity()
    if identity is None:
        reason = "身份证号的位数、出生日期或校验码不对"
        yield Check("id_number_wrong", "contradiction", "high", ("id_number",), reason, is_mendable=True)
        return
    age, limits = identity.find_age(case.surroundings.today), case.limits
    if age < limits.age_min:
        yield Check("too_young", "contradiction", "high", ("id_number",), f"申请人{age}岁，不满{limits.age_min}岁")
    if age > limits.age_max:
        yield Check("too_old", "contradiction", "high", ("id_number",), f"申请人{age}岁，超过{limits.age_max}岁")
    if case.surroundings.county_code not in ("", identity.region):
        reason = f"身份证号前六位是{identity.region}，不是本县的{case.surroundings.county_code}"
        yield Check("foreign_identity", "suspicion", "low", ("id_number",), reason)
    years = case.read_number("years_in_business")
    if years and age - years < limits.working_age:
        reason = f"申请人{age}岁，却说经营了{years:g}年，开始时不满{limits.working_age}岁"
        yield Check("years_against_age", "contradiction", "high", ("years_in_business", "id_number"), reason)
