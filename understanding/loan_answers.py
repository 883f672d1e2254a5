"""Reads answers to what was asked about a loan: how much, whether they still work and need it, and a yes that binds."""

import re
from collections.abc import Sequence

from understanding.loan_words import LENGTH_MAX, MAYBE_ME, SUM, TAIL, tidy
from understanding.schemas import Fact, Reading

_SUM_MIN = 100  # a smaller number without a unit is no sum
# The speaker's present wish: 上次提了3万 and 我儿子要5万彩礼 fit nowhere.
_LEADING = (
    "(?:那就|那|就|先|这次|这回|今天|现在|想要|想|要|打算|准备|大概|差不多|再|只"
    "|还是|不如|那么|需要|从里面|从额度里|申请|嗯|好的?|行)*+"
)
_CHANGED = "(?:[改换变](?:成|为|到)?|调(?:成|到))?"
_ENDING = (
    "(?:左右|上下|出来|就够了?|就行了?|就好了?|就可以了?|就成|够了|好了"
    "|用用|即可|行不行?|可以[吗不]|好吗|行吗|得了|吧|啊|呀|哈|哦|呢|的)*+"
)
_NEEDED = (
    "(?:用来|拿来|来|去|是)?(?:买点?(?:农资|化肥|肥料?|饲料|种子|农药|药|[猪鸡鱼树果鸭羊牛]?(?:苗|崽|仔)|[猪牛羊鸡鸭]|原料|材料|货|设备|农机)"
    "|进点?货|发工资|付(?:工钱|货款|租金|工资)|交(?:租金|房租|水电费)|周转(?:一下)?)"
)
_VERBS = {
    "draw_loan": "(?:用款|提款|支用|[用提取支拿借贷要来])?(?:出来?|个)?",
    "prepay_loan": "(?:提[前早]还款?|归还|还款|还|来|拿)?(?:个|掉)?",
}
_SUMS = {
    name: re.compile(
        f"{_LEADING}{MAYBE_ME}{_LEADING}{_CHANGED}{verbs}{SUM}{_ENDING}"
        + (f"(?:{_NEEDED}{_ENDING})?" if "用" in verbs else "")
    )
    for name, verbs in _VERBS.items()
}
_ALL = re.compile(
    f"{_LEADING}{MAYBE_ME}{_LEADING}(?:提[前早])?(?:一次性?|一把)?(?:把)?(?:剩下的|本金)?"
    "(?:全部|全额|所有的?|全|都|一次性?|一把)都?"
    f"(?:给)?(?:提[前早])?(?:[还结](?:清|完|掉|了)?|还款)?{_ENDING}"
    f"|{_LEADING}{MAYBE_ME}{_LEADING}(?:提[前早])?(?:[还结]清|还完){_ENDING}"
    "|[全都]+提出来|all(?: of it)?|everything|in full|pay it all(?: off)?"
)
_WORKING = "(?:做生意|做着?|干着?|经营|开着?|种着?|养着?|营业|生产|跑着?|忙)"
_THING = (
    "(?:(?:我|俺|咱|我们|我家|俺家)?的?"
    "(?:店[铺子]?|铺子|厂子?|地|田|[猪牛羊鸡鸭鱼虾]|鱼塘|大棚|果园|生意|买卖|养殖场?|种植|合作社|车)(?:都|也)?)?"
)
_NOUN = "(?:生意|店|地|田|[猪牛羊鸡鸭鱼虾]|菜|果树|粮食|厂|大棚|买卖)?"
_SOUNDS = "(?:呢|的|哦|啊|呀|嘞|咧|着|哈|吧)*+"
_YES_NO = {
    "operating": (
        re.compile(
            f"{_THING}{MAYBE_ME}(?:现在|目前|一直|当然|肯定|都)*(?:还|一直|都|也|正常|照常|继续|照样)*(?:在|正常|接着)*"
            f"{_WORKING}{_NOUN}{_SOUNDS}"
            f"|{_THING}{MAYBE_ME}(?:还|都|一直|也)*(?:在|正常){_SOUNDS}"
            f"|(?:生意|买卖|店|养殖|种植)还(?:行|可以|好|不错|凑合){_SOUNDS}"
            "|(?:yes )?still (?:working|operating|running|going)"
        ),
        re.compile(
            f"{_THING}{MAYBE_ME}(?:现在|目前|今年|早就|已经|早|都)*(?:不|没有?)(?:再|在|怎么|得)?{_WORKING}{_NOUN}了?{_SOUNDS}"
            f"|{_THING}{MAYBE_ME}(?:现在|今年|早就|已经|早|都)*(?:关门|关|停业|停|倒闭|转让|歇业|歇|收摊|卖|黄)了?{_SOUNDS}"
            "|not any ?more|no longer"
        ),
    ),
    "needs": (
        re.compile(
            f"(?:钱|这笔钱|这钱)?{MAYBE_ME}(?:当然|肯定|还|都|一直|也|继续|接着|到时候)*(?:想|得|需)?(?:要|得|需要)?"
            f"(?:继续|接着|再)?(?:用|需要|要|用得[着上])钱?{_SOUNDS}"
            "|(?:yes )?(?:i )?still need it|i (?:still )?need it"
        ),
        re.compile(
            f"(?:钱|这笔钱|这钱)?{MAYBE_ME}(?:现在|已经|到时候|到期|都|就|也)*"
            f"(?:(?:够用了?)?不(?:想|再|太)?(?:需要|用|要)用?|用不[着上]|不用再用)了?{_SOUNDS}"
            f"|{MAYBE_ME}(?:到期了?|到时候|准备|打算|我|会|就|直接)*(?:还清|还掉|还完|结清|还了|(?<=就)还){_SOUNDS}"
            "|no need|not any ?more"
        ),
    ),
}
# Words that only say something was heard bind nothing: 嗯, 哦, ok, 👌, 好的谢谢.
_AGREES = re.compile(
    "是的?|对的?|好的?|行的?|可以的?|同意|确认|确定|没问题|没错|无误|愿意|答应|授权|提交|交吧|办吧|办理?|申请|要得|成|中"
)
_ONLY_HEARD = re.compile("谢|知道|晓得|明白|了解|收到|辛苦|考虑|再说|看看|thank|see|got it")
_RELUCTANT = re.compile("[嗯恩哦噢额呃啊哎,， ]*(?:[好行]吧|好[呀啊嘞]?)")
_CONFIRMS = re.compile(
    f"(?:我|好的?|是的|可以|行|嗯|那就)*(?:确认|同意|确定)并?(?:办理?|申请|提交|开始|要|用款|提款|续贷|年审)+{TAIL}"
)
_ENGLISH_YES = re.compile(
    "(?:yes|yes please|sure|i agree|agree|agreed|confirm|confirmed|i confirm|go ahead|submit(?: it)?|submit it please)"
)


