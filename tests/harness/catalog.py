"""A small catalog made by the real services: two versions, a draft, a withdrawn entry, cases."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from accounts.roles import SYSTEM, Role
from app import create_app
from catalog import services
from catalog.entries import (
    CaseEntry,
    CaseKind,
    CaseParticipantEntry,
    OfferEntry,
    OfferingEntry,
    PlanEntry,
    VendorEntry,
)
from catalog.models import Offering, PolicyItem, Vendor
from foundation.db import Database
from tests.harness.builders import (
    NOW,
    TODAY,
    corporate_number,
    make_body,
    make_case,
    make_system_type,
    make_user,
    organization_of,
)
from tests.harness.client import StrictClient
from tests.harness.example import example_config, sign_in

# Values planted where only some may read: a response that holds one says who leaked it.
GOVERNMENT_MARK = "行政だけの目印9f2"
DRAFT_MARK = "下書きの目印7c1"

TIERED_PLAN: dict[str, Any] = {
    "name": "標準",
    "components": [
        {
            "key": "setup",
            "name": "初期設定",
            "kind": "initial",
            "unit": "flat",
            "period": "once",
            "unit_price": "100000",
        },
        {
            "key": "use",
            "name": "利用料",
            "kind": "recurring",
            "unit": "account",
            "period": "month",
            "tiers": [
                {"from_qty": 1, "unit_price": "1000"},
                {"from_qty": 101, "unit_price": "800.5"},
            ],
        },
    ],
}
ANSWERS: dict[str, Any] = {
    "purposes": ["staff_work"],
    "delivery_model": "saas",
    "lgwan_endpoint": "no",
    "hosting": "other_cloud",
    "data_location": "domestic",
    "certifications": ["none"],
    "customization_policy": "none",
    "export_formats": ["csv"],
    "exit_support": "included",
    "exit_notice_months": 3,
    "deletion_proof": "yes",
    "other_cloud": "data_only",
    "security_measures": GOVERNMENT_MARK,
}


@dataclass(frozen=True)
class SmallCatalog:
    """Ids of what `fill` made."""

    vendor: int
    other_vendor: int
    offering: int
    second: int
    draft: int
    withdrawn: int
    case: int
    plain_case: int
    real_case: int
    body_code: str
    vendor_email: str
    staff_email: str


def vendor_entry(last_twelve: str = "999900000901", **facts: Any) -> VendorEntry:
    defaults: dict[str, Any] = {"name": "架空文書株式会社", "fictional": True}
    return VendorEntry(
        corporate_number=corporate_number(last_twelve), registered_on=TODAY, **(defaults | facts)
    )


def offering_entry(maker: Vendor, **facts: Any) -> OfferingEntry:
    """A complete entry with one seller and one tiered plan."""
    defaults: dict[str, Any] = {
        "key": "small-1",
        "system_type_code": "generative_ai",
        "name": "架空アシスト",
        "summary": "架空の対話サービスです。",
        "registered_on": TODAY,
        "answers": ANSWERS,
        "offers": (
            OfferEntry(seller_id=maker.id, plans=(PlanEntry(name="標準", definition=TIERED_PLAN),)),
        ),
        "fictional": True,
    }
    return OfferingEntry(maker_id=maker.id, **(defaults | facts))


def case_entry(**facts: Any) -> CaseEntry:
    defaults: dict[str, Any] = {
        "key": "small-case-1",
        "kind": CaseKind.JOINT,
        "title": "架空アシストの共同調達",
        "system_type_code": "generative_ai",
        "lead_body_name": "架空中央市",
        "first_published_on": TODAY,
        "last_confirmed_on": TODAY,
        "fictional": True,
    }
    return CaseEntry(**(defaults | facts))


def publish(session: Session, entry: OfferingEntry) -> Offering:
    """The entry with its first version."""
    offering = services.create_offering(session, actor=SYSTEM, now=NOW, entry=entry)
    services.publish_offering_version(
        session, actor=SYSTEM, now=NOW, offering_id=offering.id, entry=entry
    )
    return offering


def fill(session: Session) -> SmallCatalog:
    """Everything a catalog page can show, once."""
    make_system_type(session, "generative_ai", name="生成AI")
    make_system_type(session, "core_business", name="基幹業務", policy_scope="standard_20")
    body = make_body(session, "架空中央市", population_census_2020=30_000, staff_general_2024=200)
    vendor = services.register_vendor(session, actor=SYSTEM, now=NOW, entry=vendor_entry())
    other = services.register_vendor(
        session,
        actor=SYSTEM,
        now=NOW,
        entry=vendor_entry("999900000902", name="架空ほか株式会社"),
    )
    entry = offering_entry(vendor)
    offering = publish(session, entry)
    services.publish_offering_version(
        session,
        actor=SYSTEM,
        now=NOW,
        offering_id=offering.id,
        entry=replace(entry, name="架空アシスト2", answers=ANSWERS | {"lgwan_endpoint": "yes"}),
        change_note="名称とLGWANの回答を変えました",
    )
    second = publish(session, offering_entry(other, key="small-2", name="架空ノート"))
    draft = services.create_offering(
        session,
        actor=SYSTEM,
        now=NOW,
        entry=offering_entry(vendor, key="small-draft", name=DRAFT_MARK, summary=DRAFT_MARK),
    )
    withdrawn = publish(session, offering_entry(vendor, key="small-gone", name="架空旧製品"))
    services.withdraw_offering(
        session, actor=SYSTEM, now=NOW, offering_id=withdrawn.id, reason="販売終了"
    )
    case = services.publish_case(
        session,
        actor=SYSTEM,
        now=NOW,
        entry=case_entry(
            lead_body_code=body.code,
            prefecture_code="99",
            last_confirmed_on=date(2025, 10, 1),
            know_how="仕様を先に決めると早く進みました。",
            measured_effects=("作成時間が3割減りました",),
            participants=(CaseParticipantEntry(body_code=body.code),),
            participant_count=6,
            contract_amount_yen=1_200_000,
            tax_included=True,
            offering_keys=("small-1",),
            source_url="https://source.example/case",
            source_kind="official",
        ),
    )
    plain = make_case(session, title="記載の少ない事例", last_confirmed_on=TODAY)
    real = make_case(session, title="実在の事例", fictional=False, prefecture_code="25")
    _add_policy_items(session)
    vendor_user = make_user(session, vendor.organization, Role.VENDOR_STAFF)
    staff = make_user(session, organization_of(session, body), Role.MUNICIPAL_STAFF)
    return SmallCatalog(
        vendor=vendor.id,
        other_vendor=other.id,
        offering=offering.id,
        second=second.id,
        draft=draft.id,
        withdrawn=withdrawn.id,
        case=case.id,
        plain_case=plain.id,
        real_case=real.id,
        body_code=body.code,
        vendor_email=vendor_user.email,
        staff_email=staff.email,
    )


@dataclass
class OpenedCatalog:
    """An application over a catalog, and who reads its pages."""

    app: Flask
    catalog: SmallCatalog

    @property
    def database(self) -> Database:
        database: Database = self.app.extensions["moyai_database"]
        return database

    def reader(self, email: str = "") -> StrictClient:
        """Somebody at the pages: that person, or a visitor."""
        client = StrictClient(self.app)
        if email:
            sign_in(client, email)
        return client


@contextmanager
def open_catalog(empty_sqlite: Path, folder: Path) -> Iterator[tuple[Flask, SmallCatalog]]:
    """An application over the small catalog."""
    (folder / "moyai.db").write_bytes(empty_sqlite.read_bytes())
    app = create_app(example_config(folder))
    database: Database = app.extensions["moyai_database"]
    with database.transaction() as session:
        catalog = fill(session)
    try:
        yield app, catalog
    finally:
        database.dispose()


def visitor(app: Flask) -> StrictClient:
    return StrictClient(app)


def _add_policy_items(session: Session) -> None:
    common = {"source_doc": "取りまとめ2026 概要（決定案）", "source_lines": "S3:654-684"}
    for fiscal_year, number, name, outcome in (
        (0, 1, "住民基本台帳", ""),
        (2025, 1, "入札参加資格審査システム", "commonize"),
        (2026, 3, "住民からの通報等システム", "other_method"),
        (2026, 10, "幼稚園の被害状況等システム", "unclear"),
        (2026, 11, "指導検査業務のシステム", "unclear"),
    ):
        session.add(
            PolicyItem(
                kind="commonization_target" if fiscal_year else "standard_20",
                decision_fy=fiscal_year,
                item_no=number,
                name=name,
                outcome=outcome,
                **common,
            )
        )


def decide_common_target(session: Session, keywords: str = "対話サービス") -> None:
    """The state decides to make one system of what these words find, from FY2027."""
    session.add(
        PolicyItem(
            kind="commonization_target",
            decision_fy=2027,
            item_no=1,
            name="対話の共通化",
            keywords=keywords,
            source_doc="見本の資料",
            source_lines="S3:1-2",
        )
    )
    session.flush()
