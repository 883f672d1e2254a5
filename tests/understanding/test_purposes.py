"""What customers want money for, what the bank gives no loan for, and what is no purpose at all."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from understanding.normalise import normalise
from understanding.purposes import find_purpose

# Answers to the question for the purpose that are taken as they are.
PLAIN = """
育秧 晒场 鸭苗 滴灌 无人机 夹娃娃机 店面转让费 冰柜 沼气池 烟叶 挖藕 酿酒 清塘 摊位费 柴油
买化肥 买种子化肥 买农药 买饲料 买猪仔 买牛犊 买鸡苗 买收割机 买拖拉机 买辆货车 买原材料 买设备
买电脑 买养殖设备 买房车 换台拖拉机 添台冷柜 给店里添几张桌子 购置农机 采购原料 进货 进年货 多进点货
备货 压货 囤点货 收粮食 收购药材 收苞谷 盖猪圈 盖猪圈房 盖大棚 搭棚子 修大棚 修厂房 修水渠 打井
打井修水渠 扩建猪舍 扩大养殖 扩大门面 扩大规模 扩大再生产 扩两个棚 挖鱼塘 装修店面 店铺装修 装修
建冷库 租房开店 租门面 开个小超市 开分店 开饭店 开麻将馆 开彩票店
盘个店 盘下一家店 加盟 创业 做点小生意 做生意 办养殖场 包工程 接工程 投标 垫资 给工人发工资 发工资
付工钱 雇人 请人收麦子 交房租 给门面交租金 付地租 交承包费 交水电费 还货款 还供应商货款
还欠的饲料款 付材料款 补货款 结上游的货款 周转 资金周转 周转一下 流动资金 种地 种20亩辣椒 种大棚蔬菜
养鸡 养牛 包五十亩地 流转土地 包鱼塘 包果园 承包鱼塘养鱼 春耕 秋收 育苗 浇地 打农药 买柴油
学技术 考驾照 买家具 买冰箱 化肥 饲料款 货款 农资 跑运输买车 拉货 修摩托车铺子 技术改造
上新设备 买光伏板 搬厂 上生产线 收购核桃 收核桃 贩大枣 采购花椒 收购废铁 收点山货 进干货 收花生 贩运红薯 收购农产品
采购一批模板 囤大蒜 收羊毛 收购艾草 种枸杞 进一批鸡蛋 收购牛奶 采购吊机
"""
# Longer answers, and the use in them.
CLEANED = [
    ("我想用来买化肥", "买化肥"),
    ("钱用来买种子", "买种子"),
    ("用途是进货", "进货"),
    ("贷款用途：进货", "进货"),
    ("主要是买饲料", "买饲料"),
    ("就是周转一下", "周转一下"),
    ("想借点钱交房租", "交房租"),
    ("拿去修鸡舍添鸡笼", "修鸡舍添鸡笼"),
    ("我想拿来买种子化肥还有就是把大棚的膜换一换", "买种子化肥还有就是把大棚的膜换一换"),
    ("主要是快过年了想多进点货铺子里货不够卖", "快过年了想多进点货铺子里货不够卖"),
    ("上游欠款没回来 垫一下", "上游欠款没回来 垫一下"),
    ("上游欠款没回来，垫一下", "上游欠款没回来,垫一下"),
    ("买设备 上一条新线", "买设备 上一条新线"),
    ("接了个工程要垫资", "接了个工程要垫资"),
    ("压货用", "压货"),
    ("用个六七万周转", "周转"),
    ("5万买化肥", "买化肥"),
    ("5万，买化肥，一年", "买化肥"),
    ("买化肥，5万，一年", "买化肥"),
    ("买化肥 13812345678", "买化肥"),
    ("买化肥吧", "买化肥"),
    ("買化肥", "买化肥"),
    ("買飼料", "买饲料"),
    ("不买化肥了 买种子", "买种子"),
    ("不买化肥了，买种子", "买种子"),
    ("不是养猪 是养牛", "养牛"),
    ("不是装修是进货", "进货"),
    ("用途写错了不是装修是进货", "进货"),
    ("用途错了，是进货", "进货"),
    ("把用途换一下 换成进货", "进货"),
    ("用途改成买饲料", "买饲料"),
    ("不是买房，是买化肥", "买化肥"),
    ("不炒股，买化肥", "买化肥"),
]
FORBIDDEN = {
    "housing": """
        交学区房定金 买房 买个房 买套房 买一套房 买房子 买二手房 买学区房 买婚房 买新房 在县城买房
        给儿子买房付首付 首付 付首付 凑首付 首富款 交房款 补房款 购房 买公寓 买别墅 买车位 还按揭
    """,
    "investing": """
        炒股 炒个股 抄股 操股 炒古 买股票 股票 炒币 买比特币 虚拟币 炒外汇 炒期货 期货 买基金
        基金 理财 买理财 买黄金 入股 入股朋友的公司 投资 投资项目 炒房 打新股 股市
    """,
    "gambling": """
        玩两把 赌 赌博 打麻将 打个麻将 打麻降 打牌 打牌输了 输了钱 还赌债 赌债 翻本 买彩票 彩票 六合彩
        斗地主 玩牌九 网赌 给主播刷礼物
    """,
    "lending_on": """
        放点利息 借给我弟 放贷 放高利贷 放给别人 放出去吃利息 转借 转贷 借给别人 借给亲戚 借给朋友 帮别人贷
        帮朋友贷的 替亲戚贷 给朋友用 朋友要用 别人用 套现 赚点利息
    """,
    "repaying_loans": """
        把网贷还了 还微信借的钱 还网贷 还信用卡 还信用咔 还高利贷 还高利带 还花呗 还借呗 还银行贷款 还别的贷款 还房贷
        还车贷 还外债 还债 还账 还钱 还朋友的钱 还欠别人的钱 填窟窿 以贷养贷 借新还旧 填信用卡
        还老贷款
    """,
    "living": """
        翻修老家的房子 修房子 翻盖老屋子 盖两间新房 供娃上学 孩子上大学 孩子学费 交学费 给老人看病 做手术 住院
        医药费 儿子结婚 结婚 办酒席 办喜事 娶媳妇 彩礼 生活费 家里开销 装修家里的房子 买小轿车 代步车 交社保
    """,
    "crime": """
        收购假币 洗钱 走私 买假币 行贿 跑分 刷单
    """,
}
FORBIDDEN_LONG = [
    ("想借5万炒股", "炒股", "investing"),
    ("主要是还信用卡", "还信用卡", "repaying_loans"),
    ("我想拿来买房", "买房", "housing"),
    ("买房用的", "买房用的", "housing"),
    ("不买化肥了，炒股", "炒股", "investing"),
]
NONE = """
天气 苹果手机 手续费 年费 免费 王家村 张石 哈哈 烘焙店
8万 五万 5000块 一年 两年 20亩 12个月 20万用3年 什么都可以 什么都行 干什么都行 随便
随便用 我再想想 想一下 再说 没想好 还没想好 不知道 不清楚 说不清楚 不方便说 不想说 保密 私事
看情况吧 你猜 急用 家用 自己用 有用 应急 消费 有事 我想贷款 想借5万 想借点钱 贷款 没有 可以买房吗
能不能炒股 可以炒股不 能拿来炒股不 为什么不能买房 用来干什么都可以吗 用途是什么 为啥要问用途 柳河镇
柳河镇王家村 王秀英 我叫王秀英 我姓王 同意 好的 可以 行 是 嗯 等一下 转人工 我要人工 给我转人工
打电话给我 13812345678 谢谢 取消 算了 提交 上一步 重新开始 农户贷 商户贷 hello ok
👍 哈哈 机器人 你是机器人 不想跟机器人说话 我是种地的 我是开店的 开小超市的 养猪的 卖水果的
养猪养了七年 种了30亩地 有一台拖拉机 包了五十亩地 过年好 等着用钱 钱不够 利息太高 额度不够 人是机器啊
收购商 采购员 收购站 我是收购核桃的 笨蛋 傻瓜 奶奶 老姜 没农机 没雇人 一台拖拉机 服装店 建材店 木材加工厂
"""
# Said in a wish for a loan.
IN_WISH = [
    ("我想贷3.5万买化肥", "买化肥", ""),
    ("我想借15万两年进货", "进货", ""),
    ("借8万块买收割机用两年", "买收割机", ""),
    ("我要贷5万1年买化肥", "买化肥", ""),
    ("5万一年买化肥贷款", "买化肥", ""),
    ("想借点钱周转", "周转", ""),
    ("咱想整点钱周转周转", "周转周转", ""),
    ("想贷10万用来扩大养殖", "扩大养殖", ""),
    ("贷5万用于买饲料", "买饲料", ""),
    ("俺养鸡要进饲料 贷六万", "进饲料", ""),
    ("水果摊进货 想借四万", "进货", ""),
    ("五金店想多进点货 办个贷款", "多进点货", ""),
    ("想盖个牛棚贷点款", "盖个牛棚", ""),
    ("开了个烧烤店要交房租 想贷三万", "交房租", ""),
    ("我开了个理发店想装修,想申请10万", "装修", ""),
    ("要买拖拉机差八万想在你们这贷", "买拖拉机", ""),
    ("想开个小吃店 手头差点钱 想贷", "开个小吃店", ""),
    ("餐馆周转,贷20万,三年", "周转", ""),
    ("俺想贷点钱种地", "种地", ""),
    ("鱼塘缺氧鱼快活不下去了 想贷款买增氧机", "买增氧机", ""),
    ("你好啊我是柳河镇王家村的王秀英我想贷个五万块钱买化肥种地用一年我电话是13812345678", "买化肥种地", ""),
    ("想贷款买房", "买房", "housing"),
    ("借5万炒股", "炒股", "investing"),
    ("贷点钱还信用卡", "还信用卡", "repaying_loans"),
]
NOT_IN_WISH = """
我想贷款 想借5万 我想申请农户贷 贷20w用3年 买化肥 进货 装修 周转一下 我是开店的 我是种地的
种了30亩地 流水50万 收入8万 卖水果 开小超市 去年买了拖拉机 我买车贷了5万 有个房贷还有十八万没还
欠信用社2万 还欠信用社3万 贷款买房可以吗 买化肥多少钱 包了五十亩地,缺钱,想贷 我要还贷款 我要结清贷款
没有别的贷款就是前年买车分期的还剩一万多块钱 种地贷款那个 青山镇种果树的,想贷五万块钱
户口在外县在柳河镇种地的能贷不 找放贷款那个经理 农户贷款给俺办一个 我这笔无还本续贷给办上 我要填贷款申请
"""


@pytest.mark.parametrize("text", PLAIN.split())
def test_a_use_is_taken_as_it_is(text: str) -> None:
    purpose = find_purpose(normalise(text), is_asked=True)
    assert purpose
    assert (purpose.text, purpose.forbidden) == (text, "")


@pytest.mark.parametrize(("text", "use"), CLEANED)
def test_a_use_is_cleaned(text: str, use: str) -> None:
    purpose = find_purpose(normalise(text), is_asked=True)
    assert purpose
    assert (purpose.text, purpose.forbidden) == (use, "")


def list_forbidden() -> list[tuple[str, str]]:
    return [(text, kind) for kind, texts in FORBIDDEN.items() for text in texts.split()]


@pytest.mark.parametrize(("text", "kind"), list_forbidden())
def test_a_forbidden_use_is_told_with_its_kind(text: str, kind: str) -> None:
    purpose = find_purpose(normalise(text), is_asked=True)
    assert purpose
    assert (purpose.text, purpose.forbidden) == (text, kind)


@pytest.mark.parametrize(("text", "use", "kind"), FORBIDDEN_LONG)
def test_a_forbidden_use_in_a_longer_answer(text: str, use: str, kind: str) -> None:
    purpose = find_purpose(normalise(text), is_asked=True)
    assert purpose
    assert (purpose.text, purpose.forbidden) == (use, kind)


@pytest.mark.parametrize("text", NONE.split())
@pytest.mark.parametrize("is_asked", [True, False])
def test_what_is_no_purpose(text: str, is_asked: bool) -> None:
    assert find_purpose(normalise(text), is_asked) is None


@pytest.mark.parametrize(("text", "use", "kind"), IN_WISH)
def test_a_use_is_found_in_a_wish(text: str, use: str, kind: str) -> None:
    purpose = find_purpose(normalise(text), is_asked=False)
    assert purpose
    assert (purpose.text, purpose.forbidden) == (use, kind)


@pytest.mark.parametrize("text", NOT_IN_WISH.split())
def test_what_names_no_use_unasked(text: str) -> None:
    assert find_purpose(normalise(text), is_asked=False) is None


PIECES = [
    "买化肥",
    "炒股",
    "5万",
    "一年",
    "我想",
    "贷款",
    "用来",
    "不是",
    "是",
    "，",
    " ",
    "的",
    "了",
    "进货",
    "还网贷",
]


@example("用来10", True)
@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join), st.booleans())
def test_any_text_is_taken_and_a_use_stands_in_it(text: str, is_asked: bool) -> None:
    plain = normalise(text)
    purpose = find_purpose(plain, is_asked)
    if purpose:
        assert plain[purpose.start : purpose.end] == purpose.text != ""


@given(
    st.sampled_from(["", "我想用来", "用途是", "主要是", "5万 "]),
    st.sampled_from(PLAIN.split()),
    st.sampled_from(["", "吧", "，5万", "，一年"]),
)
def test_what_stands_around_a_use_is_left_out(before: str, use: str, after: str) -> None:
    purpose = find_purpose(normalise(before + use + after), is_asked=True)
    assert purpose
    assert purpose.text == use


@pytest.mark.parametrize("piece", ["买", "买化肥", "5万", "我想", "不是", "还", ",", "想贷款买", "错了"])
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    find_purpose("买化肥", is_asked=True)
    begin = time.thread_time()
    find_purpose(piece * 500, is_asked=True)
    find_purpose(piece * 500, is_asked=False)
    assert time.thread_time() - begin < 1
