"""Where customers live: the bank's towns and villages in any spelling, places elsewhere, and no places."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.districts import get_county, list_outside, list_towns, load_districts
from understanding.normalise import normalise
from understanding.places import find_place

# The customer's words, the town, the village, and the part of the words that is the place.
KNOWN = [
    ("城关镇东街，我叫周小燕", "城关镇", "东街", "城关镇东街"),
    ("柳河镇", "柳河镇", "", "柳河镇"),
    ("柳河", "柳河镇", "", "柳河"),
    ("城关", "城关镇", "", "城关"),
    ("白塔", "白塔乡", "", "白塔"),
    ("白塔那边", "白塔乡", "", "白塔"),
    ("白塔街上", "白塔乡", "", "白塔街上"),
    ("太平乡里", "太平乡", "", "太平乡"),
    ("我是柳河的", "柳河镇", "", "柳河"),
    ("我是柳河人", "柳河镇", "", "柳河"),
    ("石桥镇的", "石桥镇", "", "石桥镇"),
    ("石桥镇那边的", "石桥镇", "", "石桥镇"),
    ("住太平乡", "太平乡", "", "太平乡"),
    ("我住城关镇", "城关镇", "", "城关镇"),
    ("我现在住在城关镇", "城关镇", "", "城关镇"),
    ("地址是东湾镇", "东湾镇", "", "东湾镇"),
    ("地址：东湾镇", "东湾镇", "", "东湾镇"),
    ("家庭住址:双河乡", "双河乡", "", "双河乡"),
    ("俺们是青山镇的", "青山镇", "", "青山镇"),
    ("店开在双河乡", "双河乡", "", "双河乡"),
    ("我的地在白塔乡", "白塔乡", "", "白塔乡"),
    ("户口在白塔乡", "白塔乡", "", "白塔乡"),
    ("王家村", "柳河镇", "王家村", "王家村"),
    ("王家村的", "柳河镇", "王家村", "王家村"),
    ("我家在王家村", "柳河镇", "王家村", "王家村"),
    ("俺家住枣林村", "青山镇", "枣林村", "枣林村"),
    ("王家村里", "柳河镇", "王家村", "王家村"),
    ("村子是李家庄", "柳河镇", "李家庄", "李家庄"),
    ("李家村二组", "柳河镇", "李家村", "李家村二组"),
    ("红旗村村委会旁边", "太平乡", "红旗村", "红旗村村委会"),
    ("五里铺", "城关镇", "五里铺村", "五里铺"),
    ("十里桥", "石桥镇", "十里桥村", "十里桥"),
    ("大榆树", "太平乡", "大榆树村", "大榆树"),
    ("石门坎那边", "青山镇", "石门坎村", "石门坎"),
    ("好像是柳河吧", "柳河镇", "", "柳河"),
    ("太平镇", "太平乡", "", "太平镇"),
    ("石桥乡", "石桥镇", "", "石桥乡"),
    ("北沟", "双河乡", "北沟村", "北沟"),
    ("我们是新华的", "城关镇", "新华村", "新华"),
    ("我家是东湾镇月亮湾的", "东湾镇", "月亮湾村", "东湾镇月亮湾"),
    ("李家村不是王家村", "柳河镇", "李家村", "李家村"),
    ("赵家堡", "白塔乡", "赵家堡", "赵家堡"),
    ("柳河镇王家村", "柳河镇", "王家村", "柳河镇王家村"),
    ("柳河镇的王家村", "柳河镇", "王家村", "柳河镇的王家村"),
    ("柳河王家村", "柳河镇", "王家村", "柳河王家村"),
    ("俺是石桥前杨村的", "石桥镇", "前杨村", "石桥前杨村"),
    ("柳河镇王家村3组12号", "柳河镇", "王家村", "柳河镇王家村3组12号"),
    ("柳河镇王家村第三村民小组", "柳河镇", "王家村", "柳河镇王家村第三村民小组"),
    ("太平乡桃园村12号", "太平乡", "桃园村", "太平乡桃园村12号"),
    ("柳河镇大湾村", "柳河镇", "大湾村", "柳河镇大湾村"),
    ("青山镇周家沟", "青山镇", "周家沟", "青山镇周家沟"),
    ("城关镇东门菜市场", "城关镇", "东门菜市场", "城关镇东门菜市场"),
    ("东门菜市场", "城关镇", "东门菜市场", "东门菜市场"),
    ("城关镇中学对面", "城关镇", "", "城关镇中学"),
    ("城关镇工业园", "城关镇", "", "城关镇工业园"),
    ("城关镇幸福小区3号楼2单元", "城关镇", "幸福小区", "城关镇幸福小区3号楼2单元"),
    ("城关镇建设路88号", "城关镇", "建设路", "城关镇建设路88号"),
    ("人民路25号", "城关镇", "人民路", "人民路25号"),
    ("青禾县柳河镇", "柳河镇", "", "青禾县柳河镇"),
    ("四川省青禾县柳河镇王家村", "柳河镇", "王家村", "四川省青禾县柳河镇王家村"),
    ("柳河鎮王家村", "柳河镇", "王家村", "柳河镇王家村"),
    ("雙河鄉", "双河乡", "", "双河乡"),
    ("柳河镇王家村 王秀英 13812345678", "柳河镇", "王家村", "柳河镇王家村"),
    ("我是柳河镇王家村的王秀英", "柳河镇", "王家村", "柳河镇王家村"),
    ("我在石桥镇开店，想借10万", "石桥镇", "", "石桥镇"),
    ("你好，我是青山镇石门坎村种果树的，想贷点款", "青山镇", "石门坎村", "青山镇石门坎村"),
    ("我在南洼村包了20亩地", "东湾镇", "南洼村", "南洼村"),
    ("老家四川的，现在住柳河镇", "柳河镇", "", "柳河镇"),
]
MISSPELT = [
    ("刘河镇", "柳河镇", ""),
    ("柳合镇", "柳河镇", ""),
    ("流河镇", "柳河镇", ""),
    ("城官镇", "城关镇", ""),
    ("清山镇", "青山镇", ""),
    ("白踏乡", "白塔乡", ""),
    ("百塔乡", "白塔乡", ""),
    ("右桥镇", "石桥镇", ""),
    ("石乔镇", "石桥镇", ""),
    ("大平乡", "太平乡", ""),
    ("东弯镇", "东湾镇", ""),
    ("双何乡", "双河乡", ""),
    ("王家存", "柳河镇", "王家村"),
    ("汪家村", "柳河镇", "王家村"),
    ("王家材", "柳河镇", "王家村"),
    ("前阳村", "白塔乡", "前杨村"),
    ("石门砍村", "青山镇", "石门坎村"),
    ("大鱼树村", "太平乡", "大榆树村"),
    ("早林村", "青山镇", "枣林村"),
    ("孙家挖村", "石桥镇", "孙家洼村"),
    ("刘河镇王家村", "柳河镇", "王家村"),
    ("柳河镇王家存", "柳河镇", "王家村"),
    ("刘河镇汪家存", "柳河镇", "王家村"),
    ("青河县柳河镇", "柳河镇", ""),
    ("liuhe zhen", "柳河镇", ""),
    ("liuhe", "柳河镇", ""),
    ("LiuHeZhen", "柳河镇", ""),
    ("cheng guan zhen", "城关镇", ""),
    ("baita xiang", "白塔乡", ""),
    ("wangjiacun", "柳河镇", "王家村"),
    ("wang jia cun", "柳河镇", "王家村"),
    ("liuhezhen wangjiacun", "柳河镇", "王家村"),
    ("I live in Liuhe Zhen", "柳河镇", ""),
]
CORRECTED = [
    ("不是王家村是李家村", "李家村"),
    ("不是王家村，是李家村", "李家村"),
    ("不是柳河镇是石桥镇", "石桥镇"),
    ("不是柳河是双河", "双河"),
    ("王家村不对 李家村", "李家村"),
    ("王家村错了，李家村", "李家村"),
    ("村写错了 李家村", "李家村"),
    ("村子写错了，应该是李家村", "李家村"),
    ("地址填错了应该是石桥镇", "石桥镇"),
    ("说错了，柳河镇王家村", "柳河镇王家村"),
    ("我不住柳河镇，住石桥镇", "石桥镇"),
    ("不在城关镇，在东湾镇", "东湾镇"),
    ("从王家村搬到李家庄了", "李家庄"),
    ("地址改成柳河镇", "柳河镇"),
    ("把村子改成李家庄", "李家庄"),
    ("改成城关镇吧", "城关镇"),
]
UNKNOWN = [
    ("大湾村", "大湾村"),
    ("小王家村", "小王家村"),
    ("我住在向阳村", "向阳村"),
    ("东风屯", "东风屯"),
    ("赵家庄", "赵家庄"),
    ("幸福社区", "幸福社区"),
    ("阳光小区3号楼", "阳光小区3号楼"),
    ("镇上老街", "镇上老街"),
    ("老街", "老街"),
    ("县城东街", "县城东街"),
    ("农贸市场", "农贸市场"),
    ("县城菜市场", "县城菜市场"),
    ("张家寨", "张家寨"),
    ("李家坪", "李家坪"),
    ("吴家湾", "吴家湾"),
    ("马家河子", "马家河子"),
    ("八里桥", "八里桥"),
    ("胜利路12号", "胜利路12号"),
    ("黄泥镇", "黄泥镇"),
    ("青石乡团结村五组", "青石乡团结村五组"),
    ("村子叫胡家沟", "胡家沟"),
]
OUTSIDE = [
    ("成都", "成都"),
    ("四川成都", "四川成都"),
    ("成都市武侯区", "成都市武侯区"),
    ("重庆万州", "重庆万州"),
    ("重庆市", "重庆市"),
    ("江苏省南京市", "江苏省南京市"),
    ("我在达州", "达州"),
    ("我人在深圳", "深圳"),
    ("我是大竹县的", "大竹县"),
    ("我住渠县三汇镇", "渠县三汇镇"),
    ("吉林柳河镇", "吉林柳河镇"),
    ("宣汉县王家村", "宣汉县王家村"),
    ("广东东莞", "广东东莞"),
    ("内蒙古自治区赤峰市", "内蒙古自治区赤峰市"),
    ("新疆", "新疆"),
    ("上海浦东", "上海浦东"),
    ("安平县", "安平县"),
    ("临江市", "临江市"),
    ("外地", "外地"),
    ("我是外地的", "外地"),
    ("外县的", "外县"),
    ("隔壁县", "隔壁县"),
    ("我是外省的", "外省"),
    ("在国外", "国外"),
    ("別的縣", "别的县"),
]
VAGUE = [
    ("县城", "县城"),
    ("我住县城", "县城"),
    ("就在县城里", "县城里"),
    ("县里", "县里"),
    ("城里", "城里"),
    ("乡下", "乡下"),
    ("家在乡下", "乡下"),
    ("农村", "农村"),
    ("我在农村", "农村"),
    ("农村的", "农村"),
    ("本地", "本地"),
    ("本地人", "本地"),
    ("当地的", "当地"),
    ("镇上", "镇上"),
    ("村里", "村"),
    ("我们村", "我们村"),
    ("老家", "老家"),
    ("青禾县", "青禾县"),
    ("青禾", "青禾"),
    ("街上", "街上"),
    ("郊区", "郊区"),
]
NONE = [
    "",
    "5万",
    "五万",
    "一年",
    "3组",
    "12号",
    "等一下",
    "我家",
    "家里",
    "在家",
    "在家里",
    "我家门口",
    "不知道",
    "随便",
    "同意",
    "好的",
    "谢谢",
    "转人工",
    "取消",
    "没有",
    "王秀英",
    "我叫王秀英",
    "13812345678",
    "买化肥",
    "扩大养殖",
    "装修店面",
    "我想贷款",
    "种地",
    "我种了20亩地",
    "我是开店的",
    "我想在村里种地",
    "在村里开个小卖部",
    "镇上开店",
    "去城里打工",
    "在成都打工",
    "超市",
    "小超市",
    "夜市",
    "夜市摆摊",
    "开拓市场",
    "扩大市场",
    "占领市场",
    "没有市场",
    "店铺",
    "商铺",
    "鱼塘",
    "合作社",
    "养殖小区",
    "农庄",
    "坐庄",
    "钱庄",
    "这个村",
    "哪个村",
    "全村",
    "套路",
    "出路",
    "走投无路",
    "排队",
    "部队",
    "小组",
    "青山绿水",
    "太平洋",
    "城管",
    "石桥流水",
    "逛街",
    "家乡",
    "平安",
    "村口",
    "镇政府旁边",
    "你们银行边上",
    "老乡",
    "你们网点在哪",
    "柳河镇有网点吗",
    "柳河镇网点几点关门",
    "王家村能不能贷",
    "王家村归哪个客户经理管",
    "不是王家村",
    "我不住柳河镇",
    "什么村",
    "是写村还是写镇？",
    "村支书介绍我来的",
    "国家级贫困县",
    "门市",
    "早市",
    "新农村建设",
    "hello",
    "ok",
    "I need money",
    "to borrow money",
    "农户贷",
    "QH261126-AN5UN",
    "👍",
]


@pytest.mark.parametrize(("text", "town", "village", "written"), KNOWN)
def test_a_place_of_the_bank_is_found(text: str, town: str, village: str, written: str) -> None:
    place = find_place(normalise(text))
    assert place
    assert (place.town, place.village, place.text) == (town, village, written)
    assert (place.is_known, place.is_outside, place.is_vague) == (True, False, False)


@pytest.mark.parametrize(("text", "town", "village"), MISSPELT)
def test_a_misspelt_place_is_found(text: str, town: str, village: str) -> None:
    place = find_place(normalise(text))
    assert place
    assert (place.town, place.village, place.is_known) == (town, village, True)


@pytest.mark.parametrize(("text", "written"), CORRECTED)
def test_a_correction_gives_the_new_place(text: str, written: str) -> None:
    place = find_place(normalise(text))
    assert place
    assert (place.text, place.is_known) == (written, True)


@pytest.mark.parametrize(("text", "written"), UNKNOWN)
def test_a_place_that_we_do_not_know(text: str, written: str) -> None:
    place = find_place(normalise(text))
    assert place
    assert (place.text, place.is_known, place.is_outside, place.is_vague) == (written, False, False, False)


@pytest.mark.parametrize(("text", "written"), OUTSIDE)
def test_a_place_elsewhere(text: str, written: str) -> None:
    place = find_place(normalise(text))
    assert place
    assert (place.text, place.is_known, place.is_outside, place.is_vague) == (written, False, True, False)


@pytest.mark.parametrize(("text", "written"), VAGUE)
def test_what_names_no_place_exactly(text: str, written: str) -> None:
    place = find_place(normalise(text))
    assert place
    assert (place.text, place.is_known, place.is_outside, place.is_vague) == (written, False, False, True)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_place(text: str) -> None:
    assert find_place(normalise(text)) is None


@given(
    st.sampled_from(sorted(load_districts())),
    st.sampled_from(["", "我住", "我家在", "地址是"]),
    st.sampled_from(["", "3组", "的"]),
)
def test_every_name_of_ours_is_found(name: str, before: str, after: str) -> None:
    place = find_place(before + name + after)
    assert place
    assert place.is_known
    assert place.town == load_districts()[name]


def test_the_data_are_sound() -> None:
    names = load_districts()
    assert all(town in list_towns() for town in names.values())
    assert not list_outside() & {get_county(), *names, *(town[:-1] for town in list_towns())}


PIECES = [
    "柳河镇",
    "王家村",
    "白塔",
    "成都",
    "县城",
    "我住",
    "不是",
    "是",
    "村",
    "镇",
    "3组",
    "的",
    "，",
    "王秀英",
    "liuhe",
    "吗",
]


@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_taken_and_a_place_stands_in_it(text: str) -> None:
    plain = normalise(text)
    place = find_place(plain)
    if place:
        assert plain[place.start : place.end] == place.text != ""
        assert place.is_known + place.is_outside + place.is_vague <= 1


@pytest.mark.parametrize("piece", ["王", "村", "王家村", "我住", "不是", "3组", "成都", "a", "柳河镇"])
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    find_place("柳河镇")
    begin = time.thread_time()
    find_place(piece * 1000)
    assert time.thread_time() - begin < 0.5
