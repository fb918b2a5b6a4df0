"""From draft to version and back: nothing unseen is approved, nobody overwritten."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from accounts.roles import VISITOR
from catalog.desk import drafts, queries, submissions, taking_down
from catalog.desk.contents import content_of, find_section, part_sha256, sha256_of
from catalog.desk.expiry import tell_of_expiry
from catalog.desk.models import OfferingReview
from catalog.desk.registration import number_of
from catalog.models import Offering, OfferingVersion, SearchOutbox
from catalog.publishing import find_version
from catalog.queries.offerings import get_version_page
from foundation.audit import AuditEvent
from foundation.clock import jst_today
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice, OutboxMail
from tests.harness.builders import NOW, corporate_number
from tests.harness.catalog import ANSWERS
from tests.harness.desk import PLAN, Desk, make_desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return make_desk(database)


@pytest.fixture
def quick(sqlite_database: Database) -> Desk:
    """As `desk`, for what no database decides."""
    return make_desk(sqlite_database)


def dearer(price: str = "1200") -> dict[str, Any]:
    plan = deepcopy(PLAN)
    plan["definition"]["components"][1]["tiers"][0]["unit_price"] = price
    return plan


def events(desk: Desk) -> list[str]:
    with desk.database.read_session() as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str | None]:
    return {blocker.field for blocker in refused.value.blockers}


def test_an_incomplete_draft_is_kept_but_not_handed_in(desk: Desk) -> None:
    desk.start()
    desk.answer(hosting="other_cloud")
    assert desk.content()["answers"] == {"hosting": "other_cloud"}
    with pytest.raises(Refused) as refused:
        desk.submit()
    assert {"purposes", "certifications", "offers"} <= codes(refused)
    assert "hosting" not in codes(refused)
    assert desk.status() == ("draft", 0)
    assert events(desk) == ["create_offering", "save_draft"]


def test_what_cannot_stand_is_not_saved_in_a_draft_either(quick: Desk) -> None:
    quick.start()
    with pytest.raises(Refused) as refused:
        quick.answer(hosting="moon")
    assert codes(refused) == {"hosting"}
    with pytest.raises(Refused, match="名称"):
        quick.save("basic", {"name": " ", "summary": "x", "system_type_code": "generative_ai"})
    broken = deepcopy(PLAN)
    broken["definition"]["components"][1]["tiers"][1]["unit_price"] = "2000"
    with pytest.raises(Refused, match="第2段階"):
        quick.price(broken)


def test_handed_in_sent_back_with_a_reason_then_published(desk: Desk) -> None:
    desk.complete()
    first = desk.submit()
    assert desk.status() == ("submitted", 0)
    with pytest.raises(Refused, match="理由"):
        desk.send_back(first, " ")
    desk.send_back(first, "概要をもう少し詳しく。")
    assert desk.status() == ("draft", 0)
    desk.save(
        "basic",
        {
            "name": "架空アシスト",
            "summary": "詳しい概要です。",
            "system_type_code": "generative_ai",
        },
    )
    assert desk.approve(desk.submit("直しました"), "確認しました。") == 1
    assert desk.status() == ("published", 1)
    with desk.database.read_session() as session:
        version = find_version(session, desk.offering_id, 1)
        assert version
        assert (version.summary, version.change_note) == ("詳しい概要です。", "直しました")
        titles = list(session.scalars(select(Notice.title).order_by(Notice.id)))
        assert titles == [
            "「架空アシスト」の審査が必要です",
            "「架空アシスト」の提出が差し戻されました",
            "「架空アシスト」の審査が必要です",
            "「架空アシスト」の第1版を公開しました",
        ]
        bodies = " ".join(session.scalars(select(OutboxMail.body)))
        assert "概要をもう少し詳しく。" in bodies
        assert "確認しました。" in bodies
        assert session.scalars(select(SearchOutbox.object_id)).all() == [desk.offering_id]
        verdicts = session.scalars(select(OfferingReview.verdict)).all()
        assert verdicts == ["sent_back", "approved"]
    assert events(desk)[-4:] == [
        "send_back_submission",
        "save_draft",
        "submit_offering",
        "approve_submission",
    ]


def test_a_safe_edit_is_public_at_once_and_looked_at_after(desk: Desk) -> None:
    desk.publish()
    desk.answer(support_hours="always")
    submission = desk.submit()
    assert (submission.review, submission.version) == ("after", 2)
    assert desk.status() == ("published", 2)
    with desk.database.read_session() as session:
        assert [row.id for row in queries.list_queue(session)] == [submission.id]
    assert desk.approve(submission) == 2
    assert desk.status() == ("published", 2)
    with desk.database.read_session() as session:
        assert queries.list_queue(session) == ()


def test_an_edit_nobody_needs_to_see_waits_for_nobody(quick: Desk) -> None:
    quick.publish()
    quick.answer(applicability_conditions="Windows 11")
    assert quick.submit().version == 2
    with quick.database.read_session() as session:
        assert queries.list_queue(session) == ()


def rename(desk: Desk) -> None:
    desk.save(
        "basic",
        {
            "name": "改名",
            "summary": "架空の対話サービスです。",
            "system_type_code": "generative_ai",
        },
    )


RISKY = {
    "price up": lambda desk: desk.price(dearer()),
    "price down": lambda desk: desk.price(dearer("900")),
    "name": rename,
    "data location": lambda desk: desk.answer(data_location="overseas"),
    "certification added": lambda desk: desk.answer(certifications=["ismap"]),
    "certificate": lambda desk: desk.answer(certificates={"ismap": {"number": "1"}}),
    "another plan": lambda desk: desk.save(
        "prices",
        {
            "offers": [
                {
                    "seller_id": desk.vendor_id,
                    "contract_conditions": "",
                    "plans": [PLAN, PLAN | {"name": "大口"}],
                }
            ]
        },
    ),
}


@pytest.mark.parametrize("risk", RISKY)
def test_a_risky_edit_waits_and_readers_see_the_old_version(
    sqlite_database: Database, risk: str
) -> None:
    desk = make_desk(sqlite_database)
    desk.publish()
    RISKY[risk](desk)
    desk.answer(support_hours="always")  # a safe edit with it waits too
    submission = desk.submit()
    assert (submission.review, submission.version) == ("before", None)
    assert desk.status() == ("published", 1)
    assert desk.approve(submission) == 2
    with desk.database.read_session() as session:
        old = get_version_page(session, VISITOR, desk.offering_id, 1)[1]
        assert old.name == "架空アシスト"
        assert old.offers[0].plans[0].plan.components[1].tiers[0].unit_price == 1000


def test_a_policy_scope_edit_waits(quick: Desk) -> None:
    quick.publish()
    with quick.database.transaction() as session:
        from tests.harness.builders import make_system_type

        make_system_type(session, "core_business", name="基幹業務", policy_scope="standard_20")
    quick.save(
        "basic",
        {
            "name": "架空アシスト",
            "summary": "架空の対話サービスです。",
            "system_type_code": "core_business",
        },
    )
    assert quick.submit().review == "before"


def test_approving_one_submission_never_approves_the_next(desk: Desk) -> None:
    desk.publish()
    desk.price(dearer("1200"))
    seen = desk.submit()
    desk.price(dearer("9000"))
    newer = desk.submit()
    with pytest.raises(Conflict, match="新しい提出に置き換え"):
        desk.approve(seen)
    assert desk.status() == ("published", 1)
    newer.content_sha256 = seen.content_sha256  # as a page opened before would send it
    with pytest.raises(Conflict, match="一致しません"):
        desk.approve(newer)
    assert desk.status() == ("published", 1)


def test_a_submission_is_decided_once(desk: Desk) -> None:
    desk.complete()
    submission = desk.submit()
    desk.approve(submission)
    with pytest.raises(Conflict, match="すでに処理"):
        desk.send_back(submission, "やはり直してください。")


def test_what_came_between_is_not_overwritten_by_an_approval(quick: Desk) -> None:
    """A file of the operator published version 2 while a price waited."""
    quick.publish()
    quick.price(dearer())
    waiting = quick.submit()
    with quick.database.transaction() as session:
        from catalog.desk.contents import entry_of
        from catalog.models import Offering
        from catalog.publishing import append_version

        offering = session.get_one(Offering, quick.offering_id)
        version = find_version(session, quick.offering_id, 1)
        assert version
        entry = entry_of(offering, content_of(version) | {"name": "取り込みの名称"})
        append_version(session, offering, entry, now=NOW, published_by="取り込み")
    with pytest.raises(Refused, match="第2版が公開されています"):
        quick.approve(waiting)


def test_the_vendor_takes_back_what_waits(quick: Desk) -> None:
    quick.complete()
    submission = quick.submit()
    with quick.database.transaction() as session:
        submissions.recall_submission(
            session,
            actor=quick.colleague,
            now=NOW,
            offering_id=quick.offering_id,
            submission_id=submission.id,
        )
    assert quick.status() == ("draft", 0)
    with pytest.raises(Conflict, match="取り下げ"):
        quick.approve(submission)


def test_two_people_save_the_same_page_and_the_second_sees_the_first(desk: Desk) -> None:
    desk.start()
    section = find_section("hosting")
    assert section
    seen = part_sha256(desk.content(), section)
    desk.save("hosting", {"answers": {"hosting": "other_cloud"}}, seen=seen)
    with pytest.raises(drafts.PartChanged) as changed:
        desk.save("hosting", {"answers": {"hosting": "on_premises"}}, desk.colleague, seen)
    assert changed.value.stored["answers"]["hosting"] == "other_cloud"
    assert desk.content()["answers"] == {"hosting": "other_cloud"}


def test_two_people_on_different_pages_keep_both_works(quick: Desk) -> None:
    quick.start()
    hosting, exit_page = find_section("hosting"), find_section("exit")
    assert hosting
    assert exit_page
    before = quick.content()
    quick.save(
        "hosting", {"answers": {"hosting": "other_cloud"}}, seen=part_sha256(before, hosting)
    )
    quick.save(
        "exit",
        {"answers": {"export_formats": ["csv"]}},
        quick.colleague,
        part_sha256(before, exit_page),
    )
    assert quick.content()["answers"] == {"hosting": "other_cloud", "export_formats": ["csv"]}


def test_a_strangers_entry_is_not_there(desk: Desk) -> None:
    desk.complete()
    for actor in (desk.stranger, desk.operator):
        with pytest.raises(NotFound):
            desk.save("hosting", {"answers": {}}, actor)
        with desk.database.read_session() as session, pytest.raises(NotFound):
            queries.get_entry_page(session, actor, desk.offering_id)
    with desk.database.transaction() as session, pytest.raises(Refused, match="権限"):
        submissions.approve_submission(
            session,
            actor=desk.vendor,
            now=NOW,
            submission_id=1,
            seen_sha256="",
            seen_number="",
            reply="",
        )


def test_a_first_entry_confirms_its_maker_under_the_number_that_was_seen(desk: Desk) -> None:
    desk.complete()
    submission = desk.submit()
    with desk.database.transaction() as session:
        maker = session.get_one(Offering, desk.offering_id).vendor
        maker.publication_status = "submitted"
        seen, right = number_of(maker), corporate_number("999900000983")
        maker.organization.corporate_number = right  # put right after the operator looked
    step: dict[str, Any] = {
        "actor": desk.operator,
        "now": NOW,
        "submission_id": submission.id,
        "seen_sha256": submission.content_sha256,
        "reply": "",
    }
    with desk.database.transaction() as session, pytest.raises(Conflict, match="番号を直しました"):
        submissions.approve_submission(session, **step, seen_number=seen)
    with desk.database.transaction() as session:
        assert submissions.approve_submission(session, **step, seen_number=right) == 1
        maker = session.get_one(Offering, desk.offering_id).vendor
        assert maker.publication_status == "published"


def test_the_yearly_renewal_copies_only_what_may_be_copied(quick: Desk) -> None:
    quick.complete()
    quick.answer(
        introduction_records=3, certificates={"ismap": {"number": "1"}}, certifications=["ismap"]
    )
    quick.approve(quick.submit())
    with quick.database.transaction() as session:
        drafts.renew_draft(
            session,
            actor=quick.vendor,
            now=NOW,
            offering_id=quick.offering_id,
            seen_sha256=sha256_of(quick.content()),
        )
    renewed = quick.content()["answers"]
    assert not {"introduction_records", "certificates", "certifications"} & set(renewed)
    assert renewed["hosting"] == ANSWERS["hosting"]
    with pytest.raises(Refused) as refused:
        quick.submit()
    assert codes(refused) == {"certifications"}


def test_an_earlier_version_comes_back_as_a_new_one(quick: Desk) -> None:
    quick.publish()
    quick.answer(support_hours="always")
    quick.submit()
    with quick.database.transaction() as session:
        drafts.revert_draft(
            session,
            actor=quick.vendor,
            now=NOW,
            offering_id=quick.offering_id,
            number=1,
            seen_sha256=sha256_of(quick.content()),
        )
    assert quick.submit().version == 3
    with quick.database.read_session() as session:
        hashes = dict(
            session.execute(select(OfferingVersion.number, OfferingVersion.content_sha256)).all()
        )
    assert hashes[1] == hashes[3] != hashes[2]


def test_nothing_changed_is_no_submission_and_a_discarded_draft_is_gone(quick: Desk) -> None:
    quick.publish()
    with pytest.raises(Refused, match="変わったところ"):
        quick.submit()
    quick.answer(support_hours="always")
    with quick.database.transaction() as session:
        drafts.discard_draft(
            session,
            actor=quick.vendor,
            now=NOW,
            offering_id=quick.offering_id,
            seen_sha256=sha256_of(quick.content()),
        )
    assert "support_hours" not in quick.content()["answers"]


def test_a_suspended_entry_is_hidden_and_comes_back_as_it_was(desk: Desk) -> None:
    desk.publish()
    step = {"actor": desk.operator, "now": NOW, "offering_id": desk.offering_id}
    with desk.database.transaction() as session:
        with pytest.raises(Refused, match="理由"):
            taking_down.suspend_offering(session, reason=" ", **step)
        taking_down.suspend_offering(session, reason="認証の確認中", **step)
    with desk.database.read_session() as session, pytest.raises(NotFound):
        get_version_page(session, VISITOR, desk.offering_id, 1)
    desk.answer(support_hours="always")
    waiting = desk.submit()
    assert waiting.review == "before"
    with pytest.raises(Refused, match="公開停止中"):
        desk.approve(waiting)
    with desk.database.transaction() as session:
        taking_down.resume_offering(session, reason="確認できました", **step)
    assert desk.status() == ("published", 1)
    assert desk.approve(waiting) == 2


def test_the_checks_name_what_a_person_should_look_at(quick: Desk) -> None:
    quick.complete()
    quick.answer(
        certifications=["ismap", "p_mark"],
        certificates={
            "ismap": {"number": "1", "valid_to": "2026-01-01"},
            "iso27001": {"number": "2", "valid_to": "2026-12-01"},
        },
    )
    submission = quick.submit()
    with quick.database.read_session() as session:
        page = queries.get_review_page(session, submission.id, jst_today(NOW))
    said = {finding.check: finding for finding in page.findings}
    assert said["認証"].weight.value == "fault"
    assert "ISMAPの有効期限2026-01-01が過ぎています" in said["認証"].text
    assert "選ばれていません" in said["認証"].text
    assert "近づいています" in said["認証"].text
    assert "プライバシーマークの番号が記載なし" in said["認証"].text
    assert "比較件数不足" in said["価格"].text
    assert page.first


def test_a_price_far_from_the_others_is_a_question(quick: Desk) -> None:
    for number in range(6):
        quick.complete()
        quick.price(dearer(str(1000 + number)))
        quick.approve(quick.submit())
    quick.complete()
    quick.price(dearer("100000"))
    submission = quick.submit()
    with quick.database.read_session() as session:
        page = queries.get_review_page(session, submission.id, jst_today(NOW))
    [price] = [finding for finding in page.findings if finding.check == "価格"]
    assert "外れ値" in price.text
    assert "6件" in price.text


def test_a_vendor_is_told_once_of_a_certificate_that_runs_out(desk: Desk) -> None:
    desk.complete()
    desk.answer(
        certifications=["ismap", "p_mark"],
        certificates={
            "ismap": {"number": "1", "valid_to": "2027-01-10"},
            "p_mark": {"number": "2", "valid_to": "2027-03-31"},
        },
    )
    desk.approve(desk.submit())
    early = NOW.replace(hour=20)  # five in the morning in Japan
    assert tell_of_expiry(desk.database, early) == 0
    assert tell_of_expiry(desk.database, NOW) == 1
    assert tell_of_expiry(desk.database, NOW) == 0
    assert tell_of_expiry(desk.database, NOW + timedelta(days=1)) == 0  # told before
    # The first is over by then, the other one near; each is told of once.
    assert tell_of_expiry(desk.database, NOW + timedelta(days=80)) == 2
    assert tell_of_expiry(desk.database, NOW + timedelta(days=81)) == 0
    with desk.database.read_session() as session:
        titles = list(session.scalars(select(Notice.title).order_by(Notice.id)))
    assert titles[-3:] == [
        "「架空アシスト」のISMAPの有効期限は2027-01-10です",
        "「架空アシスト」のISMAPの有効期限（2027-01-10）が過ぎました",
        "「架空アシスト」のプライバシーマークの有効期限は2027-03-31です",
    ]


@pytest.mark.parametrize("table", ["offering_submission", "offering_review"])
def test_what_was_handed_in_and_decided_is_written_once(desk: Desk, table: str) -> None:
    desk.publish()
    with pytest.raises(DatabaseError), desk.database.transaction() as session:
        session.execute(text(f"DELETE FROM {table}"))
