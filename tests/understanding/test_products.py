"""Which product customers name, and which one fits what they say of themselves."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from products.catalogue import list_products
from understanding.normalise import normalise
from understanding.products import find_product as find_it

NAMED = {
    "农户贷": """
        农户贷 农户贷款 农贷 农民贷款 农村贷款 三农贷款 种植贷款 养殖贷 种地贷款 农户代 农护贷
        农民贷 种地贷 种田贷款 种粮贷款 养殖贷款 农业贷款 弄户贷 农虎带 農戶貸 我要农户贷
        就农户贷吧 给我来一个农户贷 农户贷利率多少
        我开公司的就办农户贷 不是商户贷是农户贷 不要商户贷，要农户贷 nonghudai
        farmer_loan改农户贷
    """,
    "商户贷": """
        商户贷 商户贷款 个体户贷款 个体工商户贷款 个体贷款 店铺贷款 开店贷款 摆摊贷款 生意贷款
        个体户贷 商铺贷款 门店贷款 小店贷款 摊贩贷款 摊位贷款 商护贷 商户代 伤户贷 商虎贷
        商戶貸 改成商户贷 选错了我要办商户贷 不是农户贷是商户贷 商户贷那种 那商户贷呢
    """,
    "小微企业贷": """
        小微企业贷 小微企业贷款 小微贷款 小微贷 小薇贷 微企贷 小企业贷款 企业贷款 公司贷款
        小企业贷 企业贷 小公司贷款 公司贷 工厂贷款 办厂贷款 小微企业代
        小微企業貸 产品选错了应该是小微企业贷 不是商户贷，是小微企业贷
    """,
}
TRADES = {
    "农户贷": """
        种地 种地的 我是种地的 我种了30亩地 种粮大户 种苹果的 种大棚蔬菜 种菜卖 自己种菜拿去卖
        卖自己种的菜 养猪 养猪的 养了20头牛 养鸡的五千只 养鱼 放羊的 喂猪的 我是农民 俺是农户
        务农 在家务农 包果园 包了50亩地 承包鱼塘养鱼 流转了80亩 搞水稻种植 家庭农场主
        弄了两个大棚 有个猪场 有十来亩水田 不是开店的是种地的 不开店了，种地 以前开店现在种地
        俺种哋的 种地的，农闲也摆个摊 我养羊，顺便跑车 i'm_a_farmer
    """,
    "商户贷": """
        我是开店的 开店 开了个小超市 开小卖部 开饭店的 开饭馆的 面馆 开羊肉馆 开农家乐 开民宿的
        理发店 开理发的 摆摊 摆摊卖菜 夜市摆摊卖烧烤 水果摊 网店 开网店 直播卖货 卖衣服的
        卖水果 卖早点呢 卖建材的 农资店卖化肥农药 跑运输 跑货运 跑运输的 拉货的 开大车跑运输
        快递驿站 收粮 收粮食的 收废品的 个体户 个体工商户 做小生意的 做点买卖 修摩托车的 汽修店
        搞装修队的 批发水果 有营业执照，搞批发 豆腐坊 幼儿园 五金店 药房 开饭馆的，家里也种点地
        不是种地的是开店的 其实我是开饭店的 不对我是开店的 以前种地现在开店 不种地了开了个店 開店的
        i_run_a_shop
    """,
    "小微企业贷": """
        开公司 开公司的 我有个小公司 公司企业 开公司卖农机 开农机公司，也有门店 办厂 开厂的
        我是开厂的 加工厂 食品加工厂 小服装厂 砖厂 合作社 我们是合作社 合作社的 小微企业主
        企业法人 不是个体户是公司 i_have_a_company 做家具的有个家具厂 木材厂
    """,
}
NONE = """
你好 好的 同意 可以 5万 一年 两年 第二种 有哪几种 哪种都行 这种怎么办 各种材料 多种方式 打工的
我在公司上班 在厂里打工 在超市上班 给别人打工 上班族 都不是 不知道 随便 转人工 我想贷款 利率多少
养老 养老金 养老保险 养孩子 种类 种子 种牙 保险公司 网贷公司骗我 担保公司 你们公司在哪 店员 分摊
摊销 铺路 一天卖一千二 卖了五万 去年卖了二十万 卖不出去 卖粮收入8万 房贷 车贷 信用卡 王秀英
柳河镇 13812345678 没有公司 没开店 不开店 我不是农民 又种地又开店 种地，也不，开店
农户贷和商户贷 农户贷还是商户贷 体面 图书馆 hello ok 👍 大体上可以
"""


def find_product(text: str) -> tuple[str | None, bool]:
    """The name and whether it was said outright."""
    found = find_it(text)
    return (found.name, found.is_named) if found else (None, False)


def list_cases(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(text.replace("_", " "), product) for product, texts in table.items() for text in texts.split()]


@pytest.mark.parametrize(("text", "product"), list_cases(NAMED))
def test_a_product_is_named(text: str, product: str) -> None:
    assert find_product(normalise(text)) == (product, True)


@pytest.mark.parametrize(("text", "product"), list_cases(TRADES))
def test_a_trade_suggests_a_product(text: str, product: str) -> None:
    assert find_product(normalise(text)) == (product, False)


@pytest.mark.parametrize("text", NONE.split())
def test_what_names_no_product(text: str) -> None:
    assert find_product(normalise(text)) == (None, False)


@pytest.mark.parametrize(
    ("text", "product"), [("农户贷", "农户贷"), ("养猪，想办商户贷", "商户贷"), ("开公司的，农户贷", "农户贷")]
)
def test_a_name_counts_before_the_trade(text: str, product: str) -> None:
    assert find_product(normalise(text)) == (product, True)


def test_the_products_are_those_of_the_catalogue() -> None:
    assert all(find_product(product.name) == (product.name, True) for product in list_products())


def test_a_product_that_staff_added_is_named_by_its_whole_name(monkeypatch: pytest.MonkeyPatch) -> None:
    farmer = list_products()[0]
    added = farmer.model_copy(update={"id": "orchard_loan", "name": "果园农户贷"})
    longer = farmer.model_copy(update={"id": "big_orchard_loan", "name": "大果园农户贷"})
    monkeypatch.setattr("understanding.products.list_products", lambda: (farmer, added, longer))
    found = [
        find_product(normalise(text))
        for text in ("我想办果园农户贷", "大果园农户贷利率多少", "农户贷", "不要果园农户贷")
    ]
    assert found == [("果园农户贷", True), ("大果园农户贷", True), ("农户贷", True), (None, False)]


PIECES = ["农户贷", "商户贷", "公司", "开店", "种地", "不是", "是", "也", "，", "贷款", "卖", " "]


@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_taken(text: str) -> None:
    product, is_named = find_product(normalise(text))
    assert product in (None, *(known.name for known in list_products()))
    assert product or not is_named


@pytest.mark.parametrize("piece", ["农", "不", "不是", "种", "在", "公司", "以前", "贷", "a"])
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    find_product("农户贷")
    begin = time.thread_time()
    find_product(piece * 2000)
    assert time.thread_time() - begin < 0.5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我想办农户贷利率多少", "农户贷"),
        ("同意 我是种地的 30亩", "我是种地的"),
        ("没什么", ""),
    ],
)
def test_the_words_that_tell_it_are_found(text: str, words: str) -> None:
    found = find_it(normalise(text))
    assert (text[found.start : found.end] if found else "") == words
