"""What customers are told of an erasure, in the chat or by staff: what went, and what stays until when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kit.clock import CHINA, write_day
from privacy.retention import load_retention
from privacy.rights.summary import ApplicationSummary, DataSummary


def tell_gone(done: dict[str, Any], answers: int = 0) -> str:
    """What was erased, with the number of the proof. `answers` were in open forms."""
    gone = [f"聊天记录{done['messages']}条"] if done["messages"] else []
    gone += [f"没填完的内容{answers}项"] if answers else []
    gone += [f"额度测算{done['decisions']}次"] if done["decisions"] else []
    gone += [f"申请{done['applications']}笔"] if done["applications"] else []
    gone += [f"发来的材料{done['documents']}份"] if done["documents"] else []
    gone += ["回电号码"] if done["calls"] else []
    told = f"已经删了：{'、'.join(gone)}。" if gone else "这里没有要删的内容。"
    return f"{told}凭证号{done['receipt']}，可以留着备查。"


def tell_kept(summary: DataSummary) -> list[str]:
    """What the law or open work keeps."""
    lines = [
        f"依法要留：申请{each.number}，到{name_day(each.kept_until)}为止。"
        for each in summary.list_standing("kept")
        if each.kept_until
    ]
    if summary.complaints:
        lines.append(tell_complaint())
    if opened := summary.list_standing("open"):
        lines.append(f"申请{list_numbers(opened)}同事正在办，办完前不能删；不想办了，请告诉客户经理。")
    return lines


def tell_complaint() -> str:
    """How long complaints are kept."""
    return f"依法要留：投诉和当时说的话，保存{load_retention().kinds['handoff'].period}。"


def tell_untouched(summary: DataSummary) -> list[str]:
    """Applications that go on because nobody asked to withdraw them."""
    withdrawable = summary.list_standing("withdrawable")
    return [f"申请{list_numbers(withdrawable)}照常办。"] if withdrawable else []


def list_numbers(applications: Sequence[ApplicationSummary]) -> str:
    """Their numbers."""
    return "、".join(application.number for application in applications)


def name_day(moment: datetime) -> str:
    """A day in China."""
    return write_day(moment.astimezone(CHINA))
