"""What customers hear about loans that they have."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from conversations.schemas import Reply, ReplyButton
from core_banking.schemas import LoanRequestView, LoanView
from kit.clock import write_day
from kit.money import format_fen, format_months, format_yuan
from kit.working_time import describe_moment

HUMAN = ReplyButton(title="转人工", payload="/request_human")
MANAGER = ReplyButton(title="找客户经理", payload="/request_account_manager")
_VERIFY_TITLE, _MY_LOANS = "验证手机号", ReplyButton(title="我的贷款", payload="/my_loans")
_FEN = 100
_NAME_MAX = 40  # a button has 64 characters
_CONSENT = "提交就是同意用您的申请资料，并交给负责您那一片的客户经理，由他联系您。"
_TITLES = {"draw_loan": "同意并用款", "renew_loan": "同意并申请续贷", "review_loan": "同意并开始年审"}


def say(text: str, *buttons: ReplyButton) -> Reply:
    """A reply; a number that follows is no choice of a button."""
    return Reply(text=text, buttons=list(buttons), awaits_number=True)


def make_button(title: str, act: str, **values: Any) -> ReplyButton:
    """A button that does an act about a loan."""
    return ReplyButton(title=title, payload=f"/{act}{json.dumps(values)}" if values else f"/{act}")


NOT_OFFERED = say("您名下的贷款我这里还查不到，客户经理可以帮您查。", MANAGER, HUMAN)
KEPT = say("好的，没有提交，什么都没有变。", _MY_LOANS)
NO_BALANCE = say("您名下的贷款现在没有欠款。", _MY_LOANS)
NO_LINE = say(
    "您名下没有可以随时用款的额度，每笔用钱要单独申请。",
    ReplyButton(title="申请贷款", payload="/apply_for_loan"),
    HUMAN,
)
NO_REVIEW = say("您名下没有要年审的额度。", _MY_LOANS, HUMAN)
GONE = say("这笔贷款我现在查不到了，请重新看一下您的贷款。", _MY_LOANS, HUMAN)
NOT_OPERATING = say(
    "无还本续贷只给还在经营的客户。生意停了的，到期要还清；还款有困难请早点告诉客户经理，一起想办法。", MANAGER, HUMAN
)
NEEDS_NOTHING = say("好的，不续贷。到期那天把本金和最后一期利息存进还款账户就行。", _MY_LOANS)


def tell_unknown(payload: str) -> Reply:
    """What was handed in has no answer: it may be done. The same button again carries the same key."""
    return say(
        "贷款系统没有回话，刚才办没办成还不知道。请点“查进度”看一下，或点“再试一次”：已经办成的不会办两次。",
        ReplyButton(title="查进度", payload="/check_application_status"),
        ReplyButton(title="再试一次", payload=payload),
        HUMAN,
    )


def tell_away(payload: str) -> Reply:
    """The core cannot be reached; nothing was done."""
    again = ReplyButton(title="再试一次", payload=payload)
    return say(
        "贷款系统现在连不上，刚才什么都没有办。请过几分钟再试，也可以转人工，或让客户经理联系您。",
        again,
        HUMAN,
        MANAGER,
    )


def ask_code(payload: str) -> Reply:
    """Nothing is told of loans before the phone is known to be the customer's."""
    verify = make_button(_VERIFY_TITLE, "verify_phone", then=payload)
    return say("贷款的金额和日期要确认是您本人才能看。请发您办贷款时留的手机号，我发一个验证码。", verify, HUMAN)


def tell_none(payload: str) -> Reply:
    """The verified phones have no loan."""
    return say("验证过的手机号名下没有查到贷款。办贷款时留的是别的号码，请直接发那个号码；也可以转人工。", HUMAN)


def name_loan(loan: LoanView) -> str:
    """农户贷（尾号3017）."""
    name = loan.product_name
    return f"{name if len(name) <= _NAME_MAX else name[:_NAME_MAX] + '…'}（尾号{loan.tail}）"


def list_loans(loans: Sequence[LoanView]) -> Reply:
    """All of them, a line each; one to be looked at more closely has its button."""
    lines = "\n".join(f"· {describe(loan)}" for loan in loans)
    buttons = [make_button(name_loan(loan), "my_loans", loan=loan.ref) for loan in loans]
    return say(f"您有{len(loans)}笔贷款：\n{lines}", *buttons)


