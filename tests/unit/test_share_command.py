"""`flask procurement share`: the calculator at the command line (surfaces.md)."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from procurement.cli import procurement_group

TOWNS = """code,name,population,standalone_yen,ceiling_yen
252018,大津市,345070,500,700
252026,彦根市,113647,600,
252034,長浜市,113636,,100
"""


def run(folder: Path, content: str | bytes, *arguments: str, total: str = "1000") -> Result:
    file = folder / "members.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    words = ["share", "--members", str(file), "--total", total, *arguments]
    return CliRunner().invoke(procurement_group, words)


def test_json_holds_what_surfaces_promise(tmp_path: Path) -> None:
    result = run(tmp_path, TOWNS, "--rule", "population", "--format", "json")
    assert result.exit_code == 0, result.stderr
    data = json.loads(result.stdout)
    # 1000 × 345070/572353 = 602.90, 198.56, 198.54
    assert data["members"] == [
        {
            "code": "252018",
            "name": "大津市",
            "share_yen": 603,
            "ratio": str(Decimal(345070) / 572353),
            "standalone_yen": 500,
            "saving_yen": -103,
            "over_ceiling": False,
        },
        {
            "code": "252026",
            "name": "彦根市",
            "share_yen": 199,
            "ratio": str(Decimal(113647) / 572353),
            "standalone_yen": 600,
            "saving_yen": 401,
            "over_ceiling": False,
        },
        {
            "code": "252034",
            "name": "長浜市",
            "share_yen": 198,
            "ratio": str(Decimal(113636) / 572353),
            "standalone_yen": None,
            "saving_yen": None,
            "over_ceiling": True,
        },
    ]
    assert data["total_yen"] == 1000
    assert data["rule"] == "population"
    assert data["rounding"] == "largest_remainder"
    assert data["prefecture_yen"] == data["shortfall_yen"] == 0
    assert data["lead_code"] is None
    assert len(data["version_sha256"]) == 64


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_encodings_and_line_ends_give_the_same_answer(tmp_path: Path, encoding: str) -> None:
    content = TOWNS.replace("\n", "\r\n").encode(encoding)
    result = run(tmp_path, content, "--rule", "population", "--format", "json")
    expected = run(tmp_path, TOWNS, "--rule", "population", "--format", "json")
    assert result.exit_code == 0
    assert result.stdout == expected.stdout


def test_csv_rows_sum_to_the_total(tmp_path: Path) -> None:
    result = run(
        tmp_path, TOWNS, "--rule", "equal", "--format", "csv", "--prefecture-part", "10%",
        "--round", "floor:100", "--lead", "252018",
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["share_yen"] for row in rows] == ["300", "300", "300", "100"]
    assert rows[-1]["name"] == "都道府県負担分"
    short = run(
        tmp_path, TOWNS, "--rule", "equal", "--format", "csv", "--round", "floor:100",
        "--lead", "252018",
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(short.stdout)))
    assert [row["share_yen"] for row in rows] == ["300", "300", "300", "100"]
    assert rows[-1]["name"] == "切捨て不足分（幹事団体 大津市）"


def test_table_is_aligned_and_says_rule_and_total(tmp_path: Path) -> None:
    result = run(tmp_path, TOWNS, "--rule", "mixed:equal=30,population=70")
    assert "均等割30%・人口割70%" in result.stdout
    assert "総額 1,000円" in result.stdout
    assert "上限超過" in result.stdout
    [otsu] = [line for line in result.stdout.splitlines() if line.startswith("252018")]
    assert "人口 345070" in otsu


def test_full_width_numbers_and_commas_are_read(tmp_path: Path) -> None:
    content = 'code,name,population\n２５２０１８,大津市,"345,070"\n252026,彦根市,１１３６４７\n'
    result = run(tmp_path, content, "--rule", "population", total="１,０００円")
    assert result.exit_code == 0, result.stderr
    assert "252018" in result.stdout


def test_one_bad_row_among_ten_thousand_is_named(tmp_path: Path) -> None:
    rows = [f"{n:06d},町{n},{n}" for n in range(1, 10_001)]
    rows[7_776] = "007777,町,七千"
    result = run(tmp_path, "\n".join(["code,name,population", *rows]), "--rule", "population")
    assert result.exit_code == 1
    assert "7778行目 population：「七千」" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("content", "rule", "reason"),
    [
        (
            "code,name\n252018,大津市\n",
            "population",
            "1行目：列「population」（人口）がありません。",
        ),
        ("code,population\n252018,1\n", "population", "列「name」がありません"),
        ("code,name,population\n252018,大津市,-5\n", "population", "2行目 population：「-5」"),
        ("code,name,population\n252018,大津市,1.5\n", "population", "2行目 population"),
        ("code,name,population\n,大津市,5\n", "population", "2行目 code：空欄"),
        ("code,name\n1,a\n\n2,b\n1,c\n", "equal", "5行目 code：「1」は2行目にもあります"),
        ("code,name,population\n075469,双葉町,0\n", "population", "双葉町：人口が0のため"),
        ("code,name,population\n075469,双葉町,\n", "population", "双葉町：人口が記載されていない"),
        ("code,name,percent\n1,a,50\n2,b,49.9\n", "fixed_table", "現在99.9%"),
        ("", "equal", "ファイルが空です"),
        ("code,name\n", "equal", "団体の行がありません"),
        ("code,name\n1,a,9\n", "equal", "2行目：列が3個"),
        ("code,name,name\n1,a,b\n", "equal", "列「name」が2つ"),
        ("code,name\n1,a\n", "mixed:equal=50,population=40", "現在90%"),
    ],
)
def test_refusals_say_why_and_exit_1(tmp_path: Path, content: str, rule: str, reason: str) -> None:
    result = run(tmp_path, content, "--rule", rule)
    assert result.exit_code == 1
    assert reason in result.stderr


def test_bytes_in_no_known_encoding_are_refused(tmp_path: Path) -> None:
    result = run(tmp_path, b"code,name\n1,\x81\xff\xfe\n", "--rule", "equal")
    assert result.exit_code == 1
    assert "文字コード" in result.stderr


def test_negative_total_and_impossible_cap_are_refused(tmp_path: Path) -> None:
    assert run(tmp_path, TOWNS, "--rule", "equal", total="-1").exit_code == 1
    capped = run(tmp_path, TOWNS.replace(",,100", ",50,100"), "--rule", "equal", "--cap",
                 "standalone", total="1151")  # fmt: skip
    assert capped.exit_code == 1
    assert "1円足りません" in capped.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--rule", "jinkou"],
        ["--rule", "equal", "--round", "half_up"],
        ["--rule", "equal", "--prefecture-part", "三割"],
        ["--rule", "equal", "--cap", "half"],
        ["--rule", "equal", "--format", "xml"],
        [],
    ],
)
def test_wrong_usage_exits_2(tmp_path: Path, arguments: list[str]) -> None:
    assert run(tmp_path, TOWNS, *arguments).exit_code == 2
    assert run(tmp_path, TOWNS, "--rule", "equal", total="千円").exit_code == 2


def test_codes_that_are_no_body_codes_and_unused_columns_are_said(tmp_path: Path) -> None:
    result = run(tmp_path, "code,name,mayor\n7,a,b\n", "--rule", "equal")
    assert result.exit_code == 0
    assert "6桁" in result.stderr
    assert "mayor" in result.stderr


@pytest.mark.parametrize("sign", list("=+-@＝＋－＠"))
def test_no_cell_of_the_csv_runs_as_a_formula(tmp_path: Path, sign: str) -> None:
    table = f"code,name,population\n252018,{sign}1+1,345070\n252026,彦根市,113647\n"
    result = run(tmp_path, table, "--rule", "population", "--format", "csv")
    names = [row["name"] for row in csv.DictReader(io.StringIO(result.stdout))]
    assert names[0][0] == "'"
    assert names[1] == "彦根市"
