"""Next versions written by few statements are the very rows the service writes one by one."""

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from accounts.roles import SYSTEM
from catalog.answers import format_answer
from catalog.criteria import CRITERIA
from catalog.entries import OfferEntry, OfferingEntry, PlanEntry, content_sha256
from catalog.importing import runs
from catalog.models import Offer, Offering, OfferingVersion, PricePlan, SearchOutbox, Vendor
from catalog.publishing import append_version, stored_content
from catalog.services import register_vendor
from foundation.db import Database
from tests.harness.builders import NOW, make_system_type
from tests.harness.catalog import ANSWERS, vendor_entry

PLANS = {
    "標準": {"unit_price": "1000", "not_included": "研修"},
    "大口": {"unit_price": "800", "not_included": ""},
    "試用": {"unit_price": "0", "not_included": "すべて"},
}


def plan(name: str, **changes: str) -> dict[str, Any]:
    said = PLANS[name] | changes
    component = {"key": "use", "name": "利用料", "kind": "recurring", "unit": "account"}
    return {
        "name": name,
        "components": [{**component, "period": "month", "unit_price": said["unit_price"]}],
        "not_included": said["not_included"],
    }


def write(path: Path, key: str, sellers: list[str], plans: list[Any], **cells: str) -> Path:
    answers = {c.csv_column: format_answer(c, ANSWERS.get(c.key)) for c in CRITERIA}
    row = {
        "キー": key,
        "名称": "続きのある掲載",
        "概要": "一行の概要。",
        "システム種別": "生成AI",
        "開発元": sellers[0],
        "販売元": "|".join(sellers),
        "架空": "true",
        "契約の条件": "年度ごとの契約",
        "料金プラン定義（JSON）": json.dumps(plans, ensure_ascii=False),
    }
    row |= answers | cells
    text = io.StringIO()
    out = csv.DictWriter(text, list(row))
    out.writeheader()
    out.writerow(row)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def entry(key: str, sellers: list[int], plans: list[Any], **changes: Any) -> OfferingEntry:
    """What `write` says, as the service takes it."""
    said = {
        "name": "続きのある掲載",
        "summary": "一行の概要。",
        "contract_conditions": "年度ごとの契約",
    } | changes
    return OfferingEntry(
        key=key,
        maker_id=sellers[0],
        system_type_code="generative_ai",
        name=said["name"],
        summary=said["summary"],
        registered_on=NOW.date(),
        answers=ANSWERS,
        fictional=True,
        offers=tuple(
            OfferEntry(
                seller_id=seller,
                contract_conditions=said["contract_conditions"],
                plans=tuple(
                    PlanEntry(
                        name=each["name"],
                        definition={"name": each["name"], "components": each["components"]},
                        tax_rate_percent=Decimal(10),
                        not_included=each["not_included"],
                    )
                    for each in plans
                ),
            )
            for seller in sellers
        ),
    )


def state_of(session: Session, key: str) -> dict[str, Any]:
    """Everything the tables say of an entry, without what numbers its rows."""
    offering = session.scalars(select(Offering).where(Offering.key == key)).one()
    versions = session.scalars(
        select(OfferingVersion)
        .where(OfferingVersion.offering_id == offering.id)
        .order_by(OfferingVersion.number)
    )
    offers = session.scalars(select(Offer).where(Offer.offering_id == offering.id)).all()
    plans = session.scalars(
        select(PricePlan).where(PricePlan.offer_id.in_([each.id for each in offers]))
    )
    sellers = {each.id: each.seller_id for each in offers}
    return {
        "entry": (offering.name, offering.summary, offering.current_version),
        "status": offering.publication_status,
        "row_version": offering.row_version,
        "versions": [(v.number, v.content_sha256, v.offers, v.answers) for v in versions],
        "offers": sorted((o.seller_id, o.contract_conditions, o.offered) for o in offers),
        "plans": sorted(
            (sellers[p.offer_id], p.name, p.position, str(p.definition), p.not_included, p.offered)
            for p in plans
        ),
        "queued": len(
            session.scalars(
                select(SearchOutbox).where(
                    SearchOutbox.kind == "offering", SearchOutbox.object_id == offering.id
                )
            ).all()
        ),
    }