def show_loan(loan: LoanView) -> Reply:
    """One of them, and what can be done about it."""
    about = [
        describe(loan),
        f"年化利率（单利）{loan.annual_rate.normalize():f}%，还款账户尾号{loan.account_tail}。",
    ]
    buttons = [make_button("怎么还款", "repay_loan", loan=loan.ref)]
    if loan.balance:
        buttons.append(make_button("提前还款", "prepay_loan", loan=loan.ref))
    if loan.line and loan.line.left and not loan.draw_obstacle:
        buttons.append(make_button("用款", "draw_loan", loan=loan.ref))
    if loan.line and loan.line.review_on:
        about.append(f"额度年审日是{write_day(loan.line.review_on)}。")
        buttons.append(make_button("办年审", "review_loan", loan=loan.ref))
    if loan.renewal.code in ("eligible", "too_late", "past_due"):
        buttons.append(make_button("续贷", "renew_loan", loan=loan.ref))
    return say("\n".join(about), *buttons)


def describe(loan: LoanView) -> str:
    """What is owed, what is due next, and what is left of the line."""
    said = [f"{name_loan(loan)}：还欠{format_fen(loan.balance)}。"]
    if loan.overdue_days:
        said.append(f"已逾期{loan.overdue_days}天，逾期{format_fen(loan.overdue)}。")
    if loan.next_due_on:
        due = f"下期{write_day(loan.next_due_on)}还{format_fen(loan.next_payment)}"
        said.append(f"{due}，{write_day(loan.matures_on)}到期。")
    elif loan.balance:
        said.append(f"到期日是{write_day(loan.matures_on)}。")
    if loan.line and loan.draw_obstacle:
        said.append(_tell_obstacle(loan))
    elif loan.line:
        said.append(f"额度还能用{format_fen(loan.line.left)}，{write_day(loan.line.until)}前有效。")
    return "".join(said)


def _tell_obstacle(loan: LoanView) -> str:
    if loan.draw_obstacle == "expired" and loan.line:
        return f"额度{write_day(loan.line.until)}已经到期，现在不能用款。"
    return "逾期的还清以前，额度不能用款。"


def refuse_drawdown(loan: LoanView) -> Reply:
    """Why nothing can be drawn, and who can help."""
    if loan.line is None:
        return NO_LINE
    if loan.draw_obstacle:
        return say(f"{name_loan(loan)}：{_tell_obstacle(loan)}", MANAGER, HUMAN)
    return say(f"{name_loan(loan)}的额度已经用完了。", MANAGER, HUMAN)


def tell_paid(loan: LoanView) -> Reply:
    """Nothing is owed on it; of others nothing is said."""
    return say(f"{name_loan(loan)}现在没有欠款。", _MY_LOANS)


def choose(loans: Sequence[LoanView], act: str, **values: Any) -> Reply:
    """Which of them is meant."""
    buttons = [make_button(name_loan(loan), act, **values, loan=loan.ref) for loan in loans]
    return say("您说的是哪一笔？", *buttons)


def ask_sum(loan: LoanView, act: str) -> Reply:
    """How much is to be repaid early, or drawn."""
    if act == "prepay_loan":
        everything = make_button("全部还清", act, loan=loan.ref, all=True)
        return say(f"{name_loan(loan)}还欠{format_fen(loan.balance)}。想提前还多少？", everything)
    left = loan.line.left if loan.line else 0
    return say(f"{name_loan(loan)}的额度还能用{format_fen(left)}。这次想用多少？")


def confirm_drawdown(loan: LoanView, yuan: int, term: int, values: Mapping[str, Any]) -> Reply:
    """Asks whether to draw."""
    rate = f"{loan.annual_rate.normalize():f}%"
    text = (
        f"请核对：从{name_loan(loan)}的额度用款{format_yuan(yuan)}。年化利率{rate}（单利），最长用{format_months(term)}，到账账户尾号{loan.account_tail}。"
        f"提交后由银行审核，还不是放款。{_CONSENT}{_ask_button('draw_loan')}"
    )
    return say(
        text,
        make_button(_TITLES["draw_loan"], "draw_loan", **values, is_agreed=True),
        make_button("先不用", "draw_loan", is_refused=True),
    )


def _ask_button(act: str) -> str:
    """A typed yes may answer something else that was said meanwhile."""
    return f"点了“{_TITLES[act]}”才会提交。"


