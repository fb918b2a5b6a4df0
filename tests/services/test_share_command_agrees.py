"""`flask procurement share` on a page's printed inputs gives the page's shares, rule by rule."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from tests.harness.example import ExampleData, open_example
from tests.harness.example_projects import COORDINATOR, FORMING, project_path, signed_in
from tests.harness.page import Page

# What the lead chooses on the terms page → the command's --rule.
RULES = {
    "equal": "equal",
    "population": "population",
    "households": "households",
    "quantity": "quantity",
    "degressive": "degressive",
    "banded": "banded:0=1,20000=1.5,90000=3",
    "fixed_table": "fixed_table",
    "mixed:population": "mixed:equal=37,population=63",
    "mixed:quantity": "mixed:equal=37,quantity=63",
}
LEAD = "992011"


@dataclass(frozen=True)
class Bill:
    """One kind of bill as printed. `part_yen` was taken off before sharing."""

    shared_yen: int
    part_yen: int
    total_yen: int
    shares: dict[str, int]
    shortfall_yen: int


@pytest.fixture(scope="module")
def own_app(example: ExampleData, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Example data whose terms these tests change."""
    with open_example(example, tmp_path_factory.mktemp("share") / "instance") as app:
        yield app


def yen(text: str) -> int:
    return int(text.replace(",", "").removesuffix("円"))


def printed(page: Page) -> list[Bill]:
    bills = []
    for caption in page.captions:
        amounts = re.search(
            r"税込 ([\d,]+円) − 都道府県等の負担 ([\d,]+円) ＝ 按分する額 ([\d,]+円)", caption
        )
        if amounts is None:
            continue
        shortfall = re.search(r"不足 ([\d,]+円)", caption)
        rows = page.table(caption)
        bills.append(
            Bill(
                total_yen=yen(amounts[1]),
                part_yen=yen(amounts[2]),
                shared_yen=yen(amounts[3]),
                shares={row["団体コード"]: yen(row["負担額"]) for row in rows if row["団体"]},
                shortfall_yen=yen(shortfall[1]) if shortfall else 0,
            )
        )
    return bills


def write_members(page: Page, path: Path) -> Path:
    """The printed inputs as the command's file."""
    rows = page.table("計算に使った数値")
    quantity = next(name for name in rows[0] if name.startswith("数量"))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["code", "name", "population", "households", "quantity", "percent"])
        for row in rows:
            figures = [row[name].replace(",", "") for name in ("人口（人）", "世帯数", quantity)]
            figures.append(row.get("負担割合", "").removesuffix("%"))
            out.writerow([row["団体コード"], row["団体"], *figures])
    return path


def share(app: Flask, members: Path, *options: str) -> dict[str, object]:
    result = app.test_cli_runner().invoke(
        args=["procurement", "share", "--members", str(members), *options, "--format", "json"]
    )
    assert result.exit_code == 0, result.output
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


@pytest.mark.parametrize("rounding", ["largest_remainder", "floor:1000"])
@pytest.mark.parametrize("choice", RULES)
def test_the_command_gives_the_shares_of_the_page(
    own_app: Flask, tmp_path: Path, choice: str, rounding: str
) -> None:
    lead = signed_in(own_app, COORDINATOR)
    form = lead.page(project_path(own_app, FORMING, "terms")).form("/terms", button="条件を保存")
    inputs = lead.page(project_path(own_app, FORMING, "sharing")).table("計算に使った数値")
    saved = form.submit(
        lead,
        initial_rule=choice,
        recurring_rule=choice,
        equal_percent="37",
        bands="0=1、20000=1.5、90000=3",
        percents=table_of([row["団体コード"] for row in inputs]),
        rounding=rounding,
        lead_code=LEAD,
        prefecture_part="33%",
    )
    assert saved.status_code == 302, saved.text
    page = lead.page(saved.location)
    bills, members = printed(page), write_members(page, tmp_path / "members.csv")
    assert len(bills) >= 2
    assert any(bill.part_yen for bill in bills)
    for bill in bills:
        assert bill.total_yen == bill.part_yen + bill.shared_yen
        common = ("--rule", RULES[choice], "--round", rounding, "--lead", LEAD)
        answer = share(own_app, members, "--total", str(bill.shared_yen), *common)
        assert shares_of(answer, bill) == bill.shares
        whole = share(
            own_app,
            members,
            *("--total", str(bill.total_yen), "--prefecture-part", str(bill.part_yen), *common),
        )
        assert shares_of(whole, bill) == bill.shares
        assert sum(bill.shares.values()) + bill.shortfall_yen == bill.shared_yen


def table_of(codes: list[str]) -> str:
    """Percentages of which the first body bears what the others leave."""
    others = codes[1:]
    first = Decimal(100) - Decimal("2.5") * len(others)
    return "\n".join([f"{codes[0]} {first}", *(f"{code} 2.5%" for code in others)])


def shares_of(answer: dict[str, object], bill: Bill) -> dict[str, int]:
    """The command's shares; the shortfall of floor:N is on its own line in both."""
    members = answer["members"]
    assert isinstance(members, list)
    assert answer["shortfall_yen"] == bill.shortfall_yen
    return {member["code"]: member["share_yen"] for member in members}
