"""Checks of what is known around an application."""

from collections.abc import Iterator

from applications.checks.check import Check, CheckedApplication


def check_surroundings(case: CheckedApplication) -> Iterator[Check]:
    """The block list, other applications of the same person or with the same picture, and places out of reach."""
    around = case.surroundings
    if around.is_phone_blocked:
        yield Check("phone_blocked", "suspicion", "high", ("phone",), "电话在黑名单上")
    if around.is_identity_blocked:
        yield Check("identity_blocked", "suspicion", "high", ("id_number",), "身份证号在黑名单上")
    if around.same_phone:
        reason = f"另有{around.same_phone}笔在办的申请用同一个电话"
        yield Check("same_phone", "suspicion", "medium", ("phone",), reason)
    if around.same_identity:
        reason = f"另有{around.same_identity}笔在办的申请用同一个身份证号"
        yield Check("same_identity", "suspicion", "high", ("id_number",), reason)
    if around.same_pictures:
        reason = f"有材料照片和别的客户的申请{'、'.join(around.same_pictures)}里的是同一张"
        yield Check("same_picture", "suspicion", "high", (), reason)
    if around.recent > case.limits.applications_max:
        reason = f"30天内提交了{around.recent}笔申请，超过{case.limits.applications_max}笔"
        yield Check("many_applications", "suspicion", "medium", (), reason)
    region = case.application.region
    if around.places and not any(place in region for place in around.places):
        yield Check("foreign_place", "suspicion", "low", ("region",), f"地址“{region}”不在办理区域")
