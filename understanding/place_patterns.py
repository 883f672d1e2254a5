"""The patterns of addresses: how a place is introduced, how it ends, and what only looks like one."""

import re
from collections.abc import Iterable
from functools import cache

from understanding.districts import get_county, list_outside, list_towns, load_districts
from understanding.pinyin import sounds_like

# What is in no name of a place.
NAME = "(?:(?![我你您他她它咱想要借贷款钱元买卖用没不吗呢么了就还给说做来去把和跟也都很能可会让请一的])[\u4e00-\u9fff])"
_NUMBER = "[0-9零一二三四五六七八九十百]{1,5}"
DETAIL = f"(?:第?{_NUMBER}(?:村民)?(?:小组|生产队|组|社|队|号楼|号院?|栋|幢|单元|楼|层|室|户|弄|排)|村委会|村部|街上)"
_MARKET = (
    "(?:(?:[菜集早]|农贸|批发|集贸|建材|水产|粮油|[果水][品果]|蔬菜|牲[畜口]|综合|小商品|服装|家具)(?:批发)?市场|集市)"
)
_STREET = "[大老新旧东西南北中正后前]街"
_ENDING = (
    f"(?:村民?委会|[新老]?村|屯|庄子?|社区|小区|街道|新区|{_MARKET}|市场|{_STREET}|巷子?|胡同|[工产]业园"
    "|花园|家属院|路口|桥头|坝子)"
)
_BY_FAMILY = "家(?:铺|堡|寨|坪|湾|坝|洼|岭|沟|坡|河|桥|山|塘|岗|坎|台|院|营|冲|垭|圩|集|巷|湖|渡|口|店)子?"
_LANDMARK = (
    "(?:超市|学校|[小中大]学|医院|卫生院|政府|派出所|信用社|银行|饭店|宾馆|车站|加油站|工厂|公园|广场|大桥|门口|[工产]业园"
    "|街|路)"
)


QUESTION = re.compile(
    r"[?]|[吗嘛么不]$|(.)不\1|什么|怎么|咋|啥|多少|哪|谁|能不能|可不可以|是不是|有没有|行不|多久|几[点号时]|如何"
)
# 不是王家村是李家村, 王家村不对 李家村, 村填错啦 李家村, 从王家村搬到李家村了.
CORRECTED = re.compile(
    "^.*?(?:(?:不是|不在|不住|没住)[^,。;]{1,12}?[,。; ]*(?:而?是|而?在|住|改成)"
    "|(?:不是|不在|不住)[^,。; ]{2,12}[,。; ]+"
    "|(?:不对|(?:[写说填打弄搞记]|地址|村子?)错[了咯啦喽嘞]?)[,。; ]*(?:了|应该)?(?:是|在|改成|改为|换成)?[,。; ]*"
    "|从.{2,8}[搬迁][到去]了?)(?=.)"
)
DENIED = re.compile("(?:不是|不在|不住|没住)$")
LEAD = re.compile(
    "(?:[,。;:! ]|你好|您好|[那就我俺咱]们?的?|家庭?(?![^在住是:])|住址|(?:上门)?地[点址]|位置|区域"
    "|村子?(?=[是叫在:])|镇(?=[是在:])"
    "|现?在|居?住|叫|户口|老家(?=[是在])|人(?=在)|是|来自|好像|大概|可能|[改换](?:[成为到])?|应该|[写填]|[搬嫁迁]到了?"
    "|(?:店|摊子?|摊位|厂子?|公司|地|大棚|果园|养殖场|门市)(?=就?[开办种摆建设]?在)|[开办种摆]在"
    "|address|i live in|live in|i'm|from|at )+"
)
TRAIL = re.compile(
    "(?:[,。;!~ ]|(?<=[\u4e00-\u9fff]{2})[,。; ]*(?:而?不[是在])[^,。;]{2,12}$"
    "|[的人哦哈啊呀吧呢嗯了]|[这那][边里儿块]|附近|旁边|对面|谢谢|边上|(?<=[村镇乡街])里|(?<=村)上)+$"
)
UNKNOWN = re.compile(
    f"(?:县城|镇上|乡里|街上|城里)?(?:{NAME}{{1,4}}[镇乡])?"
    f"(?:{NAME}{{1,7}}?{_ENDING}|[老古]街|{NAME}{{1,2}}{_BY_FAMILY}|[一二三四五六七八九十]里[铺店桥坪墩]|{NAME}{{2,5}}[镇乡]"
    f"|{NAME}{{1,5}}路(?={_NUMBER}号))(?:{NAME}{{1,6}}?{_ENDING})?{DETAIL}{{0,4}}"
)
IN_TOWN = re.compile(
    f"{NAME}{{0,8}}{_LANDMARK}{DETAIL}{{0,3}}|(?P<village>{NAME}{{1,6}}?(?:{_ENDING}|{_BY_FAMILY})){DETAIL}{{0,4}}"
)
NO_PLACE = re.compile(
    ".?[乡城集村]镇|.*[这那某全各整几每]个?(?:村|镇|乡|县|社区|市场)|.*合作社|.*街道办.*|.*套路|[家老故同异下城]乡"
    "|(?:开拓|占领|跑|没有|打开|扩大|看).*市场|.*[超夜股]市|.?(?:社区|小区|市场)|村庄|.?逛街|扫大?街|.*[养种][殖植]小区"
    "|[坐做]庄|[农钱]庄|.*新农村|.*小山村"
)
VAGUE = re.compile(
    "县城?(?:里面?|上)?|城[里区郊边]|本[县地村镇乡]|[我咱俺]们?[县村镇乡]里?|当地|乡下|[乡村镇]里?|镇上|小镇|[乡集]镇|.?农村|街上"
    "|山[里上区]|郊区|老家|村子|屯子?|庄子上?|社区|小区|一个村|村委会"
)
AT_HOME = re.compile("^(?:[我俺咱]们?(?!们?[县村镇乡]里?$)|家(?!乡)|住|在|是|就|[,。: ])+")
ELSEWHERE = re.compile("外[地省县市国面]|[别其][的他它][县省市]|隔壁县|邻[县市]|[省县市国]外")
_UNIT = "(?:特别行政区|(?:[壮回]族|维吾尔)?自治[区州县]|省|市|县|区|州|旗|盟)"
_NO_UNIT = re.compile(".*(?:[超夜股菜早集门城都]市|[社小郊城山地景园校灾辖牧库林工特市]区|困县|县城)")


