"""Replies of the gateway itself: for dangers, for what the bot cannot read, and for when it cannot answer."""

from collections.abc import Mapping, Sequence

from conversations.customer_texts import make_reply
from conversations.schemas import MessageKind, Reply, ReplyButton
from pictures.schemas import Quality

GREETING_PAYLOAD = "/greet"
_HUMAN = [ReplyButton(title="转人工", payload="/request_human")]


# After the first aid (understanding/danger.yml).
POSSIBLE_DANGER = "我怕您遇到的是急事，先提醒一句。"
HANDED_OVER = "给您转人工，同事优先处理。"
MASKED = (
    "提醒您：密码、验证码和完整卡号千万不要告诉任何人，工作人员也不会问您要。已经替您遮住。"
    "要是别人让您发的，请马上打400-000-0000挂失。"
)


def _say(text: str, buttons: Sequence[ReplyButton] = ()) -> Reply:
    # `awaits_number`: a number that follows still answers the bot's earlier question.
    return Reply(author="system", text=text, buttons=list(buttons), awaits_number=True)


APOLOGY = _say("抱歉，系统刚才没能办好这一步，您的话已经记下了。请稍后再发一次，或转人工客服。", _HUMAN)
HANDOFF_WITHOUT_BOT = make_reply("handoff_without_bot", author="system")
GIVEN_UP = Reply(author="system", text="抱歉，系统出了故障，您这条消息没能处理好。已为您转人工客服，同事会看到您的话。")
GIVEN_UP_WAITING = _say("抱歉，系统刚才出了故障，回复晚了。您的话已经记下，同事接待您时会看到。")
STALE = _say("这一步已经过去了，刚才那个按钮不再算数。您想办什么，直接说就行。")
WELCOME = make_reply("welcome_without_bot", author="system", buttons=_HUMAN, awaits_number=True)
# Replies to messages without text. Staff still see them.
UNREADABLE: dict[MessageKind, Reply] = {
    "text": _say("这条消息里没有文字，请打字告诉我您想办什么。"),
    "voice": _say("抱歉，这段语音没能转成文字，请您打字告诉我。", _HUMAN),
    "image": _say("图片我还看不懂，请用文字告诉我您想办什么。要交材料，可以转人工。", _HUMAN),
    "sticker": _say("表情收到啦。想问什么、想办什么，打字告诉我就行。"),
    "video": _say("视频我还看不懂，请用文字告诉我您想办什么。", _HUMAN),
    "file": _say("文件我还打不开，请用文字告诉我您想办什么。要交材料，可以转人工。", _HUMAN),
    "location": _say("位置我还看不懂。需要地址时，请打字写乡镇和村名。", _HUMAN),
    "link": _say("链接我不会打开，请用文字告诉我您想办什么。", _HUMAN),
}
_APPLY = [ReplyButton(title="申请贷款", payload="/apply_for_loan")]
# Pictures and files are kept once the customer agreed to what they are for.
PAPER_UNASKED = _say("您发的没有保存。要交材料，请先申请贷款，同意后再发。", _APPLY)
PAPER_BEFORE_CONSENT = _say("您发的没有保存。请先回答下面的问题，同意后再发。")
NOT_FETCHED: Mapping[str, Reply] = {
    kind: _say(f"抱歉，{what}没有收到，请再发一次；还是不行，可以转人工。", _HUMAN)
    for kind, what in (("image", "这张照片"), ("voice", "这段语音"), ("file", "这个文件"))
}
_SEND_AGAIN = ReplyButton(title="重发验证码", payload="/verify_phone")
_LEAVE = ReplyButton(title="先不验证", payload="/leave_phone_code")
CODE_ALONE = _say("请只发短信里的6位数字，前后不用加字。", [_SEND_AGAIN, _LEAVE])
CODE_WRONG = _say("这个验证码不对，请看清短信里的6位数字再发一次。", [_SEND_AGAIN, _LEAVE])
CODE_OVER = _say("验证码已经失效了，可以重发一个。", [_SEND_AGAIN, _LEAVE])
CODE_LEFT = _say("好的，先不验证，不影响办理。")
CODE_LEFT_UNDONE = _say("好的，先不验证，您的信息都没有动。")
CODE_WITHOUT_PHONE = _say("要验证哪个手机号？请直接发11位号码。")
CODE_UNAVAILABLE = _say("现在发不了验证码，请晚点再试。", _HUMAN)


def tell_code_sent(phone: str) -> Reply:
    """A code is on its way to a phone, which is masked."""
    return _say(f"验证码已发到{phone}，5分钟内有效。收到后直接回复那6位数字。", [_SEND_AGAIN, _LEAVE])


def tell_verified(phone: str, then: str) -> Reply:
    """The phone, masked, is the customer's; `then` is the payload of what was waiting for that."""
    return _say(f"{phone}已经核实，是您本人的号码。", [ReplyButton(title="接着办", payload=then)] if then else [])


def refuse_code(reason: str) -> Reply:
    """No further code now; the last one still counts."""
    return _say(f"{reason}。", [_LEAVE])


CODE_TOO_SOON = "刚刚发过一条短信，请等一分钟再重发"
TOO_MANY_CODES = "今天发的验证码太多了，请明天再试，或转人工"
CODES_BUSY = "现在要验证码的人太多了，请过一会儿再试"
OVERLOADED = "抱歉，系统现在有点忙。请稍等一会儿；没等到答复，请再发一次。"
TOO_FAST = "消息发得太快了，这一条还没有收到，请过几秒再发"
BUSY = "现在咨询的人很多，这一条还没有收到，请过几秒再发"
TOO_MANY_PICTURES = "照片和文件发得太快了，这一份还没有收到，请过一会儿再发"
MEDIA_GONE = "刚才发的已经过期了，请再发一次"
UPLOAD_TOO_SLOW = "传得太慢，没有收到，请换个网络再发"
TOO_MANY_REQUESTS = "操作太频繁了，请过一会儿再试"
SESSION_OVER = "这个会话已经结束，请开始新的会话"
TOO_MANY_HANDOFFS = make_reply("too_many_handoffs", author="system", awaits_number=True)
TOO_MANY_CALLS = make_reply("too_many_calls", author="system", awaits_number=True)
HUMANS_BUSY = make_reply("humans_busy", author="system", awaits_number=True)
TEXT_EMPTY = "请输入要说的话"
TEXT_TOO_LONG = "一次最多{limit}个字，请分开发送"

# What a helper sees after a picture of a paper.
PICTURE_QUALITY: Mapping[Quality, str] = {
    "good": "{paper}的照片收到了，已经交给客户经理。",
    "blurred": "{paper}的照片有点糊，看不清字。请拿稳手机再拍一张。",
    "glare": "{paper}的照片反光，挡住了字。请避开灯光再拍一张。",
    "dark": "{paper}的照片太暗，看不清字。请到亮一点的地方再拍一张。",
    "cropped": "{paper}没有拍全。请让四个边都在画面里，再拍一张。",
    "small": "{paper}照片上的字太小。请靠近一点再拍一张。",
}
NO_PICTURE_CHOSEN = "请先选一张照片，再点“传照片”"


def refuse(reason: str) -> Reply:
    """What was sent besides words was not taken, and why."""
    return _say(f"{reason}。", _HUMAN)


def offer_human(text: str) -> Reply:
    """A reply of the bank with the choice of a human."""
    return _say(text, _HUMAN)
