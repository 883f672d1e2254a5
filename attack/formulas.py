"""Exports of hostile words: no cell may be one that a spreadsheet computes."""

import csv
import io
import unicodedata
from datetime import timedelta
from random import Random

import httpx

from attack.house import House
from attack.plant import plant
from attack.row import Row
from desk.entrance import COOKIE
from kit.clock import CHINA, read_clock

FORMULA = "1+1"
STARTS = (
    *(
        "=",
        "+",
        "-",
        "@",
        "\t=",
        "\r=",
        "\n=",
        " =",
        "\u3000=",
        "＝",
        "＋",
        "－",
        "＠",
        "\ufeff=",
        "\u200b=",
        "\n＝",
        "﹦",
        "⁼",
    ),
    *(
        '"=',
        "'=",
        ";=",
        ",=",
        "=cmd|' /C calc'!A0",
        "@SUM(",
        "\x0b=",
        "\x00=",
        "%0A=",
        "−",
        "﹢",
        "﹣",
        "﹫",
        "⁺",
        "\xa0=",
    ),
)
COMPUTED = "=+-@"
_DROPPED = ("Cc", "Cf", "Zs", "Zl", "Zp")


async def try_formulas(dice: Random, seconds: float, house: House) -> list[Row]:
    """A row: a try is one start of a formula in every field of a closed handoff."""
    row = Row("formulas: cells of the export", len(STARTS), seconds * 0.8)
    planted = []
    for start in dice.sample(STARTS, len(STARTS)):
        if not row.next_try():
            break
        planted.append(start + FORMULA)
        await plant(house, planted[-1], closes=True)
    today = read_clock().astimezone(CHINA).date()
    period = {"from": str(today - timedelta(days=1)), "to": str(today)}
    async with httpx.AsyncClient(base_url=house.url("desk"), timeout=60, trust_env=False) as client:
        headers = {"Cookie": f"{COOKIE}={house.tokens['supervisor']}"}
        answer = await client.get("/export/handoffs.csv", params=period, headers=headers)
    cells = [cell for line in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))) for cell in line]
    row.check(len(cells) > 17 * len(planted), answer.text[:500], "the export lacks what was planted")
    for cell in dict.fromkeys(cells):
        row.check(not is_computed(cell), cell, "a spreadsheet computes this cell")
    return [row]


def is_computed(cell: str) -> bool:
    """Whether a spreadsheet might compute the cell: by its first sign, however wide, after what is not seen."""
    plain = unicodedata.normalize("NFKC", cell).replace("\u2212", "-")
    seen = next((sign for sign in plain if unicodedata.category(sign) not in _DROPPED), "")
    return bool(seen) and seen in COMPUTED
