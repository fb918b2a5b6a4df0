"""What stands on a page hundreds of times: written out without a template, or folded."""

from datetime import date

from markupsafe import Markup

from foundation.clock import add_months
from foundation.long_lists import facet_options, options
from procurement.dashboard.figures import Column, Figure
from procurement.presenters.ledger import MONTHS_AT_ONCE, month_lines, months_shown, year_lines
from procurement.queries.ledger import PeriodSums
from procurement.views.dashboard import figure_rows


def test_a_box_says_what_a_template_would_and_escapes_it():
    box = {"value": 'a"<', "label": "<b>", "count": 0, "checked": False}
    written = facet_options([box, box | {"checked": True}, box | {"count": 3}], "kind", "radio")
    first, second, third = written.splitlines()
    assert 'type="radio" name="kind" value="a&#34;&lt;" disabled>' in first
    assert ">&lt;b&gt;</span>" in first
    assert 'value="a&#34;&lt;" checked>' in second
    assert 'value="a&#34;&lt;">' in third
    assert ">3<" in third


def _figure(*, fictional: bool) -> Figure:
    columns = (
        Column(key="code", label="コード", type="code"),
        Column(key="body", label="団体"),
        Column(key="yen", label="額", type="yen", absent="<なし>"),
    )
    rows = (("1", "<町>", -1234), ("2", "乙町", None))
    return Figure(
        key="k", title="題", columns=columns, rows=rows, source="", as_of="", fictional=fictional
    )


def test_the_cells_of_a_figure_are_escaped_and_marked():
    mark = Markup("<i>架空</i>")
    assert figure_rows(_figure(fictional=False), mark) == (
        '<tr><td>&lt;町&gt;</td><td data-align="num">−1,234</td></tr>\n'
        '<tr><td>乙町</td><td data-align="num">&lt;なし&gt;</td></tr>\n'
    )
    assert "<td>乙町 <i>架空</i></td>" in figure_rows(_figure(fictional=True), mark)


def test_choices_are_escaped_and_one_is_chosen():
    assert options([("a", "<甲>"), ("b", "乙")], "b") == (
        '<option value="a">&lt;甲&gt;</option><option value="b" selected>乙</option>'
    )


def _months(count: int) -> list[PeriodSums]:
    newest = add_months(date(2026, 4, 1), count - 1)
    return [
        PeriodSums(
            period=add_months(newest, -place),
            vendor_yen=place + 1,
            paid_yen=0,
            owed_yen=place,
            parts_yen=0,
            received_yen=0,
            overpaid_yen=0,
            closed=False,
        )
        for place in range(count)
    ]


def test_a_short_ledger_shows_every_month():
    months = _months(MONTHS_AT_ONCE)
    shown = months_shown(months, 2026)
    assert (shown.rows, shown.year) == (tuple(months), None)
    assert {line.year for line in year_lines(months, ["vendor_yen"])} == {None}


def test_a_long_ledger_shows_a_year_at_a_time_and_each_is_reached():
    months = _months(60)
    names = ["vendor_yen", "owed_yen"]
    years = year_lines(months, names)
    assert [line.year for line in years] == [2030, 2029, 2028, 2027, 2026]
    assert months_shown(months, None).year == months_shown(months, 1999).year == 2030
    reached = [month_lines(months_shown(months, line.year).rows, names) for line in years]
    assert [line.path for lines in reached for line in lines] == [
        f"{month.period:%Y-%m}" for month in months
    ]
    for line, of_year in zip(years, reached, strict=True):
        sums = tuple(map(sum, zip(*(month.amounts for month in of_year), strict=True)))
        assert line.amounts == sums
