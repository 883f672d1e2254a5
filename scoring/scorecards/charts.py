"""Draws a scorecard's quality as SVG: lines and bars over two axes, nothing else to install or load."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

Point = tuple[float, float]
WIDTH, HEIGHT = 440, 320
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 34, 48
TICKS = 5
MAIN, WARM, SOFT = "#1f7a5c", "#c8642a", "#9aa5a0"


class Line(NamedTuple):
    """A line through points; `dots` draws the points themselves."""

    name: str
    points: Sequence[Point]
    colour: str
    is_dashed: bool = False
    has_dots: bool = False


class Bars(NamedTuple):
    """Bars of one width, each beginning at a value of x."""

    name: str
    points: Sequence[Point]
    width: float
    colour: str


class AxisSpan(NamedTuple):
    """A name, the values at both ends, and how they are written."""

    name: str
    low: float
    high: float
    style: str = ".0%"


def draw_chart(title: str, x: AxisSpan, y: AxisSpan, parts: Sequence[Line | Bars]) -> str:
    """An `<svg>` element; everything is also said in its title for those who hear it."""
    legend = "".join(
        f'<rect x="{LEFT + place * 150}" y="{HEIGHT - 12}" width="10" height="10" fill="{part.colour}"/>'
        f'<text x="{LEFT + place * 150 + 14}" y="{HEIGHT - 3}">{escape(part.name)}</text>'
        for place, part in enumerate(part for part in parts if part.name)
    )
    drawn = "".join(element for part in parts for element in _draw(part, x, y))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {HEIGHT}" font-size="11" '
        f'font-family="sans-serif" fill="#33403b"><title>{escape(title)}</title>'
        f'<text x="{LEFT}" y="16" font-size="13" font-weight="bold">{escape(title)}</text>'
        f"{''.join(_draw_axes(x, y))}{drawn}{legend}</svg>"
    )


def _draw_axes(x: AxisSpan, y: AxisSpan) -> Iterator[str]:
    for tick in range(TICKS + 1):
        at_x, at_y = (axis.low + (axis.high - axis.low) * tick / TICKS for axis in (x, y))
        across, down = _place((at_x, at_y), x, y)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{down}" y2="{down}" stroke="#e3e8e5"/>'
        yield f'<text x="{LEFT - 6}" y="{down + 4}" text-anchor="end">{at_y:{y.style}}</text>'
        yield f'<text x="{across}" y="{HEIGHT - BOTTOM + 14}" text-anchor="middle">{at_x:{x.style}}</text>'
    yield f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - BOTTOM + 28}" text-anchor="end">{escape(x.name)}</text>'
    yield f'<text x="{WIDTH - RIGHT}" y="16" text-anchor="end">{escape(y.name)}</text>'


def _draw(part: Line | Bars, x: AxisSpan, y: AxisSpan) -> Iterator[str]:
    if isinstance(part, Bars):
        for start, height in part.points:
            left, top = _place((start, height), x, y)
            right, bottom = _place((start + part.width, y.low), x, y)
            size = f'width="{max(right - left - 1, 1):.1f}" height="{bottom - top:.1f}"'
            yield f'<rect x="{left}" y="{top}" {size} fill="{part.colour}" fill-opacity="0.6"/>'
        return
    places = [_place(point, x, y) for point in part.points]
    dashes = ' stroke-dasharray="5 4"' if part.is_dashed else ""
    path = " ".join(f"{across},{down}" for across, down in places)
    yield f'<polyline points="{path}" fill="none" stroke="{part.colour}" stroke-width="2"{dashes}/>'
    if part.has_dots:
        yield from (f'<circle cx="{across}" cy="{down}" r="3.5" fill="{part.colour}"/>' for across, down in places)


def _place(point: Point, x: AxisSpan, y: AxisSpan) -> Point:
    across = LEFT + (point[0] - x.low) / (x.high - x.low) * (WIDTH - LEFT - RIGHT)
    down = HEIGHT - BOTTOM - (point[1] - y.low) / (y.high - y.low) * (HEIGHT - TOP - BOTTOM)
    return round(across, 1), round(down, 1)
