"""The notice that customers see before their first message, and the full text of the page /privacy."""

from privacy.purposes import load_purposes
from privacy.retention import RetentionTable, load_retention

NOTICE_VERSION = "2027-01"
# What this version says that the one before did not.
_CHANGES = [
    "交给客户经理、查征信、新产品通知分开征求同意，可以一项一项撤回。",
    "写明了黑名单：防止冒名和骗贷，只存加密的号码。",
]
SEE, ERASE, WITHDRAW = "看我的信息", "删除我的信息", "撤回同意"
# Without the period and the link: the chat page has the same text in its HTML (a test compares them).
_SHORT = (
    "青禾农商银行用您在这里说的、填的信息来答复您、办您要办的事。聊天记录加密保存{period}，到期删除；"
    f"您随时可以回复“{SEE}”“{ERASE}”或“{WITHDRAW}”。"
)
CROSS_BORDER = (
    "Telegram的服务器在境外：您在这里说的、填的信息会经过它传出境外。接着办要填个人信息，需要您单独同意；"
    "不同意也可以打400-000-0000，或到网点、微信、网页上办。您同意吗？"
)
# Kinds that customers read about; the others hold nothing of theirs.
_TOLD = (
    *("dialogue", "draft", "conversation", "callback", "verification", "visit", "delegation", "decision"),
    *("document", "withdrawn_application", "application", "handoff", "blocked_person", "campaign", "warning"),
    *("request", "ledger"),
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
                "办申请时发来的证件、合同、流水照片：用来少打字、核对和交给客户经理。先同意了才收；照片里的拍摄地点等不留。",
                "您留的回电号码：只用来给您回电话。",
                "约上门时说的时间和地址：只用来上门。",
                "您在微信、微信客服、Telegram里的编号：用来把答复发给您。",
                "提交的申请会核对：漏填的、前后对不上的、同一个电话或身份证号反复出现的，先由客户经理问清，不会只凭这个拒绝您。",
                "黑名单：冒名、骗贷的电话和身份证号，只存加密后的样子，两位同事确认才加，到期删。觉得弄错了，打400-000-0000复核。",
            ],
        ),
        (
            "要您同意的，一项一项分开",
            [f"{each.name}：{each.use}。撤回后：{each.withdrawn}。" for each in load_purposes().values()],
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
                f"撤回同意：回复“{WITHDRAW}”，可以全部撤回，也可以只撤一项，比如“撤回征信授权”“别给我发营销”。您在几个渠道核实过同一个手机号的，一起撤回。撤回前已经办的不受影响。",
                f"删除：回复“{ERASE}”。能删的马上删，依法要保留的告诉您是什么、留到哪天。",
                "要求说明：对额度结果不清楚，可以问“为什么”，也可以要求人工重新看。",
                "留过手机号的，下载和删除前要先用短信验证码核实；收不到短信的，由同事核实身份后处理。",
                "这里只处理这个对话里的信息；别处办的，由同事核实身份后处理，15个工作日内答复。",
                "不满意：打400-000-0000投诉，也可以向监管部门反映。",
            ],
        ),
        (
            "没有同意会怎样",
            [
                "问问题、算还款、找人工都可以。测额度和申请贷款要填个人信息，不同意就办不了。",
                "不同意查征信也能提交申请，不要新产品通知什么都不影响。",
            ],
        ),
        (f"版本{NOTICE_VERSION}改了什么", _CHANGES),
    ]
