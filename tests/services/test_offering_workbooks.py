"""What is exported as a workbook comes in again to the letter; its child rows are named."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from accounts.roles import SYSTEM
from catalog.entries import OfferEntry, OfferingEntry, PlanEntry
from catalog.importing import sheets
from catalog.importing.runs import OFFERINGS, CatalogImport, run_import
from catalog.importing.workbooks import child_sheets, offerings_workbook
from catalog.models import Offering, OfferingVersion, PricePlan, Vendor
from catalog.services import register_vendor
from foundation.db import Database
from foundation.tables import UnreadableTable
from tests.harness.builders import NOW, make_system_type
from tests.harness.catalog import ANSWERS, TIERED_PLAN, offering_entry, publish, vendor_entry


class Book:
    """A workbook of every published entry, to be changed and taken in."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.path = folder / "offerings.xlsx"
        self.database = database
        with database.read_session() as session:
            content, self.entries = offerings_workbook(session)
        self.path.write_bytes(content)

    def change(self, change: Callable[[Any], None]) -> None:
        book = load_workbook(self.path)
        change(book)
        book.save(self.path)

    def take(self, path: Path | None = None) -> CatalogImport:
        return run_import(
            self.database,
            path or self.path,
            OFFERINGS,
            actor=SYSTEM,
            now=NOW,
            progress=lambda _rows: None,
        )

    def reasons(self) -> list[str]:
        try:
            return [str(problem) for problem in self.take().staged.problems]
        except UnreadableTable as error:
            return str(error).splitlines()


@pytest.fixture
def book(database: Database, tmp_path: Path) -> Book:
    with database.transaction() as session:
        make_system_type(session, "generative_ai", name="生成AI")
        makers = [
            register_vendor(session, actor=SYSTEM, now=NOW, entry=vendor_entry(number))
            for number in ("999900000901", "999900000902")
        ]
        for n, maker in enumerate(makers, start=1):
            publish(session, odd_entry(makers, maker, n))
    return Book(database, tmp_path)


def odd_entry(makers: list[Vendor], maker: Vendor, n: int) -> OfferingEntry:
    """What a plain table cannot say: each seller its own plans and words; signs that mislead."""
    mine = PlanEntry(
        name="段階", definition={**TIERED_PLAN, "name": "段階"}, not_included="移行・研修"
    )
    flat = PlanEntry(name="定額（税抜）", definition=_FLAT, tax_rate_percent=Decimal("8"))
    # A definition as somebody else once wrote it: kept to the letter all the same.
    strange = PlanEntry(name="別の書き方", definition={**_FLAT, "name": "別の書き方", "note": "x"})
    other = next(vendor for vendor in makers if vendor is not maker)
    offers = (
        OfferEntry(seller_id=maker.id, contract_conditions="=1+1", plans=(mine, flat)),
        OfferEntry(seller_id=other.id, plans=(flat, strange) if n == 1 else ()),
    )
    answers = ANSWERS | {
        criterion.key: {
            criterion.choices[-1].key: {
                column.key: column.choices[0].key if column.choices else "2027-03-31"
                for column in criterion.columns
            }
        }
        for criterion in sheets.table_criteria().values()
        if criterion.key == "certificates"
    }
    return offering_entry(maker, key=f"odd-{n}", offers=offers, answers=answers)


_FLAT = {
    "name": "定額（税抜）",
    "components": [
        {
            "key": "base",
            "name": "基本料",
            "kind": "recurring",
            "unit": "flat",
            "period": "month",
            "unit_price": "30000.5000",
            "minimum_yen": 0,
        }
    ],
}


def test_a_workbook_of_everything_changes_nothing(book: Book) -> None:
    assert load_workbook(book.path).sheetnames == [sheets.MAIN, *child_sheets()]
    result = book.take()
    assert result.staged.problems == ()
    assert (result.added, result.changed, result.unchanged) == (0, 0, 2)
    assert book.entries == 2


def test_a_changed_child_row_makes_the_next_version(book: Book) -> None:
    keys: list[str] = []

    def change(opened: Any) -> None:
        sheet = opened[sheets.COMPONENTS]
        column = [cell.value for cell in sheet[1]].index(sheets.PRICE) + 1
        row = next(n for n in range(2, sheet.max_row + 1) if sheet.cell(n, column).value)
        sheet.cell(row, column, "1")
        keys.append(sheet.cell(row, 1).value)

    book.change(change)
    result = book.take()
    assert (result.added, result.changed) == (0, 1)
    with book.database.read_session() as session:
        offering = session.scalars(select(Offering).where(Offering.key == keys[0])).one()
        version = session.scalars(
            select(OfferingVersion).where(
                OfferingVersion.offering_id == offering.id,
                OfferingVersion.number == offering.current_version,
            )
        ).one()
        prices = [
            component.get("unit_price")
            for offer in version.offers
            for plan in offer["plans"]
            for component in plan["definition"]["components"]
        ]
        stored = session.scalars(select(PricePlan.definition)).all()
    assert "1" in prices
    assert any(c.get("unit_price") == "1" for d in stored for c in d["components"])


CERTIFICATES = next(t for t, c in sheets.table_criteria().items() if c.key == "certificates")


def _set(title: str, heading: str, value: Any) -> Callable[[Any], None]:
    def change(opened: Any) -> None:
        sheet = opened[title]
        column = [cell.value for cell in sheet[1]].index(heading) + 1
        sheet.cell(2, column, value)

    return change


@pytest.mark.parametrize(
    ("title", "heading", "value", "words"),
    [
        (sheets.SELLERS, "キー", "nowhere", "このファイルにありません"),
        (sheets.PLANS, sheets.SELLER, "9999999999999", "対応する行"),
        (sheets.COMPONENTS, "数える単位", "台数", "区分はありません"),
        (sheets.TIERS, sheets.FROM, "たくさん", "整数"),
        (sheets.TIERS, sheets.COMPONENT, "nothing", "対応する行"),
        (CERTIFICATES, sheets.ROW, "月面", "という行はありません"),
    ],
)
def test_a_faulty_child_row_is_named_by_sheet_line_and_column(
    book: Book, title: str, heading: str, value: Any, words: str
) -> None:
    book.change(_set(title, heading, value))
    with book.database.read_session() as session:
        before = session.scalar(select(func.count()).select_from(OfferingVersion))
    [reason, *_more] = [each for each in book.reasons() if words in each]
    assert f"{title} 2行目「{heading}」" in reason
    with book.database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(OfferingVersion)) == before
