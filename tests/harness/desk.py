"""A vendor's desk for tests: a vendor with two people, an operator, a complete draft."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from accounts.roles import Actor, Role
from catalog.desk import drafts, submissions
from catalog.desk.contents import find_section, part_sha256, sha256_of
from catalog.desk.models import OfferingDraft, OfferingSubmission
from catalog.desk.registration import number_of
from catalog.models import Offering
from foundation.db import Database
from tests.harness.builders import (
    NOW,
    make_actor,
    make_organization,
    make_system_type,
    make_vendor,
)
from tests.harness.catalog import ANSWERS, TIERED_PLAN

PLAN: dict[str, Any] = {
    "name": "標準",
    "definition": TIERED_PLAN,
    "tax_rate_percent": "10",
    "not_included": "",
    "price_basis": "",
}


@dataclass
class Desk:
    """Who acts, and what they do, each in a transaction of its own."""

    database: Database
    vendor: Actor
    colleague: Actor
    stranger: Actor
    operator: Actor
    vendor_id: int
    offering_id: int = 0
    keys: list[str] = field(default_factory=list)

    def start(self, name: str = "架空アシスト") -> int:
        """A new entry with nothing answered."""
        self.keys.append(f"desk-{len(self.keys)}")
        with self.database.transaction() as session:
            offering = drafts.start_offering(
                session,
                actor=self.vendor,
                now=NOW,
                key=self.keys[-1],
                name=name,
                summary="架空の対話サービスです。",
                system_type_code="generative_ai",
            )
            self.offering_id = offering.id
        return self.offering_id

    def content(self) -> dict[str, Any]:
        with self.database.read_session() as session:
            return stored(session, self.offering_id)

    def save(
        self, key: str, part: dict[str, Any], actor: Actor | None = None, seen: str = ""
    ) -> None:
        """Save one page of the form as it is now, or as it was seen."""
        section = find_section(key)
        assert section
        with self.database.transaction() as session:
            drafts.save_part(
                session,
                actor=actor or self.vendor,
                now=NOW,
                offering_id=self.offering_id,
                section_key=key,
                part=part,
                seen_sha256=seen or part_sha256(stored(session, self.offering_id), section),
            )

    def answer(self, **answers: Any) -> None:
        """Answer these questions, each on its page, the other answers kept."""
        from catalog.criteria import criteria_by_key

        for key, value in answers.items():
            own = self.content()["answers"] | {key: value}
            self.save(criteria_by_key()[key].group.value, {"answers": own})

    def price(self, plan: dict[str, Any] | None = None) -> None:
        """One plan, sold by the maker."""
        offer = {
            "seller_id": self.vendor_id,
            "contract_conditions": "",
            "plans": [plan or PLAN],
        }
        self.save("prices", {"offers": [offer]})

    def complete(self) -> None:
        """A whole draft, ready to be handed in."""
        self.start()
        self.answer(**ANSWERS)
        self.price()

    def submit(self, note: str = "") -> OfferingSubmission:
        with self.database.transaction() as session:
            offering = session.get_one(Offering, self.offering_id)
            seen = submissions.Seen(
                content_sha256=sha256_of(stored(session, self.offering_id)),
                version=offering.current_version,
            )
            submission = submissions.submit_offering(
                session,
                actor=self.vendor,
                now=NOW,
                offering_id=self.offering_id,
                seen=seen,
                change_note=note,
            )
            session.flush()
            session.expunge(submission)
            return submission

    def approve(self, submission: OfferingSubmission, reply: str = "") -> int:
        with self.database.transaction() as session:
            maker = session.get_one(Offering, submission.offering_id).vendor
            return submissions.approve_submission(
                session,
                actor=self.operator,
                now=NOW,
                submission_id=submission.id,
                seen_sha256=submission.content_sha256,
                seen_number=number_of(maker),
                reply=reply,
            )

    def send_back(self, submission: OfferingSubmission, reply: str) -> None:
        with self.database.transaction() as session:
            submissions.send_back_submission(
                session,
                actor=self.operator,
                now=NOW,
                submission_id=submission.id,
                seen_sha256=submission.content_sha256,
                reply=reply,
            )

    def publish(self) -> None:
        """A complete entry with its first version."""
        self.complete()
        self.approve(self.submit())

    def status(self) -> tuple[str, int]:
        with self.database.read_session() as session:
            offering = session.get_one(Offering, self.offering_id)
            return offering.publication_status, offering.current_version


def stored(session: Session, offering_id: int) -> dict[str, Any]:
    offering = session.get_one(Offering, offering_id)
    return drafts.current_content(session, offering, session.get(OfferingDraft, offering_id))


def make_desk(database: Database) -> Desk:
    """Two people of one vendor, one of another, an operator."""
    with database.transaction() as session:
        make_system_type(session, "generative_ai", name="生成AI")
        vendor, other = make_vendor(session), make_vendor(session)
        operator = make_organization(session, "operator", alternate_key="operator")
        return Desk(
            database=database,
            vendor=make_actor(session, vendor.organization, Role.VENDOR_STAFF),
            colleague=make_actor(session, vendor.organization, Role.VENDOR_MANAGER),
            stranger=make_actor(session, other.organization, Role.VENDOR_MANAGER),
            operator=make_actor(session, operator, Role.OPERATOR),
            vendor_id=vendor.id,
        )
