"""What customers are called, and the many answers that only begin like a name."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.name_forms import judge_name, split_surname
from understanding.names import find_name
from understanding.normalise import normalise

# Answers to the question for the name, and the name in them.
NAMES = [
    ("我叫刘桂花不是刘桂芳", "刘桂花"),
    ("我叫刘桂花，你写错了", "刘桂花"),
    ("我叫欧阳晓霞啦", "欧阳晓霞"),
    ("我爸叫李建国，我叫李明", "李明"),
    ("王秀英", "王秀英"),
    ("王秀英。", "王秀英"),
    ("王秀英吧", "王秀英"),
    (" 王秀英 ", "王秀英"),
    ("王 秀 英", "王 秀 英"),
    ("王　秀　英", "王　秀　英"),
    ("李娜", "李娜"),
    ("王伟", "王伟"),
    ("王军", "王军"),
    ("李有才", "李有才"),
    ("张来福", "张来福"),
    ("赵本山", "赵本山"),
    ("王会英", "王会英"),
    ("刘少华", "刘少华"),
    ("陈二牛", "陈二牛"),
    ("罗大山", "罗大山"),
    ("徐应元", "徐应元"),
    ("吴长贵", "吴长贵"),
    ("成龙", "成龙"),
    ("黄河", "黄河"),
    ("高兴旺", "高兴旺"),
    ("马云飞", "马云飞"),
    ("白雪", "白雪"),
    ("金花", "金花"),
    ("文静", "文静"),
    ("石磊", "石磊"),
    ("田野", "田野"),
    ("陆游", "陆游"),
    ("方平", "方平"),
    ("高峰", "高峰"),
    ("钱学森", "钱学森"),
    ("时传祥", "时传祥"),
    ("常香玉", "常香玉"),
    ("安文强", "安文强"),
    ("何俊杰", "何俊杰"),
    ("余秀华", "余秀华"),
    ("计春华", "计春华"),
    ("查良镛", "查良镛"),
    ("车晓红", "车晓红"),
    ("么秀英", "么秀英"),
    ("仝建国", "仝建国"),
    ("仉志明", "仉志明"),
    ("佘春梅", "佘春梅"),
    ("逄金花", "逄金花"),
    ("昝大勇", "昝大勇"),
    ("李㛃", "李㛃"),
    ("𠮷田", "𠮷田"),
    ("王𬱖", "王𬱖"),
    ("陈喆", "陈喆"),
    ("张堃", "张堃"),
    ("李昇", "李昇"),
    ("欧阳修", "欧阳修"),
    ("司马相如", "司马相如"),
    ("上官婉儿", "上官婉儿"),
    ("诸葛亮", "诸葛亮"),
    ("令狐冲", "令狐冲"),
    ("諸葛亮", "諸葛亮"),
    ("張偉", "張偉"),
    ("陳麗華", "陳麗華"),
    ("阿依古丽·马木提", "阿依古丽·马木提"),
    ("阿依古丽•马木提", "阿依古丽•马木提"),
    ("阿依古丽・马木提", "阿依古丽・马木提"),
    ("阿依古丽．马木提", "阿依古丽．马木提"),
    ("阿依古丽‧马木提", "阿依古丽‧马木提"),
    ("阿依古丽.马木提", "阿依古丽.马木提"),
    ("买买提·吐尔逊", "买买提·吐尔逊"),
    ("阿卜杜热合曼·买买提伊明", "阿卜杜热合曼·买买提伊明"),
    ("才让多杰", "才让多杰"),
    ("扎西", "扎西"),
    ("格桑卓玛", "格桑卓玛"),
    ("巴特尔", "巴特尔"),
    ("吉克阿依", "吉克阿依"),
    ("我叫王秀英", "王秀英"),
    ("俺叫陈二牛", "陈二牛"),
    ("我是王秀英", "王秀英"),
    ("姓名：王秀英", "王秀英"),
    ("姓名王秀英", "王秀英"),
    ("名字是王秀英", "王秀英"),
    ("我的名字叫王秀英", "王秀英"),
    ("本人王秀英", "王秀英"),
    ("叫我王秀英吧", "王秀英"),
    ("就写王秀英", "王秀英"),
    ("户主李大山", "李大山"),
    ("我王强", "王强"),
    ("名字叫李娜的", "李娜"),
    ("身份证上叫李娜", "李娜"),
    ("次仁卓玛", "次仁卓玛"),
    ("多吉", "多吉"),
    ("欧阳娜娜", "欧阳娜娜"),
    ("名字不对 我叫李秀荣", "李秀荣"),
    ("姓刘 刘桂兰", "刘桂兰"),
    ("叫我老吴就行 吴长贵", "吴长贵"),
    ("王秀英女士", "王秀英"),
    ("王秀英，女，45岁", "王秀英"),
    ("王秀英 13812345678", "王秀英"),
    ("好的，王秀英", "王秀英"),
    ("改成王秀梅", "王秀梅"),
    ("名字写错了 王秀梅", "王秀梅"),
    ("不是王秀英是王秀梅", "王秀梅"),
]
ODD = [
    ("王先生", "王先生"),
    ("李女士", "李女士"),
    ("欧阳女士", "欧阳女士"),
    ("张大姐", "张大姐"),
    ("张师傅", "张师傅"),
    ("王总", "王总"),
    ("刘主任", "刘主任"),
    ("王某", "王某"),
    ("老王", "老王"),
    ("小李", "小李"),
    ("姓王", "王"),
    ("我姓王", "王"),
    ("欧阳", "欧阳"),
    ("我姓欧阳", "欧阳"),
    ("你好我是小王", "小王"),
    ("我名字叫刘能", "刘能"),
    ("免贵姓张", "张"),
    ("安心", "安心"),
    ("高兴", "高兴"),
    ("平安", "平安"),
    ("方圆", "方圆"),
    ("冷静", "冷静"),
    ("张三", "张三"),
    ("钱七", "钱七"),
    ("John Smith", "John Smith"),
    ("john smith", "john smith"),
    ("Wang Xiuying", "Wang Xiuying"),
    ("Mary-Ann O'Neil", "Mary-Ann O'Neil"),
    ("my name is John Smith", "John Smith"),
    ("我叫翠花", "翠花"),
    ("我叫王先生", "王先生"),
    ("张王秀兰", "张王秀兰"),
    ("周行知", "周行知"),
    ("黄豆豆", "黄豆豆"),
    ("万家福", "万家福"),
    ("党国英", "党国英"),
    ("夏天", "夏天"),
]
# Said without being asked.
UNASKED = [
    ("我叫王秀英", "王秀英"),
    ("我叫王秀英想贷款", "王秀英"),
    ("我是王秀英", "王秀英"),
    ("我是王秀英，想借5万", "王秀英"),
    ("姓名王秀英，电话13812345678", "王秀英"),
    ("本人张伟，柳河镇的", "张伟"),
    ("俺叫陈二牛 想贷点款", "陈二牛"),
    ("柳河镇王家村 王秀英 13812345678", "王秀英"),
    ("王秀英 柳河镇王家村 13812345678", "王秀英"),
    ("13812345678 王秀英", "王秀英"),
    ("王秀英，13812345678", "王秀英"),
    ("王秀英 一三八一二三四五六七八", "王秀英"),
    ("柳河镇王家村的王秀英", "王秀英"),
    ("我是柳河镇王家村的王秀英", "王秀英"),
    ("我是柳河镇的王秀英，想贷款", "王秀英"),
    ("你好啊我是柳河镇王家村的王秀英我想贷个五万块钱买化肥种地用一年我电话是13812345678", "王秀英"),
    ("我叫阿依古丽·马木提", "阿依古丽·马木提"),
    ("我的名字是欧阳修", "欧阳修"),
    ("my name is john smith", "john smith"),
]
PARTIAL = [
    ("不是秀英是秀梅", "秀梅"),
    ("不是秀英，是秀梅", "秀梅"),
    ("不叫建国叫建军", "建军"),
    ("不是英是梅", "梅"),
    ("最后一个字是梅", "梅"),
    ("最后一个字是梅花的梅", "梅"),
    ("第二个字错了，是秀丽的秀", "秀"),
]
NO_NAMES = [
    "asdfgh qwer",
    "zxcvb qwer",
    "",
    "5万",
    "五万元",
    "20亩",
    "13812345678",
    "柳河镇",
    "柳河镇王家村",
    "王家村",
    "张家屯",
    "白塔",
    "石桥",
    "成都",
    "万州",
    "农户贷",
    "商户贷",
    "小微企业贷",
    "叫什么",
    "你叫什么名字",
    "名字要写谁的",
    "为什么要名字",
    "王秀英是谁",
    "姓名能不能改",
    "我老婆的名字",
    "我儿子",
    "我姐",
    "名字",
    "姓名",
    "我叫",
    "老板",
    "老师",
    "老家",
    "小店",
    "小麦",
    "hello",
    "ok thank you",
    "i want a loan",
    "john",
    "wo xiang daikuan",
    "mei you",
    "kehu jingli",
    "abc",
    "👍",
    "QH261126-AN5UN",
    "种植·养殖",
    "姓名·电话",
    "姓名随便写",
    "名字不方便说",
    "何必呢",
    "万事如意",
    "花木",
    "白大褂",
    "车厘子",
    "全款",
    "一二三",
    "哈哈哈",
    "嗯",
    "啊这",
    "我要投诉",
    "有人让我先转3000块保证金",
    "手机换了登不上你们那个app",
    "周末好呀",
    "那就这样吧",
    "牛牛666",
]
NOT_UNASKED = [
    "王秀英",
    "成龙",
    "黄河",
    "王先生",
    "我是王先生",
    "我是高兴的",
    "我是开店的",
    "我是种地的",
    "我是党员",
    "我是农民",
    "我是学生",
    "我是成都的",
    "我是石家庄的",
    "我是老客户",
    "我是第一次贷款",
    "我是柳河镇的",
    "我是石桥镇开店的",
    "我是何家庄的",
    "我想贷款",
    "柳河镇 想贷款",
    "柳河镇种地的",
    "柳河镇王家村 5万",
    "13812345678 马上打",
    "13812345678 谢谢",
    "叫你们经理",
    "叫车",
    "就是这样",
    "就是高利贷",
    "改成白塔",
    "改成黄豆",
    "改成方便点的",
    "填错了",
    "不是5万是8万",
    "不是王家村是李家村",
    "不是农户贷是商户贷",
    "不是今天是明天",
    "不是种地是开店",
    "这是高利贷",
    "写明白点",
    "应该是安全的",
]
EVERYDAY = """
    等一下 等等 稍等 马上 马上来 马上还 好的 好吧 好啊 行 可以 可以的 同意 不同意 确认 取消 继续 返回 上一步 下一步
    重新开始 算了 不用了 谢谢 多谢 再见 你好 您好 在吗 高利贷 高利息 高中 高中毕业 高价 高兴坏了 高速 高铁 高血压 高粱
    高原反应 马路 马路边 马铃薯 马车 马桶 马虎 金额 金额大 金额不对 金融 金钱 金条 金店 金银花 金桔 方便 方便面 方便吗
    方法 方式 方向 方案 常用 常用的 常年 常常 常住 常规 成功 成功了 成本 成本高 成交 成立 成绩 成熟 成都 成年 安全
    安全吗 安排 安装 安置房 安卓 时间 时间长 时间短 时间到了 时候 时代 时价 和气 和好 和解 和面 钱不够 钱少 钱包 钱紧
    钱没到账 钱庄 钱呢 黄牛 黄瓜 黄豆 黄桃 黄鳝 黄花菜 黄土 黄色 黄油 黄连 白菜 白酒 白糖 白天 白条 白色 白领 白萝卜
    白术 白银 白给 余额 余额不足 余款 余粮 余下的 谢谢你 谢谢啦 谢绝 张罗 张嘴 万一 万一呢 万元 万能 万事 万把块 石头
    石子 石料 石油 石灰 石材 石斛 石榴 田地 田里 田间 田头 水稻 水泥 水电 水电费 水果 水果店 水费 水库 水产 水田
    水井 水管 水牛 水池 水塘 牛羊 牛奶 牛肉 牛犊 牛棚 牛圈 牛场 花生 花生油 花椒 花钱 花费 花卉 花店 花呗 花光了
    于是 于是乎 何时 何必 何况 何处 那样 那边 那里 那个 那么 那些 那就这样 那行 那好吧 计算 计算器 计划 计较 计息
    计时 解释 解释一下 解决 解除 解冻 解冻费 解散 解答 许多 许可 许可证 许愿池 毛病 毛衣 毛巾 毛利 毛猪 毛竹 毛坯房
    周转 周转金 周转一下 周末 周一 周五 周期 周边 周围 周岁 周到 龙虾 龙头 龙眼 龙卷风 江湖 江边 江西 江苏 武器 武术
    明天 明天来 明白 明白了 明年 明细 明显 明确 文件 文化 文化人 文凭 文字 文章 党员 党费 党校 党支部 车子 车辆 车贷
    车款 车位 全部 全部都要 全家 全款 全年 全额 全都是 全职 农户 农户贷 农民 农民工 农机 农药 农村 农业 农田 农活
    农资 农家乐 农产品 房子 房贷 房租 房产 房产证 房东 房屋 房款 房本 路费 路上 路边 路灯 路口 路不好 米饭 米粉 米线
    米店 谷子 谷物 苗木 苗圃 苗猪 鱼塘 鱼苗 管理 管理员 管理费 管道 管账 管用 单子 单独 单位 单价 单身 单据 应该
    应该没有 应急 应收款 应付 连续 连锁店 连夜 左右 左边 关门 关闭 关系 关于 关机 关心 温室 温棚 温度 童装 童装店
    甘蔗 甘草 甘薯 柳树 柳条 梅花 梅菜 商铺 商店 商户 商户贷 商品 商场 商贩 商量 商量一下 商业贷 曲线 平时 平台 平均
    平方 平米 平房 平地 平安险 古董 古树 海鲜 海鲜店 海边 海外 夏季 夏粮 付款 付钱 付清 付房租 付工资 付货款 申请
    申请表 申请贷款 申请人 申报 申诉 支付 任务 任何 任意 任何人 程序 程度 章子 章程 陶瓷 陶罐 顾客 顾问 毕业 毕业生
    毕竟 祝福 祝您 史上 季度 季节 季节工 段时间 段子 雷电 雷达 贺卡 汤圆 汤粉 严重 严格 严查 洪水 洪灾 庄稼 庄稼地
    庄园 葛根 葛根粉 符合 符合条件 包子 包子铺 包装 包装费 包工头 包地 包果园 包山 包鱼塘 蓝莓 蓝色 柴油 柴火 焦虑
    辛苦 辛苦了 骆驼 林场 林地 林权证 叶子 叶菜 丁香 陆续 范围 秦岭 孔雀 康复 代办 代理 代理商 代收 代付 代码 代驾
    尚可 尚未 景区 居民 居民楼 居住证 占用 占地 征信 征信报告 征信花了 征地 征收 师傅 师范 查询 查征信 查额度 查进度
    查账 查流水 查一下 乐意 乐观点 项目 项目款 游戏 游客 游泳 纪念 舒服 危险 危房 展会 展期 展示 腾地 仇人 冷库 冷柜
    冷藏车 冷冻 冷鲜肉 原因 原来 原料 原价 原材料 阳光 阳台 阳光房 云南 凌晨 简单 简单点 简易房 班车 封口 扶贫 扶贫款
    谈谈 谈恋爱 承包 承包费 承诺 承包地 怀孕 怀疑 区别 区域 麻烦 麻烦了 麻将 麻将馆 麻辣烫 松树 桑叶 桑树 楼房 楼上
    楼盘 芦笋 芦苇 沙子 沙石 沙发 沃柑 牧草 牧场 燕麦 储蓄 储蓄卡 储备 揭露 次日 池塘 池子 贡献 郁闷 厉害 吉利 咸菜
    咸鸭蛋 那钱 宾馆 操心 渠道 惠农卡 撒化肥 衣服 鲜花 鲜奶 鲜肉 身份证 营业执照 户口本 我儿子 我老婆 我自己 本人
    家里人 客户经理 转人工 人工 不知道 不清楚 不记得 不方便 没有 没逾期 随便 都行 看情况 五万 十万 两年 半年 一年
    二十亩 三万五 种地 养猪 开店 打工 跑车 买化肥 买种子 进货 盖房 装修 看病 上学 化肥 种子 饲料 农膜 大棚 猪圈 果园
    收割机 拖拉机 三轮车 电动车 面馆 饭店 超市 小卖部 理发店 服装店 早餐 烧烤 菜摊 夜市 网店 快递 物流 工地 厂房 公司
    合作社 企业 个体户
