"""Checks of what was typed against what the pictures of papers say."""

import re
from collections.abc import Iterator

from applications.checks.check import Check, CheckedApplication

# Slots that papers tell too, and what they are called.
COMPARED = {"name": "姓名", "id_number": "身份证号", "company": "单位名称", "credit_code": "统一社会信用代码"}
_LEFT_OUT = re.compile(r"[\s·•.,，。()（）\-]+")


def check_pictures(case: CheckedApplication) -> Iterator[Check]:
    """Names and numbers that differ; what no picture shows, or nobody typed, is not compared."""
    for slot, label in COMPARED.items():
        shown = _plain(case.surroundings.read.get(slot, ""))
        typed = _plain(str(getattr(case.application, slot, None) or case.read_text(slot)))
        if shown and typed and shown != typed:
            ask = f"照片上的{label}和您填的不一样，请再核对一下。"
            reason = f"照片上的{label}和填的不一样"
            yield Check(f"{slot}_against_picture", "contradiction", "high", (slot,), reason, is_mendable=True, ask=ask)


def _plain(text: str) -> str:
    return _LEFT_OUT.sub("", text).upper()