def find_sum(facts: Sequence[Fact]) -> int | None:
    """The last sum that is told, in yuan."""
    sums = [fact.low or 0 for fact in facts if fact.kind in ("sum", "number")]
    return next((int(each) for each in reversed(sums) if each >= _SUM_MIN), None)


def tells_how_much(reading: Reading, question: str) -> dict[str, object]:
    """The `amount` in yuan that is wished for, or `all` of a debt; empty where the message says neither."""
    if question not in _VERBS or len(reading.plain) > LENGTH_MAX:
        return {}
    if question == "prepay_loan" and _ALL.fullmatch(tidy(reading.plain)):
        return {"all": True}
    is_corrected = (
        reading.is_correction
        and not reading.rest
        and not reading.is_question
        and all(fact.kind in ("sum", "number") and fact.role in ("", "amount") for fact in reading.facts)
    )
    wished = find_sum(reading.facts)
    is_wish = is_corrected or bool(_SUMS[question].fullmatch(tidy(reading.plain)))
    return {"amount": wished} if wished is not None and is_wish else {}


def answers_step(plain: str, step: str) -> bool | None:
    """Whether a question of the renewal is answered with yes or no; None where it is not answered."""
    text = tidy(plain)
    said = text if re.search("[\u4e00-\u9fff]", text) else plain.strip(" .!?")
    if len(said) > LENGTH_MAX:
        return None
    yes, no = _YES_NO.get(step, (None, None))
    if no and no.fullmatch(said):
        return False
    return True if yes and yes.fullmatch(said) else None


def confirms(plain: str) -> bool:
    """Whether it says in so many words that what was put before them is to be done: 确认用款, 同意并申请续贷."""
    return bool(_CONFIRMS.fullmatch(tidy(plain)))


def is_clear_yes(plain: str) -> bool:
    """Whether a message that agrees does so clearly enough to bind: not 嗯, ok or 好的谢谢."""
    if confirms(plain):
        return True
    if _ONLY_HEARD.search(plain) or _RELUCTANT.fullmatch(plain.strip(" ,，。.!！~")):
        return False
    return bool(_AGREES.search(plain) or _ENGLISH_YES.fullmatch(plain.strip(" .!")))
