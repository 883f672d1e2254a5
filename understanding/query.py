"""What of a message is to be searched and classified: its questions, without what the customer rules out."""

import re
from itertools import zip_longest

from kit.masking import mask_personal_data
from understanding.homophones import mend_homophones
from understanding.pinyin_words import from_pinyin
from understanding.products import find_product
from understanding.schemas import Reading

_CLAUSE_END = re.compile(r"[，,。;；!！?？\n]+|\s+")
# 我不是要申请，就问下利率; 不要转人工 我就问问; 不是社保卡丢了，是银行卡丢了: the first part is not asked.
_RULED_OUT = re.compile(
    r"^(?:我|俺|咱)?(?:也|又|可|并)?(?:不是(?:说|要|想|问)?|没(?:想|说)?要?|不(?:想|要|用|是想)|别|莫).{1,16}$"
)
_STILL_ASKED = re.compile(r"^(?:我|俺|咱)?(?:就|只|光|而?是|是想|想|单)")
_FOLLOW_UP = re.compile(r"^(?:那|那么|还有|然后|哪)(?P<other>.{1,12}?)(?:呢|咧|哩|嘞|呀|咋样|怎么样)[?？]?$")
# 那在哪里操作, 那我开店的要带哪些: a question that goes on from the one before.
_GOES_ON = re.compile(r"^(?:那么?|然后|这个|接着|接下来).{2,14}$")
# 我就问问, 就问下, 想打听一下: says that something is asked, not what.
_ASKING = re.compile(
    r"^(?:你好|您好)?[,， ]*(?:我|俺|咱)?(?:就|只|光)?(?:是)?(?:想|要|来)?"
    r"(?:问问|问一?下|打听一?下|咨询一?下|了解一?下|请问)(?:你们)?[,， ]*"
)
# 商户的呢, 那我开店的, 公司呢
_OTHER_PRODUCT = re.compile(
    r"(?:(?:那么?|还有|要是|如果|换成)(?:我|俺|我们)?.{1,6}?(?:的|的?话)?(?:呢|咧|哩|嘞|呀|咋样|怎么样)?|.{2,6}?的?呢)[?？]?"
)
# 会上征信不, in a form: whether filling it in is seen there, not what else may be.
_ASKS_CREDIT = re.compile(r"(?!.*(?:逾期|报告|修复|异议|打印|额度|申请|贷款|还款)).{0,8}征信.{0,8}")
_IN_FORM = {"quota_form": "测额度", "application_form": "申请贷款"}
# 贷款利率是多少？: what is asked of a topic.
_WHAT_IS_ASKED = re.compile(r"(?:是|有|要|能)?(?:多少|多久|多长时间|什么样?|怎么样|几[^，]*|哪[^，]*)[?？]?$")
_SOMEBODY = "某某"
# What is left of a masked number would be compared with the numbers in the entries: 12378 is no customer's.
_NUMBER = "****"
_MASKED = re.compile(r"[0-9]*\*{2,}[0-9x]*")
# 我电话138****5678, 加我微信…, 打…找我: tells a number and asks nothing by it; 我电话…换了 does.
_TELLS_NUMBER = re.compile(
    r"(?:请|就)?(?:可以|麻烦)?(?:加|打|拨|联系|找|留|记)?一?下?(?:我|俺|咱|本人)?(?:的|家)?(?:联系)?"
    r"(?:电话|手机|号码|身份证|银行卡|卡|微信|账)?(?:号码|号)?(?:是|为|:)?\*{4}(?:找我|联系我|就行|即可|哈|啊)?"
)
PARTS_MAX = 3
PART_LENGTH_MIN = 3


def hide_personal(reading: Reading) -> Reading:
    """The reading for other services, whose caches need no names and numbers of persons."""
    plain = _MASKED.sub(_NUMBER, mask_personal_data(reading.plain))
    for fact in reading.facts:
        if fact.kind == "name" and fact.text:
            plain = plain.replace(fact.text, _SOMEBODY)
    return reading.model_copy(update={"plain": plain})


def find_query(plain: str) -> str:
    """What is asked: without a clause that is ruled out before, that only says that something is asked, or that only
    tells a number.
    """
    clauses = [clause for clause in _CLAUSE_END.split(plain) if clause]
    kept = [
        clause
        for clause, following in zip_longest(clauses, clauses[1:], fillvalue="")
        if not (_RULED_OUT.match(clause) and _STILL_ASKED.match(following))
    ]
    kept = [clause for clause in kept if not _TELLS_NUMBER.fullmatch(clause)] or kept
    query = "，".join(kept) if len(kept) < len(clauses) else plain
    return mend_homophones(from_pinyin(_ASKING.sub("", query) or query))


def find_matter(reading: Reading, form: str | None) -> str:
    """What a short question about the credit record asks in a form; "" when it is no such question."""
    matter = _IN_FORM.get(form or "", "")
    asks = matter and reading.is_question and _ASKS_CREDIT.fullmatch(reading.plain)
    return f"{matter}{reading.plain}" if asks else ""


def find_parts(query: str) -> list[str]:
    """The clauses that may be questions of their own; none when there is only one."""
    clauses = [clause for clause in _CLAUSE_END.split(query) if len(clause) >= PART_LENGTH_MIN]
    return clauses[:PARTS_MAX] if len(clauses) > 1 else []


def find_follow_up(reading: Reading, topic: str) -> str:
    """What 那农户贷呢 or 为什么这么高 asks after an answer about a topic; "" when it is no such message."""
    if not topic:
        return ""
    if other := _find_other_product(reading, topic):
        return other
    found = _FOLLOW_UP.match(reading.plain)
    if found:
        return f"{found['other']}{topic}"
    # 贷款利率为什么这么高; with all of the topic the same would be answered again.
    return f"{_WHAT_IS_ASKED.sub('', topic)}{reading.plain}" if "why_result" in reading.acts else ""


def _find_other_product(reading: Reading, topic: str) -> str:
    """The topic with the product that a short message names in place of its own: 那商户的呢 after 农户贷谁可以申请."""
    mine, theirs = find_product(reading.plain), find_product(topic)
    if not (mine and theirs and theirs.is_named and _OTHER_PRODUCT.fullmatch(reading.plain)):
        return ""
    return topic[: theirs.start] + mine.name + topic[theirs.end :]


def find_continuation(reading: Reading, topic: str) -> str:
    """What 那在哪里操作 may ask as a follow-up to the last answer; "" when it cannot be one."""
    goes_on = topic and reading.is_question and _GOES_ON.match(reading.plain)
    return f"{reading.plain}，{topic}" if goes_on else ""
