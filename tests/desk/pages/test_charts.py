"""What charts show of the metrics, and what is said of them to those who do not see them."""

from datetime import date

from desk.metrics import DayMetrics, HourMetrics, Satisfaction, TalkMetrics
from desk.pages.charts import draw_containment, draw_counts, draw_hours, draw_requests, draw_satisfaction

NOBODY = Satisfaction(mean=None, good=None, ratings=0)
DAYS = [
    DayMetrics(
        day=date(2026, 6, 30),
        requested=5,
        handled=4,
        out_of_hours=2,
        satisfaction=Satisfaction(mean=4.3333, good=1.0, ratings=3),
        talks=TalkMetrics(talks=3, contained=2),
    ),
    DayMetrics(
        day=date(2026, 7, 1),
        requested=1,
        handled=0,
        out_of_hours=1,
        satisfaction=NOBODY,
        talks=TalkMetrics(talks=0, contained=0),
    ),
]


def test_counts_lie_in_the_order_given() -> None:
    options = draw_counts("渠道", {"微信": 12, "网页": 3})
    assert options["yAxis"]["data"] == ["微信", "网页"]
    assert options["yAxis"]["inverse"]  # the first on top
    assert options["series"][0]["data"] == [12, 3]
    assert options["aria"]["label"]["description"] == "渠道：微信12，网页3"


def test_a_long_list_is_not_read_out_to_its_end() -> None:
    options = draw_counts("村镇", {f"{number}村": 1 for number in range(40)})
    assert options["aria"]["label"]["description"].endswith("11村1")


def test_requests_day_by_day() -> None:
    options = draw_requests("每天的转人工", DAYS)
    assert options["xAxis"]["data"] == ["6月30日", "7月1日"]
    shown = {series["name"]: series["data"] for series in options["series"]}
    assert shown == {"转人工": [5, 1], "已接待": [4, 0], "下班时请求": [2, 1]}
    assert options["aria"]["label"]["description"].startswith("每天的转人工：共6次转人工，接待4次")


def test_requests_by_the_hour_of_the_day() -> None:
    hours = [HourMetrics(hour=h, requested=h % 10, handled=h // 10, first_response=None) for h in range(24)]
    options = draw_hours("一天里的转人工", hours)
    assert options["xAxis"]["data"][8:10] == ["8点", "9点"]
    assert {series["name"]: series["data"][19] for series in options["series"]} == {"转人工": 9, "已接待": 1}
    assert options["aria"]["label"]["description"].startswith("一天里的转人工：9点最多，9次")


def test_days_without_a_figure_have_no_point() -> None:
    assert draw_satisfaction("满意度", DAYS)["series"][0]["data"] == [4.33, None]
    assert draw_containment("独立解决率", DAYS)["series"][0]["data"] == [66.7, None]


def test_many_points_are_a_line_and_few_are_seen_each() -> None:
    assert draw_satisfaction("满意度", DAYS)["series"][0]["showSymbol"]
    assert draw_satisfaction("满意度", DAYS[1:] * 89 + DAYS[:1])["series"][0]["showSymbol"]
    assert not draw_satisfaction("满意度", DAYS[:1] * 90)["series"][0]["showSymbol"]
