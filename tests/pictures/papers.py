"""Papers as they look flat on a desk, drawn from made-up people and firms; each is an RGB picture."""

from datetime import date
from random import Random

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path, serif_path

from tests.pictures.made_up import Contract, Firm, Person, Statement

CARD = (1712, 1080)  # 85.6 mm x 54 mm
A4 = (1488, 2105)
_LABEL = (36, 92, 140)
_INK = (24, 24, 28)


def draw_card_front(person: Person, rng: Random) -> Image.Image:
    """The side with the person's data. No emblem and no face; "样本" stands where the picture would be."""
    image = _make_ground(CARD, (214, 230, 236), (236, 226, 224), rng)
    pen = ImageDraw.Draw(image)
    for y, label in ((110, "姓名"), (235, "性别"), (355, "出生"), (480, "住址")):
        _write(pen, (110, y), label, 48, _LABEL)
    _write(pen, (460, 235), "民族", 48, _LABEL)
    _write(pen, (265, 102), person.name, 64)
    _write(pen, (265, 230), person.sex, 54)
    _write(pen, (610, 230), person.nation, 54)
    birth = person.birth_date
    for x, text, colour in (
        (265, f"{birth.year}", _INK),
        (425, "年", _LABEL),
        (505, f"{birth.month}", _INK),
        (580, "月", _LABEL),
        (660, f"{birth.day}", _INK),
        (735, "日", _LABEL),
    ):
        _write(pen, (x, 352), text, 50, colour)
    for row in range(0, len(person.address), 11):
        _write(pen, (265, 475 + row // 11 * 78), person.address[row : row + 11], 54)
    _write(pen, (110, 900), "公民身份号码", 48, _LABEL)
    _write(pen, (560, 886), person.id_number, 68, spacing=12)
    pen.ellipse((1260, 190, 1480, 440), fill=(176, 160, 150))
    pen.rounded_rectangle((1170, 440, 1570, 760), 90, fill=(90, 96, 112))
    _write(pen, (1310, 560), "样本", 60, (200, 200, 205))
    return image


def draw_card_back(person: Person, rng: Random) -> Image.Image:
    """The side with the authority and until when the card is valid."""
    image = _make_ground(CARD, (228, 220, 214), (238, 222, 228), rng)
    pen = ImageDraw.Draw(image)
    pen.ellipse((130, 110, 420, 400), fill=(196, 60, 52))
    _write(pen, (560, 120), "中华人民共和国", 92, spacing=24)
    _write(pen, (560, 280), "居民身份证", 120, spacing=46)
    _write(pen, (430, 720), "签发机关", 50)
    _write(pen, (720, 716), person.issued_by, 54)
    _write(pen, (430, 860), "有效期限", 50)
    until = f"{person.valid_until:%Y.%m.%d}" if person.valid_until else "长期"
    _write(pen, (720, 856), f"{person.valid_from:%Y.%m.%d}-{until}", 54)
    return image


def draw_licence(firm: Firm, rng: Random) -> Image.Image:
    """A business licence, on its side as since 2019."""
    size = (A4[1], A4[0])
    image = _make_ground(size, (250, 246, 232), (252, 250, 244), rng)
    pen = ImageDraw.Draw(image)
    pen.rectangle((60, 60, size[0] - 60, size[1] - 60), outline=(190, 160, 90), width=10)
    pen.ellipse((960, 110, 1140, 290), fill=(196, 60, 52))
    _write(pen, (720, 330), "营业执照", 130, spacing=60)
    _write(pen, (160, 250), "统一社会信用代码", 36)
    _write(pen, (160, 305), firm.credit_code, 44, spacing=4)
    _write(pen, (1000, 490), "(副本)", 40)
    is_trader = firm.company_type == "个体工商户"
    left = (
        ("名称", firm.company),
        ("类型", firm.company_type),
        ("经营者" if is_trader else "法定代表人", firm.legal_person),
        ("经营范围", firm.business),
    )
    right = (
        ("注册资本", firm.capital),
        ("成立日期", f"{firm.founded_on.year}年{firm.founded_on.month:02d}月{firm.founded_on.day:02d}日"),
        ("经营场所" if is_trader else "住所", firm.address),
    )
    for x, wide, rows in ((150, 14, left), (1180, 15, right)):
        for index, (label, value) in enumerate(rows):
            y = 600 + index * 130
            _write(pen, (x, y), _justify(label), 40, (90, 70, 40))
            for part in range(0, len(value), wide):
                _write(pen, (x + 230, y + part // wide * 58), value[part : part + wide], 42)
    _write(pen, (1300, 1230), "登记机关", 40, (90, 70, 40))
    pen.ellipse((1560, 1110, 1800, 1350), outline=(214, 70, 60), width=9)
    return image


def draw_contract(contract: Contract, rng: Random) -> Image.Image:
    """A contract of a family about contracted land, with its parcels."""
    image = _make_ground(A4, (248, 248, 244), (252, 252, 250), rng)
    pen = ImageDraw.Draw(image)
    _write(pen, (300, 150), "农村土地承包合同", 92, spacing=14, serif=True)
    _write(pen, (160, 330), f"合同编号：{contract.number}", 40, serif=True)
    since, until = contract.valid_from, contract.valid_until
    lines = [
        f"发包方：{contract.village}村民委员会",
        f"承包方代表：{contract.name}",
        f"承包方地址：{contract.place}",
        "",
        "经双方协商一致，签订本合同，共同遵守。",
        f"承包期限：自{_tell(since)}起至{_tell(until)}止",
        "承包土地情况如下：",
    ]
    for index, line in enumerate(lines):
        _write(pen, (160, 420 + index * 86), line, 44, serif=True)
    top = 1060
    table = [("地块名称", "面积（亩）", "地类"), *((n, f"{a:.2f}", "水田") for n, a in contract.parcels)]
    table.append(("合计", f"{contract.land_mu:.2f}", ""))
    for row, cells in enumerate(table):
        for column, cell in enumerate(cells):
            box = (160 + column * 390, top + row * 92, 550 + column * 390, top + row * 92 + 92)
            pen.rectangle(box, outline=(60, 60, 60), width=3)
            _write(pen, (box[0] + 40, box[1] + 16), cell, 42, serif=True)
    _write(pen, (160, top + len(table) * 92 + 90), "发包方（盖章）            承包方（签字）", 42, serif=True)
    pen.ellipse((330, top + len(table) * 92 + 40, 620, top + len(table) * 92 + 330), outline=(214, 60, 60), width=9)
    return image


def draw_statement(statement: Statement, rng: Random) -> Image.Image:
    """A statement of an account: head, entries, sums."""
    image = _make_ground(A4, (252, 252, 252), (254, 254, 254), rng)
    pen = ImageDraw.Draw(image)
    _write(pen, (430, 110), "个人账户交易明细", 72)
    span = f"{statement.period_from:%Y-%m-%d} 至 {statement.period_to:%Y-%m-%d}"
    _write(pen, (110, 260), f"户名：{statement.name}", 38)
    _write(pen, (760, 260), f"账号：{statement.account}", 38)
    _write(pen, (110, 330), f"起止日期：{span}", 38)
    _write(pen, (1010, 330), "币种：人民币", 38)
    balance = statement.opening
    rows = [("交易日期", "摘要", "收入金额", "支出金额", "余额"), ("", "期初余额", "", "", _yuan(balance))]
    for day, what, amount in statement.entries:
        balance += amount
        cells = (_yuan(amount), "") if amount > 0 else ("", _yuan(-amount))
        rows.append((f"{day:%Y-%m-%d}", what, *cells, _yuan(balance)))
    rows.append(("", "期末余额", "", "", _yuan(balance)))
    columns = (110, 380, 620, 890, 1150)
    for index, row in enumerate(rows):
        y = 430 + index * 72
        pen.line((100, y + 62, 1390, y + 62), fill=(150, 150, 150), width=2)
        for x, cell in zip(columns, row, strict=True):
            _write(pen, (x, y), cell, 36)
    y = 430 + len(rows) * 72 + 30
    _write(pen, (110, y), f"收入合计：{_yuan(statement.total_in)}", 38)
    _write(pen, (760, y), f"支出合计：{_yuan(statement.total_out)}", 38)
    return image


def _write(
    pen: ImageDraw.ImageDraw,
    place: tuple[int, int],
    text: str,
    size: int,
    colour: tuple[int, int, int] = _INK,
    *,
    spacing: int = 0,
    serif: bool = False,
) -> None:
    font = ImageFont.truetype(str(serif_path() if serif else sans_path()), size)
    if not spacing:
        pen.text(place, text, fill=colour, font=font)
        return
    x = float(place[0])
    for character in text:
        pen.text((x, place[1]), character, fill=colour, font=font)
        x += font.getlength(character) + spacing


def _make_ground(
    size: tuple[int, int], one: tuple[int, int, int], other: tuple[int, int, int], rng: Random
) -> Image.Image:
    """Paper with fine waves in it, as security printing has."""
    x, y = np.linspace(0, 1, size[0], dtype=np.float32), np.linspace(0, 1, size[1], dtype=np.float32)[:, None]
    share = (x + 0.3 * y) / 1.3
    waves = 3 * np.sin(260 * x + 9 * np.sin(7 * y + rng.random())) * np.sin(190 * y + 7 * np.sin(6 * x))
    ground = cv2.merge([a * (1 - share) + b * share + waves for a, b in zip(one, other, strict=True)])
    return Image.fromarray(cv2.convertScaleAbs(ground))


def _justify(label: str) -> str:
    """Labels of two characters are spread over the room of four, as on real ones."""
    return f"{label[0]}    {label[1]}" if len(label) == 2 else label


def _tell(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}"