@cache
def compile_known() -> re.Pattern[str]:
    """A full name of the bank's districts, its county before and the rest of an address in that town after."""
    towns = list_towns()
    villages = _join(name for name, town in load_districts().items() if name != town)
    stems = _join(town[:-1] for town in towns)
    county = get_county()
    return re.compile(
        f"(?P<county>(?:[\u4e00-\u9fff]{{2,3}}[省市])?{county[:-1]}(?:{county[-1]})?)?"
        f"(?:(?P<town>{_join(towns)})(?:的?(?:(?P<village>{villages})|(?P<more>{NAME}{{1,6}}?(?:{_ENDING}|{_BY_FAMILY})|{_STREET})))?"
        f"|(?P<stem>{stems})(?P<after>{villages})|(?P<alone>{villages})){DETAIL}{{0,4}}"
    )


@cache
def compile_elsewhere() -> re.Pattern[str]:
    """A whole message that names a province, city or county elsewhere, with or without the rest of the address."""
    names = _join(list_outside())
    return re.compile(
        f"(?:(?:{names}){_UNIT}?|{NAME}{{2,4}}?(?:省|市|县|自治[区州县]))"
        f"(?:{names}|{NAME}{{1,7}}?(?:{_UNIT}|[镇乡]|{_ENDING}|路)){{0,4}}{DETAIL}{{0,4}}"
    )


def is_elsewhere(text: str) -> bool:
    """Whether a text is a place in another county or province."""
    return (
        bool(ELSEWHERE.fullmatch(text) or compile_elsewhere().fullmatch(text))
        and not _NO_UNIT.fullmatch(text)
        and not names_county(text)
    )


def names_county(text: str) -> bool:
    """Whether a text names the bank's county, also misspelt: 青河县."""
    name = get_county()[:-1]
    return any(sounds_like(text[start : start + len(name)], name) for start in range(len(text) - len(name) + 1))


def _join(names: Iterable[str]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))
