"""Tables, charts and files of the dashboards, from given sums."""

import csv
import io
import re
import zipfile
from datetime import date
from xml.etree import ElementTree

import pytest

from procurement.dashboard.charts import Bar, bar_chart, line_chart
from procurement.dashboard.exports import figure_zip
from procurement.dashboard.figures import Column, Figure
from procurement.dashboard.parts import costs
from procurement.dashboard.shape import cost_table
from procurement.dashboard.sums import CostSum


def _sum(year: int, category: str, basis: str, yen: int) -> CostSum:
    return CostSum(fiscal_year=year, category=category, basis=basis, amount_yen=yen)


SUMS = [
    _sum(2025, "operating", "budget_initial", 300),
    _sum(2024, "operating", "settlement", 100),
    _sum(2024, "operating", "settlement", 11),
    _sum(2024, "build_other", "settlement", 5),
    _sum(2025, "operating", "settlement", 0),
]


def test_settlement_and_budget_are_never_one_line():
    figure = costs("costs", SUMS, fictional=True)
    assert [row[:3] for row in figure.rows] == [
        ("2024年度", "決算", 111),
        ("2025年度", "決算", 0),
        ("2025年度", "当初予算", 300),
    ]


def test_no_amount_is_not_zero():
    first, second, _ = cost_table(SUMS)
    assert first[2:] == (111, None, 5, None)
    assert second[2:] == (0, None, None, None)


def test_amounts_beyond_32_bits_stay_exact():
    huge = 9_007_199_254_740_993  # one more than a float can hold
    assert cost_table([_sum(2024, "operating", "contract", huge)])[0][2] == huge


def test_nothing_recorded_makes_no_figure():
    assert costs("costs", [], fictional=False) is None
    assert bar_chart("x", "空", [], "件") == ""


@pytest.mark.parametrize("largest", [0, 1, 2, 3, 5, 7, 11])
def test_an_axis_counts_in_whole_numbers(largest):
    bars = [Bar(label="甲", value=largest), Bar(label="乙", value=0)]
    for draw in (bar_chart, line_chart):
        texts = re.findall(r">([^<>]+)</", draw(f"whole-{largest}", "件数", bars, "件"))
        numbers = [text for text in texts if text[0].isdigit()]
        assert "0" in numbers and all(text.isdigit() for text in numbers), texts


def test_a_chart_is_named_in_japanese_and_carries_no_style_or_english_roles():
    bars = [Bar(label="甲市 <&>", value=12, series=name) for name in ("単独", "共同")]
    for number, draw in enumerate((bar_chart, line_chart)):
        root = ElementTree.fromstring(draw(f"k{number}", "甲市の比較", bars, "円"))
        assert (root.get("role"), root.get("aria-label")) == ("img", "甲市の比較")
        inner = [element for element in root.iter() if element is not root]
        assert not any({"role", "style"} & set(element.attrib) for element in inner)
        assert not any(name.startswith("aria-") for e in inner for name in e.attrib)
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert all(identifier.startswith(f"k{number}-") for identifier in ids)
        texts = "".join(root.itertext())
        assert "甲市 <&>" in texts
        # The series is said in words beside each value, never by colour alone.
        assert "単独 12" in texts and "共同 12" in texts


def _read(archive: bytes) -> dict[str, list[list[str]]]:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        return {
            name: list(csv.reader(io.StringIO(files.read(name).decode("utf-8"))))
            for name in files.namelist()
        }


FIGURE = Figure(
    key="k",
    title="題",
    columns=(
        Column(key="body", label="団体"),
        Column(key="yen", label="負担", type="yen", unit="円", definition="税込"),
        Column(key="cases", label="件数", type="integer", unit="件"),
    ),
    rows=(("=1+1町", 1234, None), ("乙町", 0, 3)),
    source="出典",
    as_of="2026-11-20",
    fictional=True,
)


def test_a_figure_downloads_as_long_data_with_dictionary_codes_and_changelog():
    files = _read(figure_zip(FIGURE, date(2026, 11, 20)))
    assert set(files) == {"data.csv", "data_dictionary.csv", "codes.csv", "changelog.csv"}
    header, *rows = files["data.csv"]
    assert header == ["body", "measure", "value", "unit", "fictional", "as_of"]
    assert rows == [
        ["'=1+1町", "yen", "1234", "円", "1", "2026-11-20"],
        ["'=1+1町", "cases", "", "件", "1", "2026-11-20"],
        ["乙町", "yen", "0", "円", "1", "2026-11-20"],
        ["乙町", "cases", "3", "件", "1", "2026-11-20"],
    ]
    described = {row[0] for row in files["data_dictionary.csv"][1:]}
    assert described == set(header)
    measures = {row[1] for row in files["codes.csv"] if row[0] == "measure"}
    assert measures == {"yen", "cases"}


def test_the_same_figure_is_the_same_bytes():
    day = date(2026, 11, 20)
    assert figure_zip(FIGURE, day) == figure_zip(FIGURE, day)
