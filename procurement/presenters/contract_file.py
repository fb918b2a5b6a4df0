"""The signed documents of a project as a table for programs: one row a measure."""

from collections.abc import Mapping, Sequence

from procurement.queries.contract_prices import OwnPriceRow
from procurement.queries.contracts import ContractRow

CSV_COLUMNS = (
    *("project_id", "contract", "kind", "wave", "term", "body_code", "buyer", "partner"),
    *("number", "signed_on", "starts_on", "ends_on"),
    *("measure", "item", "value", "unit", "reason", "fictional"),
)


def csv_rows(
    project_id: int,
    fictional: bool,
    rows: Sequence[ContractRow],
    prices: Mapping[int, Sequence[OwnPriceRow]],
    lead: str,
) -> list[list[str]]:
    """Amounts in whole yen, and unit prices in tax-excluded yen where a contract has its own.

    rows: as the reader may see them. prices: by contract; why is for who reads all of it.
    lead: name of the lead body, the partner of a document without a vendor.
    """
    found = []
    for row in rows:
        head = _head(project_id, row, lead)
        measures = [
            ("amount_yen", row.amount_yen),
            ("amount_with_tax_yen", row.amount_with_tax_yen),
            ("changed_amount_yen", row.current_yen if row.changed_yen else None),
        ]
        said = [[name, "", str(yen), "円", ""] for name, yen in measures if yen is not None]
        for each in prices.get(row.id, ()):
            reason = each.reason if row.private else ""
            price = f"{each.unit_price.normalize():f}"
            said.append(["unit_price", each.item, price, "円", reason])
        found += [
            [*head, *measure, "1" if fictional else "0"]
            for measure in said or [["", "", "", "", ""]]
        ]
    return found


def _head(project_id: int, row: ContractRow, lead: str) -> list[str]:
    days = (row.signed_on, row.starts_on, row.changed_end or row.ends_on)
    return [
        str(project_id),
        str(row.id),
        row.kind.value,
        str(row.wave),
        str(row.term),
        row.body_code,
        row.buyer_name,
        row.vendor_name or lead,
        row.number,
        *(day.isoformat() if day else "" for day in days),
    ]
