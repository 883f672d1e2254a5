"""Replies of the gateway itself, for when the bot cannot answer."""

import re
from collections.abc import Sequence

from conversations.schemas import MessageKind, Reply, ReplyButton

_HUMAN_REQUEST = re.compile(
    r"^(我?[要想]|请|帮我|给我|麻烦)?(转接|转|找|接|叫)?(一下|个)?(人工|真人|活人)(客服|服务|坐席)?[吧啊呀。!！]*$"
)

GREETING_PAYLOAD = "/greet"
HUMAN_PAYLOADS = ("/request_human", "/request_account_manager")
_HUMAN = [ReplyButton(title="转人工", payload="/request_human")]


def _say(text: str, buttons: Sequence[ReplyButton] = ()) -> Reply:
    # `awaits_number`: a number that follows still answers the bot's earlier question.
    return Reply(author="system", text=text, buttons=list(buttons), awaits_number=True)


APOLOGY = _say("抱歉，系统刚才没能办好这一步，您的话已经记下了。请稍后再发一次，或转人工客服。", _HUMAN)
HANDOFF_WITHOUT_BOT = Reply(
    author="system",
    text="已为您转人工客服，刚才的对话会一并交给同事，您不用重复。急事请拨400-000-0000。",
)
GIVEN_UP = Reply(author="system", text="抱歉，系统出了故障，您这条消息没能处理好。已为您转人工客服，同事会看到您的话。")
GIVEN_UP_WAITING = _say("抱歉，系统刚才出了故障，回复晚了。您的话已经记下，同事接待您时会看到。")
WELCOME = _say("您好，这里是青禾农商银行。智能助手暂时不在线，您可以先留言，或转人工客服。", _HUMAN)
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
OVERLOADED = "抱歉，系统现在有点忙。请稍等一会儿；没等到答复，请再发一次。"
TOO_FAST = "您发得太快了，这一条没有收到，请过一分钟再发"
TEXT_EMPTY = "请输入要说的话"
TEXT_TOO_LONG = "一次最多{limit}个字，请分开发送"


def is_human_request(text: str) -> bool:
    """Whether a text plainly asks for a human; only used while the bot, which understands far more, is down."""
    return bool(_HUMAN_REQUEST.match(text.strip()))