"""


@pytest.mark.parametrize(("text", "name"), NAMES)
def test_a_name_is_found_when_asked(text: str, name: str) -> None:
    found = find_name(text, is_asked=True)
    assert found
    assert (found.text, found.is_odd, found.is_partial) == (name, False, False)


@pytest.mark.parametrize(("text", "name"), ODD)
def test_an_odd_name_is_told(text: str, name: str) -> None:
    found = find_name(text, is_asked=True)
    assert found
    assert (found.text, found.is_odd) == (name, True)


@pytest.mark.parametrize(("text", "name"), UNASKED)
@pytest.mark.parametrize("is_asked", [True, False])
def test_a_name_is_found_where_it_is_introduced(text: str, name: str, is_asked: bool) -> None:
    found = find_name(text, is_asked)
    assert found
    assert found.text == name


@pytest.mark.parametrize(("text", "part"), PARTIAL)
@pytest.mark.parametrize("is_asked", [True, False])
def test_a_part_of_a_name_is_corrected(text: str, part: str, is_asked: bool) -> None:
    found = find_name(text, is_asked)
    assert found
    assert (found.text, found.is_odd, found.is_partial) == (part, False, True)


@pytest.mark.parametrize("text", NO_NAMES)
def test_what_is_no_name_even_when_asked(text: str) -> None:
    assert find_name(text, is_asked=True) is None


@pytest.mark.parametrize("text", NOT_UNASKED + NO_NAMES)
def test_what_is_no_name_unasked(text: str) -> None:
    assert find_name(text, is_asked=False) is None


@pytest.mark.parametrize("word", EVERYDAY.split())
def test_an_everyday_word_is_no_name(word: str) -> None:
    assert find_name(word, is_asked=True) is None


SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱郭林何高马罗"
GIVEN = "秀英梅兰芳军伟强磊勇杰涛明辉丽娟敏静燕艳霞玲芬红萍莉娜婷玉华建国文志刚"


@given(
    st.sampled_from(SURNAMES),
    st.text(st.sampled_from(GIVEN), min_size=2, max_size=2),
    st.sampled_from(["", "我叫", "姓名："]),
)
def test_ordinary_names_are_never_missed(surname: str, name: str, before: str) -> None:
    found = find_name(before + surname + name, is_asked=True)
    assert found
    assert found.text == surname + name


PIECES = [
    "王",
    "秀英",
    "我叫",
    "我是",
    "柳河镇",
    "13812345678",
    "不是",
    "是",
    "·",
    " ",
    "的",
    "先生",
    "john",
    "，",
    "𠮷",
]


@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join), st.booleans())
def test_any_text_is_taken_and_a_name_stands_in_it(text: str, is_asked: bool) -> None:
    for message in (text, normalise(text)):
        found = find_name(message, is_asked)
        if found:
            assert message[found.start : found.end] == found.text != ""


@given(st.text(max_size=6))
def test_judging_never_fails(text: str) -> None:
    judge_name(text)
    surname, given_name = split_surname(text)
    assert surname + given_name == text


@pytest.mark.parametrize("piece", ["王", "王秀英", "我叫", "我是", "a", "a ", "·", "13812345678", "不是王"])
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    find_name("王秀英", is_asked=True)
    begin = time.thread_time()
    find_name(piece * 1000, is_asked=True)
    assert time.thread_time() - begin < 0.5


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我老公叫李强", "李强"),
        ("我们家老婆叫王秀兰", "王秀兰"),
        ("写我老公的 李强", "李强"),
        ("李强 我老公", "李强"),
        ("给我儿子办的，他叫刘小军", "刘小军"),
        ("名字改成我老婆 张翠花", "张翠花"),
    ],
)
def test_the_name_of_somebody_else_is_asked_about_and_never_volunteered(text: str, name: str) -> None:
    asked = find_name(text, is_asked=True)
    assert asked is not None
    assert (asked.text, asked.is_odd) == (name, True)
    told = find_name(text, is_asked=False)
    assert told is None or told.is_odd


def test_who_is_to_be_called_is_no_name() -> None:
    assert find_name("我不会弄 叫我儿子来", is_asked=True) is None
