"""The notice that customers see before their first message, and the full text of the page /privacy."""

from privacy.retention import RetentionTable, load_retention

NOTICE_VERSION = "2026-12"
SEE, ERASE, WITHDRAW = "看我的信息", "删除我的信息", "撤回同意"
# Without the period and the link: the chat page has the same text in its HTML (a test compares them).
_SHORT = (
    "青禾农商银行用您在这里说的、填的信息来答复您、办您要办的事。聊天记录加密保存{period}，到期删除；"
    f"您随时可以回复“{SEE}”“{ERASE}”或“{WITHDRAW}”。"
)
CROSS_BORDER_VERSION = "2026-11"
CROSS_BORDER = (
    "Telegram的服务器在境外：您在这里说的、填的信息会经过它传出境外。接着办要填个人信息，需要您单独同意；"
    "不同意也可以打400-000-0000，或到网点、微信、网页上办。您同意吗？"
)
# Kinds that customers read about; the others hold nothing of theirs.
_TOLD = (
    *("dialogue", "conversation", "callback", "verification", "decision", "withdrawn_application"),
    *("application", "handoff", "request", "ledger"),
)


def write_notice(public_url: str = "", table: RetentionTable | None = None) -> str:
    """The short notice; with the address of the full text where the gateway has one."""
    period = (table or load_retention()).kinds["conversation"].period
    link = f"隐私说明全文：{public_url.rstrip('/')}/privacy" if public_url else ""
    return _SHORT.format(period=period) + link


def list_sections(table: RetentionTable | None = None) -> list[tuple[str, list[str]]]:
    """The full text: headings and paragraphs."""
    kinds = (table or load_retention()).kinds
    kept = [
        f"{kind.name}：{kind.period}，从{kind.since}起。{kind.reason}。依据：{kind.source}。"
        for kind in (kinds[name] for name in _TOLD)
    ]
    return [
        ("谁在用您的信息", ["青禾农商银行。联系电话400-000-0000，个人信息保护负责人在总行，可打这个电话找他。"]),
        (
            "用什么、用来做什么",
            [
                "您在对话里说的话：用来答复您、核对说过的话、处理投诉。",
                "测额度时填的收支情况：只用来估算额度，不查征信。要您先同意。",
                "申请贷款时填的姓名、电话、住址、用途和金额：用来办这笔申请，由客户经理联系您。要您先同意。",
                "您留的回电号码：只用来给您回电话。",
                "您在微信、Telegram里的编号：用来把答复发给您。经Telegram时信息会到境外，要您单独同意。",
            ],
        ),
        (
            "谁看得到",
            [
                "接待您的客服、负责您的客户经理和他们的主管，按各自的权限看；主管和管理员办理您对个人信息的请求。",
                "看完整号码、打开不归自己的对话、下载您的信息副本，会留下记录。",
                "保存时加密（AES-256-GCM），号码在页面上默认遮住中间几位。",
                "不卖给别人，不给无关的人。法律要求提供的除外。",
            ],
        ),
        ("保存多久", kept),
        (
            "您的权利",
            [
                f"看和复制：回复“{SEE}”。马上告诉您存了哪些；网页上可以下载一份，别处由同事给您。",
                "更正：填表时直接说；已经交的申请，说哪里登记错了，同事15个工作日内核对答复。",
                f"撤回同意：回复“{WITHDRAW}”。测算和没填完的内容马上删，还没开始办的申请马上撤回；正在办的转给同事停办，它的测算先留着。撤回前已经办的不受影响。",
                f"删除：回复“{ERASE}”。能删的马上删，依法要保留的告诉您是什么、留到哪天。",
                "要求说明：对额度结果不清楚，可以问“为什么”，也可以要求人工重新看。",
                "留过手机号的，下载和删除前要先用短信验证码核实；收不到短信的，由同事核实身份后处理。",
                "这里只处理这个对话里的信息；别处办的，由同事核实身份后处理，15个工作日内答复。",
                "不满意：打400-000-0000投诉，也可以向监管部门反映。",
            ],
        ),
        ("没有同意会怎样", ["问问题、算还款、找人工都可以。测额度和申请贷款要填个人信息，不同意就办不了。"]),
    ]
