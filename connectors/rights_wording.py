"""Wording for customers who ask about their data: what there is, what goes, what stays, and what staff do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from conversations.schemas import Card, Reply, ReplyButton
from privacy.notice import CROSS_BORDER, ERASE, SEE, WITHDRAW
from privacy.purposes import (
    APPLICATION,
    CREDIT_INQUIRY,
    MARKETING,
    QUOTA,
    SHARING,
    load_purposes,
    name_purpose,
)
from privacy.retention import load_retention
from privacy.rights.summary import DataSummary
from privacy.rights.wording import list_numbers, name_day, tell_complaint, tell_gone, tell_kept, tell_untouched

KEEP = ReplyButton(title="不删了", payload="/keep_data")
_STILL_AGREE = ReplyButton(title="不撤回", payload="/keep_data")
_SEE = ReplyButton(title=SEE, payload="/show_data")
_ERASE = ReplyButton(title=ERASE, payload="/erase_data")
_HUMAN = ReplyButton(title="转人工", payload="/request_human")
# Whose phone is verified is known to be who they say.
_VERIFY = ReplyButton(title="验证手机号", payload="/verify_phone")
_VERIFY_TO_SEE = ReplyButton(title=_VERIFY.title, payload='/verify_phone{"then": "/show_data"}')
_VERIFY_TO_ERASE = ReplyButton(title=_VERIFY.title, payload='/verify_phone{"then": "/erase_data"}')
_NO_CODE = "收不到短信"
_WITHDRAW = ReplyButton(title=WITHDRAW, payload="/withdraw_consent")


def _say(text: str, *buttons: ReplyButton, card: Card | None = None) -> Reply:
    # `awaits_number`: a number that follows still answers the bot's earlier question.
    return Reply(text=text, buttons=list(buttons), awaits_number=True, card=card)


KEPT_AS_IT_WAS = _say("好的，什么都没有动。")
NOT_DONE = _say("抱歉，刚才没能办成，什么都没有删。请过几分钟再说一次，或打400-000-0000。")
ELSEWHERE = ReplyButton(title="别处办的也要删", payload="/request_erasure")
ASK_COPY = ReplyButton(title="要完整的一份", payload="/request_copy")
AGREE_ABROAD = ReplyButton(title="同意，继续", payload="")
REFUSE_ABROAD = ReplyButton(title="不同意", payload="/refuse_abroad")
ABROAD_REFUSED = _say(
    "好的，不同意就不填。问问题、算还款照样可以；要办业务，请打400-000-0000，或到网点、微信、网页上办。"
)
NO_CONSENTS = _say("您在这里没有还算数的授权，不用撤回。要删除信息，请点下面。", _ERASE)
HELD_BACK = "您的信息依法暂时不能删：以后不再用，先留着。"
_GOES_AT_ONCE = "撤回后，测算结果、没填完的内容和回电号码马上删，撤回前办的不受影响。"
ADDED = _say("记下了，同事会看到。还有要改的，接着写就行。", _HUMAN)


def ask_abroad(payload: str) -> Reply:
    """Asks once for the consent to data going abroad; the button then does what was wanted."""
    return _say(CROSS_BORDER, AGREE_ABROAD.model_copy(update={"payload": payload}), REFUSE_ABROAD)


def show_summary(summary: DataSummary, answers: int) -> Reply:
    """What the conversation holds, each kind in a line with how long it is kept; all of it is brought by staff."""
    lines = [*_list_data(summary, answers), "完整的一份不在这里发，由同事核实身份后给您。"]
    return _say("\n".join(lines), ASK_COPY, _ERASE, _WITHDRAW)


def show_summary_before_code(summary: DataSummary, answers: int, phone: str) -> Reply:
    """The same; all of it can be downloaded when the phone, masked, is verified."""
    lines = [*_list_data(summary, answers), f"完整的一份，验证手机号{phone}后可以在本页下载。"]
    no_code = ASK_COPY.model_copy(update={"title": _NO_CODE})
    return _say("\n".join(lines), _VERIFY_TO_SEE, no_code, _ERASE, _WITHDRAW)


def show_summary_with_copy(summary: DataSummary, answers: int) -> Reply:
    """The same, with the download."""
    lines = [*_list_data(summary, answers), "完整的一份可以在本页下载，15分钟内有效，只能下载一次。"]
    return _say("\n".join(lines), _ERASE, _WITHDRAW, card=Card(kind="copy", title=lines[0], notes=lines[1:]))


def _list_data(summary: DataSummary, answers: int) -> list[str]:
    lines = ["这个对话里存着您的："]
    since = f"，从{name_day(summary.since)}起" if summary.since else ""
    lines += [_list(f"聊天记录{summary.messages}条{since}", "conversation")]
    lines += [_list(f"没填完的内容{answers}项", "dialogue")] if answers else []
    lines += [_list(f"额度测算{summary.decisions}次", "decision")] if summary.decisions else []
    lines += [_list(f"发来的材料{summary.documents}份", "document")] if summary.documents else []
    lines += [_list(f"贷款申请{len(summary.applications)}笔", "application")] if summary.applications else []
    return lines + ([_list(f"人工服务记录{summary.handoffs}次", "handoff")] if summary.handoffs else [])


def explain_erasure() -> Reply:
    """The honest answer to whether data can be erased, and the button that asks before it does."""
    kept = load_retention().kinds["application"]
    text = (
        "可以删。您点下面的按钮，我先告诉您会删哪些、留哪些，您确认了再删。"
        f"办过的贷款申请和投诉记录，依法要保存{kept.period}，到期才删。"
    )
    return _say(text, _ERASE, _SEE)


def ask_erasure(summary: DataSummary, answers: int, *, is_form_open: bool) -> Reply:
    """What would go and what would stay; nothing has been done yet."""
    lines = _tell_what_goes(summary, answers)
    withdrawable = summary.list_standing("withdrawable")
    if withdrawable:
        lines.append(f"申请{list_numbers(withdrawable)}还没开始办，可以先撤回，再一起删。")
        both = ReplyButton(title="撤回申请并删除", payload='/erase_data{"is_confirmed": true, "withdraws": true}')
        rest = ReplyButton(title="只删别的", payload='/erase_data{"is_confirmed": true}')
        return _say("\n".join([*lines, "您要怎么办？"]), both, rest, KEEP)
    restart = [ReplyButton(title="只重填这张表", payload="/start_over")] if is_form_open else []
    confirm = ReplyButton(title="确认删除", payload='/erase_data{"is_confirmed": true}')
    return _say("\n".join([*lines, "确认删除吗？"]), confirm, *restart, KEEP)


def ask_code_before_erasure(summary: DataSummary, answers: int, phone: str) -> Reply:
    """The same, before the phone, masked, is verified; nobody else erases what the customer left."""
    lines = [
        *_tell_what_goes(summary, answers),
        *tell_untouched(summary),
        f"删之前请先验证手机号{phone}，确认是您本人。",
    ]
    return _say("\n".join(lines), _VERIFY_TO_ERASE, ELSEWHERE.model_copy(update={"title": _NO_CODE}), KEEP)


def _tell_what_goes(summary: DataSummary, answers: int) -> list[str]:
    messages = summary.messages - summary.kept_messages
    gone = [f"聊天记录{messages}条"] if messages else []
    gone += [f"没填完的内容{answers}项"] if answers else []
    gone += [f"额度测算{summary.decisions}次"] if summary.decisions else []
    gone += [f"发来的材料{summary.documents}份"] if summary.documents else []
    gone += ["约好的回电和号码"] if summary.calls else []
    gone += [f"撤回了的申请{len(erasable)}笔"] if (erasable := summary.list_standing("erasable")) else []
    told = f"会马上删掉：{'、'.join(gone)}。删了找不回来。" if gone else "这里没有能马上删的。"
    return [told, *tell_kept(summary)]


def tell_erasure(done: dict[str, Any], answers: int, summary: DataSummary) -> Reply:
    """What was erased and what was not, with the number of the proof."""
    lines = [tell_gone(done, answers), *tell_kept(summary), *tell_untouched(summary)]
    lines.append("您手机上已经显示的，请自己清掉。只处理了这个对话；在别处办过的，由同事核实身份后处理。")
    return _say("\n".join(lines), ELSEWHERE)


def defer_erasure(due_at: datetime) -> Reply:
    """A legal hold forbids it: staff decide."""
    return _say(f"您的信息依法暂时不能删，什么都没有删。已经转给负责的同事，最迟{name_day(due_at)}在这里答复您。")


def ask_withdrawal(summary: DataSummary, purpose: str | None = None) -> Reply:
    """What rests on the consents, or on one; nothing has been done yet. Of several, each can be chosen alone."""
    if purpose:
        about = HELD_BACK if summary.is_held else f"撤回后：{load_purposes()[purpose].withdrawn}。"
        lines = [f"您同意过{name_purpose(purpose)}。{about}"]
    else:
        purposes = "、".join(map(name_purpose, summary.purposes))
        lines = [f"您同意过：{purposes}。{HELD_BACK if summary.is_held else _GOES_AT_ONCE}"]
    if purpose in (None, APPLICATION, SHARING):
        if withdrawable := summary.list_standing("withdrawable"):
            lines.append(f"申请{list_numbers(withdrawable)}会一起撤回。")
        if opened := summary.list_standing("open"):
            kept = "，它的测算先留着" if purpose is None else ""
            lines.append(f"申请{list_numbers(opened)}同事正在办，会转给同事来停办{kept}。")
    wanted = f', "purpose": "{purpose}"' if purpose else ""
    confirm = ReplyButton(title="确认撤回同意", payload=f'/withdraw_consent{{"is_confirmed": true{wanted}}}')
    single = [] if purpose or len(summary.purposes) == 1 else [_choose_one(each) for each in summary.purposes]
    return _say("\n".join([*lines, "确认撤回吗？"]), confirm, *single, _STILL_AGREE)


def _choose_one(purpose: str) -> ReplyButton:
    return ReplyButton(title=f"只撤{name_purpose(purpose)}", payload=f'/withdraw_consent{{"purpose": "{purpose}"}}')


def tell_not_agreed(purpose: str) -> Reply:
    """There is nothing to withdraw for it."""
    return _say(f"您在这里没有同意过{name_purpose(purpose)}，不用撤回。")


def tell_withdrawal(done: dict[str, Any], answers: int, due_at: datetime | None) -> Reply:
    """What was withdrawn, what went and stayed with it, and what staff have to do. `answers` were in open forms."""
    lines = [f"已经撤回：{'、'.join(map(name_purpose, done['purposes']))}。"]
    if SHARING in done["purposes"]:
        lines.append("客户经理现在看不到您和您的申请了。")
    if done["flagged"] and CREDIT_INQUIRY in done["purposes"]:
        lines.append(f"申请{'、'.join(done['flagged'])}已标明不能查征信。")
    if MARKETING in done["purposes"]:
        lines.append("新产品通知不再发了。")
    if done["others"]:
        lines.append("您在别的渠道同意过的，也一起撤回了。")
    if due_at:
        lines.append(f"正在办的申请{'、'.join(done['worked_on'])}已转给同事停办，最迟{name_day(due_at)}在这里答复您。")
    if done["is_held"]:
        return _say("\n".join([*lines, HELD_BACK]))
    gone = [f"没填完的内容{answers}项"] if answers else []
    gone += ["存着的申请草稿"] if done["saved"] else []
    gone += [f"额度测算{done['decisions']}次"] if done["decisions"] else []
    gone += ["回电号码"] if done["calls"] else []
    gone += [f"发来的材料{done['documents']}份"] if done["documents"] else []
    gone += ["带给同事的内容"] if done["drafts"] else []
    lines += [f"已经删了：{'、'.join(gone)}。"] if gone else []
    lines += [f"在办的申请用到的额度测算{done['kept_decisions']}次先留着。"] if done["kept_decisions"] else []
    if not {APPLICATION, QUOTA} & {*done["purposes"]}:
        return _say("\n".join(lines))
    lines += [tell_complaint()] if done["complaints"] else []
    return _say("\n".join([*lines, "要把聊天记录也删掉，请点下面。"]), _ERASE)


# What a button of this purpose is answered with.
AGREED = {
    CREDIT_INQUIRY: _say("好的，记下了：同意审批时查征信。改主意了，随时回“撤回征信授权”。"),
    MARKETING: _say("好的，有新产品时在这里告诉您。不想要了，随时回“别给我发营销了”。"),
}


def take_correction(due_at: datetime, numbers: Sequence[str]) -> Reply:
    """The claim is recorded; staff check it."""
    where = f"申请{'、'.join(numbers)}" if numbers else "登记的信息"
    return _say(
        f"记下了，您说{where}有登记错的。我不能自己改，已经转给同事，核对后改，最迟{name_day(due_at)}在这里答复您。"
        "正确的是什么，可以现在写在这里；急着改，可以转人工。",
        _HUMAN,
    )


def take_erasure_request(due_at: datetime) -> Reply:
    """Staff see to what the customer cannot do here."""
    return _say(f"记下了，由同事核实身份后处理，最迟{name_day(due_at)}在这里答复您。", _VERIFY)


def take_copy_request(due_at: datetime) -> Reply:
    """Staff bring the copy."""
    return _say(f"记下了，同事核实身份后把完整的一份给您，最迟{name_day(due_at)}在这里答复您。", _VERIFY)


def _list(what: str, kind: str) -> str:
    return f"· {what}（保存{load_retention().kinds[kind].period}）"
