"""What is a human's from the first word, and what only sounds like it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from desk.wording import TOPICS
from understanding.danger import find_danger, load_topics
from understanding.normalise import normalise

ROOT = Path(__file__).parents[2]
MATCHING = {
    "life": [
        "我不想活了",
        "欠这么多钱我都不想活了",
        "真是活不下去了",
        "逼得我只有跳楼了",
        "再催我就喝农药",
        "死了算了，一了百了",
        "我 想 死",
        "被骗了十万，不想活了",
    ],
    "scam": [
        "我被骗了",
        "刚刚被骗了两万",
        "我被骗转账了怎么办？",
        "钱被骗走了还能追回吗",
        "被骗了怎么防止再被骗",
        "我是不是被骗了",
        "上当了咋办",
        "转给骗子十分钟了能拦吗",
        "有人说我涉案，让我把钱转到安全账户怎么办？",
        "公安局打电话说我洗钱",
        "客服打电话叫我转账到一个账号",
        "让我刷流水验资正常不",
        "刷流水",
        "群里说扫码付88就激活我的额度",
        "让我充两百解锁贷款额度",
        "验证码告诉了对方怎么办",
        "我妈遇到骗子了",
        "有人冒充你们客服",
        "我把身份证照片发给一个说是你们银行的人",
        "自称信贷员的人让我拍身份证 我拍给他了",
        "身份证正反面传给陌生人了",
        "把银行卡号报给一个自称客服的了",
        "刚才有人打电话要验证码 我说了是•••",
        "对方问我要验证码，我念给他了",
        "验证码报给那个人了",
        "我点了个链接 填了卡号密码",
        "打开他发的网址，输了银行卡和密码",
        "我妈让人骗了 正在转账",
        "我爸给人骗走三万",
        "我奶奶正在给骗子转钱",
    ],
    "stolen_money": [
        "我的卡被盗刷了",
        "卡里的钱不见了",
        "卡里钱突然没了",
        "钱被人转走了",
        "这笔不是我转的",
        "不是我取的钱",
        "征信上有一笔不是我贷的",
        "有人冒用我的身份贷款怎么办？",
        "被人冒名贷款了",
        "有人拿我的身份证去贷款了",
    ],
    "violence": [
        "你们催收的上门威胁我",
        "打电话恐吓我家人",
        "天天暴力催收",
        "催收的人把我打了",
        "他们堵我家门",
        "往我家泼油漆",
    ],
    "law": [
        "我要起诉你们",
        "我要去银保监告你们",
        "收到法院的传票了",
        "我收到你们律师函了",
        "我的律师会联系你们",
        "我要跟你们打官司",
        "我被法院强制执行了怎么还款",
    ],
    "press": ["我是电视台的记者", "我要发抖音曝光你们", "我找记者来", "那就媒体曝光吧"],
    "data_leak": [
        "你们泄露我的信息",
        "泄露我电话了吧 天天有骚扰电话",
        "我的信息被你们卖了",
        "是不是你们泄露了客户资料",
        "个人信息泄露了",
    ],
    "death": [
        "我爸去世了贷款怎么办",
        "我老公上个月过世了，还欠你们钱",
        "我妈不在了，她的贷款谁还",
        "借款人死亡了，担保人要还吗",
        "人死了贷款还要还吗",
        "我们几兄弟争遗产",
    ],
}
LOOK_ALIKES = [
    *("怕冒充银行的进家门骗我爷爷", "门卫把我拦住 没让我给骗子汇钱", "手机落车上了 担心卡里钱没了"),
    *(
        "可以把身份证发给自称客户经理的人吗",
        "要不要把身份证照片发给你们",
        "不要把身份证发给陌生人",
        "客服要验证码我没说",
    ),
    *(
        "有人打电话要验证码 我说了不给",
        "登录要验证码 我输了不对",
        "收到链接要填卡号 没填",
        "怕让人骗了",
        "我差点给骗子骗了",
    ),
    *("我妈正在给我转账", "有个自称你们银行的要我身份证", "客服说要验证码才能登录吗", "我把身份证号发给你们了"),
    *("怎么防止被骗", "会不会被骗", "怕被骗了", "别被骗了", "万一被骗了怎么办", "你不会是骗子吧", "骗子银行"),
    *("怎么知道你不是冒充的", "怎么辨别是不是骗子冒充银行", "放款前收费的是骗子吗", "流水多少", "要半年的流水吗"),
    *("贷款要不要刷流水", "没有刷流水", "验证码收不到", "验证码多久过期", "怎么给我妈转账", "老板让我转账给他怎么操作"),
    *("怎么防止被盗刷", "卡会不会被盗刷", "盗刷险怎么买", "钱包被偷了卡在里面", "我没钱了", "卡里没钱了怎么还款"),
    *(
        "还款的钱扣走了两次",
        "这卡不是我办的，是我爸办的，能销吗",
        "怎么查有没有人用我名字贷款",
        "身份证丢了会不会被人冒名贷款",
    ),
    *(
        "笑死我了",
        "想死期存款利息多少",
        "跳楼价",
        "猪瘟死了一半 实在没钱还",
        "猪误喝农药死了能缓缴吗",
        "店里生意快活不下去了想贷款",
    ),
    *("我爸养的猪死了贷款怎么还", "我妈走了两趟银行了", "钱打了我卡里没有", "他们打我电话了", "逾期会不会威胁我"),
    *("逾期会不会起诉我", "欠款不还会起诉吗", "被起诉了还能贷么 钱还没还", "打官司要多少钱", "失信被执行人能贷款吗"),
    *("会被强制执行吗", "我转告你们经理", "忘了告诉你们", "我是记者能贷款吗", "我老婆是记者，能办工薪贷吗"),
    *("我的信息会泄露吗", "会不会泄露我的信息", "怎么保证不泄露我的电话", "你们会卖我的信息吗", "卖我家的猪给信用社"),
    *(
        "老人去世了，存款怎么取？",
        "遗产存款要不要公证",
        "取去世老人的存款要什么证明",
        "我爸没了工作还能贷吗",
        "还清了就一了百了",
    ),
]
# Questions with an answer of the bot's that are a human's all the same: it is happening right now.
HANDED_OVER = {
    "scam": [
        *(
            "安全账户",
            "我好像被骗了 刚转出去两万",
            "我爸刚被人骗了，人还在柜台前哭，赶紧想办法！",
            "放款前要先刷流水 对吗",
            "有个人打电话说我卡涉嫌洗钱要我把钱转到安全账户",
            "有人冒充你们客服",
            "有人冒充银行的人联系我",
            "被骗了",
        ),
        *(
            "让我刷流水验资正常不",
            "有人说我涉案，让我把钱转到安全账户怎么办？",
            "公安局打电话说我洗钱",
            "让我转到安全账户",
        ),
        *("我被骗转账了怎么办？", "钱被骗走了还能追回吗", "刚刚被骗了两万", "上当了咋办", "被诈骗了先找银行还是报警"),
        *("网上刷单被骗 钱转出去了", "老人被骗了3万块快帮帮忙", "转给骗子十分钟了能拦吗", "钱被骗了怎么办？"),
        "被骗了打什么电话",
        "扫了别人发的二维码填了卡号",
        "我报了案 民警讲给骗子的账户做了止付 那我的钱是不是保住了",
        "孙子的学生卡让人骗去走账 当爷爷的愁得睡不着",
    ],
    "stolen_money": [
        *(
            "卡里的钱少了",
            "名下有笔贷款不是我贷的",
            "我被人冒名贷款了",
            "要你们出证明这笔贷款不是我借的",
            "钱不见了",
        ),
        "疑有人冒用我的身份证办了贷款",
        *("征信上有一笔不是我贷的", "我的卡被盗刷了", "不是我取的钱", "有人冒用我的身份贷款怎么办？"),
        *("被人冒名贷款了", "别人冒用我名字贷款咋办"),
    ],
    "data_leak": [*("一申请就有中介打电话 你们卖我信息",), "泄露我电话了吧 天天有骚扰电话"],
    "law": [
        *(
            "去法院告你们银行",
            "我要去银监告你们",
            "我要起诉银行",
            "没经我允许就查我征信 我要告你们",
        ),
        "我要去银保监告你们",
        *("欠贷收到传票了", "欠贷款收到法院传票怎么办？", "银行的错还不认账 我就上法院告"),
    ],
    "press": [*("曝光你们",), "我要发抖音曝光你们"],
    "death": [
        *("我爸过世了 存款怎么取", "贷款人死了欠的钱怎么算", "借款人去世了，他的贷款谁来还？"),
        *("借款人身故，其继承人应如何清偿剩余贷款", "老公过世留下一笔贷款，我娘俩要不要背"),
        *("保证人身故后，其继承人是否承担保证责任", "借款人或担保人去世了，担保还算数吗？"),
        "保人过世了，贷款还没到期，要补个担保人不",
    ],
    "life": ["什么狗屁助手 问三句错三句 不如死了算了"],
    "violence": ["催债的威胁要打断我的腿 你们管不管", "催收员说要带人来我家堵门，这也太吓人了吧"],
}


def list_questions() -> list[str]:
    """What the knowledge base and the bot's examples say customers ask."""
    found = []
    for path in sorted((ROOT / "knowledge" / "seed").glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            found += [entry["question"], *entry.get("similar_questions", [])]
    for path in sorted((ROOT / "bot" / "data" / "nlu").glob("*.yml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            examples: Any = item.get("examples", "")
            lines = (line.strip().removeprefix("- ") for line in examples.splitlines())
            found += [re.sub(r"\[([^\]]+)\][({][^)}]*[)}]", r"\1", line) for line in lines]
    return found


@pytest.mark.parametrize(("topic", "text"), [(topic, text) for topic, texts in MATCHING.items() for text in texts])
def test_what_is_a_humans_is_found(topic: str, text: str) -> None:
    assert find_danger(normalise(text)) == topic


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_what_only_sounds_like_it_is_left_to_the_bot(text: str) -> None:
    assert find_danger(normalise(text)) == ""


def test_of_all_that_the_bot_was_taught_only_emergencies_are_taken_from_it() -> None:
    questions = list_questions()
    assert len(questions) > 1000
    taken: dict[str, set[str]] = {}
    for text in questions:
        if found := find_danger(normalise(text)):
            taken.setdefault(found, set()).add(text)
    assert taken == {topic: set(texts) for topic, texts in HANDED_OVER.items()}


def test_every_topic_can_be_read_by_customers_and_staff() -> None:
    topics = load_topics()
    assert {topic.id for topic in topics.values() if topic.hands_over} == set(TOPICS)
    for topic in topics.values():
        assert len(topic.id) <= 32
        assert len(topic.reply) <= 90
        # Said at night as well, when nobody comes at once.
        assert not re.search("马上接|这就请同事", topic.reply)