def tell_above_line(loan: LoanView, yuan: int) -> Reply:
    """More was wished for than is left."""
    left = loan.line.left if loan.line else 0
    rest = (
        [make_button(f"改用{format_yuan(left // _FEN)}", "draw_loan", loan=loan.ref, amount=left // _FEN)]
        if left >= _FEN
        else []
    )
    more = ReplyButton(title="测额度", payload="/check_quota")
    return say(
        f"{format_yuan(yuan)}超过了还能用的额度：现在还能用{format_fen(left)}。要用更多得重新申请额度，客户经理可以帮您看。",
        *rest,
        more,
        MANAGER,
    )


def refuse_renewal(loan: LoanView) -> Reply:
    """Why it cannot be renewed here, and who can help."""
    return say(f"{name_loan(loan)}现在不能在线申请续贷。{loan.renewal.reason}", MANAGER, HUMAN)


def ask_operating(loan: LoanView, values: Mapping[str, Any]) -> Reply:
    """What only the customer knows."""
    return say(
        f"{name_loan(loan)}在{write_day(loan.matures_on)}到期，可以申请无还本续贷。先问两件事：您的生意或种养还在正常做吗？",
        make_button("还在做", "renew_loan", **values, is_agreed=True),
        make_button("已经不做了", "renew_loan", **values, is_refused=True),
    )


def ask_needs(values: Mapping[str, Any]) -> Reply:
    """The second question."""
    return say(
        "到期以后，这笔钱还要接着用吗？",
        make_button("还要用", "renew_loan", **values, is_agreed=True),
        make_button("不用了，到期还清", "renew_loan", **values, is_refused=True),
    )


def confirm_renewal(loan: LoanView, values: Mapping[str, Any]) -> Reply:
    """Asks whether to apply."""
    text = (
        f"请核对：为{name_loan(loan)}申请续贷{format_fen(loan.balance)}，{write_day(loan.matures_on)}到期前签好新合同。"
        f"续贷期限{format_months(loan.term)}。"
        f"现在的年化利率是{loan.annual_rate.normalize():f}%（单利），新利率以签的合同为准。批不批由银行审核决定，利息仍要按期还。"
        f"{_CONSENT}{_ask_button('renew_loan')}"
    )
    return say(
        text,
        make_button(_TITLES["renew_loan"], "renew_loan", **values, is_agreed=True),
        make_button("先不续", "renew_loan", is_refused=True),
    )


def confirm_review(loan: LoanView, review_on: date, values: Mapping[str, Any]) -> Reply:
    """What the yearly review needs, and whether to begin."""
    text = (
        f"{name_loan(loan)}的额度要在{write_day(review_on)}前做年审：核对您的经营和信用情况。"
        "请准备身份证、经营场所或种养的照片、近一年的流水，提交后在这里拍照发来。"
        f"{_CONSENT}{_ask_button('review_loan')}"
    )
    return say(
        text,
        make_button(_TITLES["review_loan"], "review_loan", **values, is_agreed=True),
        make_button("先不办", "review_loan", is_refused=True),
    )


def tell_done(act: str, done: LoanRequestView, now: Any) -> Reply:
    """What was done, and no more."""
    what = {"draw_loan": "用款申请", "renew_loan": "续贷申请", "review_loan": "年审申请"}[act]
    due = f"客户经理最迟{describe_moment(done.due_at, now)}联系您。" if done.due_at else ""
    status = ReplyButton(title="查进度", payload="/check_application_status")
    if done.core == "refused":
        return say(
            f"{what}交上去了，但贷款系统没有受理：{done.reason.rstrip('。')}。已经转给客户经理，编号{done.number}。{due}",
            MANAGER,
            HUMAN,
        )
    text = f"{what}已提交，编号{done.number}。"
    if done.core == "waiting":
        text += "贷款系统现在连不上，连上后自动补交，不用再点。"
    if act == "draw_loan":
        text += "还没有放款，放款后会通知您。"
    if act == "review_loan":
        text += "现在可以把材料拍照发来，一张一张发。"
    return say(f"{text}{due}", status)


def tell_refusal(reason: str) -> Reply:
    """The reason for which nothing was stored."""
    return say(f"这次没有提交：{reason.rstrip('。')}。", _MY_LOANS, MANAGER)