def test_a_followed_entry_is_as_the_service_would_write_it(
    database: Database, tmp_path: Path
) -> None:
    """Sellers and plans come, go, come back and change; every step is as the service has it."""
    with database.transaction() as session:
        make_system_type(session, "generative_ai", name="生成AI")
        vendors = [
            register_vendor(session, actor=SYSTEM, now=NOW, entry=vendor_entry(number))
            for number in ("999900000901", "999900000902")
        ]
        numbers = [str(vendor.organization.corporate_number) for vendor in vendors]
        ids = [vendor.id for vendor in vendors]
    steps: list[tuple[int, list[Any], dict[str, str]]] = [
        (2, [plan("標準"), plan("試用")], {}),
        (1, [plan("標準", unit_price="900")], {}),
        (2, [plan("大口"), plan("標準", unit_price="900")], {"summary": "改めた概要。"}),
        (2, [plan("試用"), plan("大口", not_included="移行")], {"name": "改めた名称"}),
        (2, [plan("試用"), plan("大口")], {"contract_conditions": "複数年の契約"}),
    ]
    columns = {"summary": "概要", "name": "名称", "contract_conditions": "契約の条件"}
    for step, (sellers, plans, changes) in enumerate(steps):
        cells = {columns[name]: words for name, words in changes.items()}
        path = write(tmp_path / f"{step}.csv", "by-file", numbers[:sellers], plans, **cells)
        result = runs.run_import(
            database, path, runs.OFFERINGS, actor=SYSTEM, now=NOW, progress=lambda _rows: None
        )
        assert (result.added, result.changed) == ((1, 0) if step == 0 else (0, 1))
        with database.transaction() as session:
            wanted = entry("by-hand", ids[:sellers], plans, **changes)
            _by_hand(session, wanted)
        with database.read_session() as session:
            by_file, by_hand = state_of(session, "by-file"), state_of(session, "by-hand")
        # The service writes a new entry in two steps, hence one more of its row.
        by_hand["row_version"] -= 1
        assert by_file == by_hand, step


def _by_hand(session: Session, wanted: OfferingEntry) -> None:
    from catalog.publishing import add_offering

    found = session.scalar(select(Offering).where(Offering.key == wanted.key))
    offering = found or add_offering(session, wanted, now=NOW)
    append_version(session, offering, wanted, now=NOW, published_by=SYSTEM.label)


def test_an_entry_taken_down_is_shown_again_as_it_was(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        make_system_type(session, "generative_ai", name="生成AI")
        vendor = register_vendor(session, actor=SYSTEM, now=NOW, entry=vendor_entry())
        number = str(vendor.organization.corporate_number)
    path = write(tmp_path / "a.csv", "by-file", [number], [plan("標準")])

    def take() -> runs.CatalogImport:
        return runs.run_import(
            database, path, runs.OFFERINGS, actor=SYSTEM, now=NOW, progress=lambda _rows: None
        )

    take()
    with database.transaction() as session:
        session.execute(update(Offering).values(publication_status="withdrawn"))
    again = take()
    assert (again.added, again.changed, again.unchanged) == (0, 0, 1)
    with database.read_session() as session:
        said = state_of(session, "by-file")
        assert session.scalars(select(Vendor.id)).all()
    assert (said["status"], said["entry"][2], said["queued"]) == ("published", 1, 2)


def test_files_given_with_an_entry_stay_with_the_versions_a_file_makes(
    database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        make_system_type(session, "generative_ai", name="生成AI")
        vendor = register_vendor(session, actor=SYSTEM, now=NOW, entry=vendor_entry())
        number, vendor_id = str(vendor.organization.corporate_number), vendor.id
        wanted = entry("by-file", [vendor_id], [plan("標準")])
        given = {"token": "t", "sha256": "0" * 64}
        _by_hand(session, replace(wanted, files=(given,)))
    counts = []
    for step, price in enumerate(("", "900")):
        plans = [plan("標準", unit_price=price) if price else plan("標準")]
        path = write(tmp_path / f"{step}.csv", "by-file", [number], plans)
        result = runs.run_import(
            database, path, runs.OFFERINGS, actor=SYSTEM, now=NOW, progress=lambda _rows: None
        )
        counts.append((result.changed, result.unchanged))
    assert counts == [(0, 1), (1, 0)]
    with database.read_session() as session:
        versions = session.scalars(select(OfferingVersion).order_by(OfferingVersion.number)).all()
        assert [version.files for version in versions] == [[given], [given]]
        assert {content_sha256(stored_content(v)) == v.content_sha256 for v in versions} == {True}
