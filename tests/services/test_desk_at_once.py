"""Vendors and operators who press their buttons at the same moment, on a real server."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Actor
from catalog.desk.contents import content_of, sha256_of
from catalog.desk.models import OfferingReview, OfferingSubmission
from catalog.desk.waiting import find_waiting
from catalog.models import Offering, OfferingVersion
from catalog.publishing import find_version
from foundation.audit import verify
from foundation.db import Database
from tests.harness.catalog import ANSWERS
from tests.harness.desk import PLAN, Desk, make_desk
from tests.harness.served import Answer, Visitor, all_at_once, give_passwords, serving

ROUNDS = [1, pytest.param(15, marks=pytest.mark.long)]


class Served:
    """The desk of a vendor behind a server with two processes."""

    def __init__(self, desk: Desk, port: int, emails: dict[int, str]) -> None:
        self.desk = desk
        self.port = port
        self.emails = emails
        self.vendor, self.colleague = self.person(desk.vendor), self.person(desk.colleague)
        self.operator, self.second = self.person(desk.operator), self.person(desk.operator)

    def person(self, actor: Actor) -> Visitor:
        return Visitor(self.port).sign_in(self.emails[actor.user_id or 0])

    @property
    def base(self) -> str:
        return f"/desk/vendor/offerings/{self.desk.offering_id}"

    def section(self, person: Visitor, key: str, **answers: str) -> partial[Answer]:
        form = person.page(f"{self.base}/{key}").form(f"/{key}")
        return partial(form.submit, person, dict(answers), do="save")

    def decision(self, person: Visitor, submission: OfferingSubmission, do: str) -> partial[Answer]:
        form = person.page(f"/admin/reviews/{submission.id}").form("/admin/reviews")
        return partial(form.submit, person, {"reply": "見ました。"}, do=do)

    def hand_in(self, person: Visitor) -> partial[Answer]:
        form = person.page(f"{self.base}/submit").form("/submit", button="提出する")
        return partial(form.submit, person, {"change_note": "変更"})


@pytest.fixture
def served(database: Database, tmp_path: Path) -> Iterator[Served]:
    desk = make_desk(database)
    with database.transaction() as session:
        emails = give_passwords(session, [desk.vendor, desk.colleague, desk.operator])
    with serving(database.url, tmp_path / "instance") as port:
        yield Served(desk, port, emails)


def statuses(answers: list[Answer]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


@pytest.mark.parametrize("rounds", ROUNDS)
def test_people_at_once(served: Served, rounds: int) -> None:
    """One server for all of them: starting it costs more than what it is asked."""
    served.desk.publish()
    for _ in range(rounds):
        the_same_page(served)
        different_pages(served)
        approved_while_handed_in_again(served)
        two_operators_decide(served)
        handed_in_twice(served)
        two_operators_approve(served)
        saved_while_approved(served)
        recalled_while_decided(served)
        suspended_while_approved(served)
        everybody_at_once(served)
    nothing_unseen_is_public(served.desk)


def the_same_page(served: Served) -> None:
    served.desk.start()
    saves = [
        served.section(served.vendor, "hosting", hosting="other_cloud"),
        served.section(served.colleague, "hosting", hosting="on_premises"),
    ]
    answers = all_at_once(saves)
    assert statuses(answers) == [302, 409]
    second = 0 if answers[0].status_code == 409 else 1
    typed = ["other_cloud", "on_premises"]
    page = answers[second].page
    assert "ほかの人が先にこのページを保存しました" in page.text
    again = page.form("/hosting")
    assert again.values["hosting"] == typed[second]
    assert served.desk.content()["answers"]["hosting"] == typed[1 - second]
    person = (served.vendor, served.colleague)[second]
    assert again.submit(person, do="save").status_code == 302
    assert served.desk.content()["answers"]["hosting"] == typed[second]


def different_pages(served: Served) -> None:
    served.desk.start()
    answers = all_at_once(
        [
            served.section(served.vendor, "hosting", hosting="other_cloud"),
            served.section(served.colleague, "exit", exit_support="included"),
        ]
    )
    assert statuses(answers) == [302, 302]
    assert served.desk.content()["answers"] == {
        "hosting": "other_cloud",
        "exit_support": "included",
    }


def approved_while_handed_in_again(served: Served) -> None:
    """Either the first is published and the vendor looks again, or the newer one waits."""
    desk = served.desk
    desk.complete()
    first = desk.submit()
    desk.answer(hosting="on_premises")
    approve = served.decision(served.operator, first, "approve")
    again = served.hand_in(served.vendor)
    approved, handed = all_at_once([approve, again])
    assert (approved.status_code, handed.status_code) in ((302, 409), (409, 302))
    with desk.database.read_session() as session:
        waiting = find_waiting(session, desk.offering_id)
        published = session.scalars(
            select(OfferingVersion).where(OfferingVersion.offering_id == desk.offering_id)
        ).all()
    if approved.status_code == 409:
        assert published == []
        assert waiting is not None
        assert "新しい提出に置き換え" in approved.page.text
        return
    assert [version.answers["hosting"] for version in published] == ["other_cloud"]
    assert waiting is None
    assert handed.status_code == 409
    assert "ほかの人が先に変更しました" in handed.page.text
    assert desk.content()["answers"]["hosting"] == "on_premises"  # the vendor's work is there


def two_operators_decide(served: Served) -> None:
    desk = served.desk
    desk.complete()
    submission = desk.submit()
    answers = all_at_once(
        [
            served.decision(served.operator, submission, "approve"),
            served.decision(served.second, submission, "send_back"),
        ]
    )
    assert statuses(answers) == [302, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert "すでに処理されています" in refused.page.text
    assert desk.status() in (("published", 1), ("draft", 0))


def handed_in_twice(served: Served) -> None:
    desk = served.desk
    desk.complete()
    answers = all_at_once([served.hand_in(served.vendor), served.hand_in(served.colleague)])
    assert set(statuses(answers)) <= {302, 409}
    assert 302 in statuses(answers)
    with desk.database.read_session() as session:
        open_ones = session.scalars(
            select(OfferingSubmission.id)
            .outerjoin(OfferingReview, OfferingReview.submission_id == OfferingSubmission.id)
            .where(OfferingSubmission.offering_id == desk.offering_id)
            .where(OfferingReview.submission_id.is_(None))
        ).all()
    assert len(open_ones) == 1


def two_operators_approve(served: Served) -> None:
    """Both looked at the same content: it is published once, and the second is told."""
    desk = served.desk
    desk.complete()
    submission = desk.submit()
    people = (served.operator, served.second)
    answers = all_at_once([served.decision(one, submission, "approve") for one in people])
    assert statuses(answers) == [302, 409]
    assert desk.status() == ("published", 1)


def saved_while_approved(served: Served) -> None:
    """What the vendor writes meanwhile stays in its draft and is not published."""
    desk = served.desk
    desk.publish()
    desk.price({**PLAN, "name": "新しい標準"})
    submission = desk.submit()
    approved, saved = all_at_once(
        [
            served.decision(served.operator, submission, "approve"),
            served.section(served.colleague, "hosting", hosting="on_premises"),
        ]
    )
    assert (approved.status_code, saved.status_code) == (302, 302)
    with desk.database.read_session() as session:
        version = published_now(session, desk.offering_id)
        assert version.answers["hosting"] == ANSWERS["hosting"]
    assert desk.content()["answers"]["hosting"] == "on_premises"
    assert desk.content()["offers"][0]["plans"][0]["name"] == "新しい標準"


def recalled_while_decided(served: Served) -> None:
    """Taken back or approved, never both."""
    desk = served.desk
    desk.complete()
    submission = desk.submit()
    form = served.vendor.page(served.base).form("/recall/")
    recalled, approved = all_at_once(
        [partial(form.submit, served.vendor), served.decision(served.second, submission, "approve")]
    )
    assert (recalled.status_code, approved.status_code) in ((302, 409), (409, 302))
    expected = ("draft", 0) if recalled.status_code == 302 else ("published", 1)
    assert desk.status() == expected


def suspended_while_approved(served: Served) -> None:
    """One operator hides the entry while the other approves its next version."""
    desk = served.desk
    desk.publish()
    desk.price({**PLAN, "name": "新しい標準"})
    submission = desk.submit()
    form = served.second.page(f"/admin/offerings/{desk.offering_id}/suspension").form("/suspension")
    hidden, approved = all_at_once(
        [
            partial(form.submit, served.second, {"reason": "確認のため"}),
            served.decision(served.operator, submission, "approve"),
        ]
    )
    assert hidden.status_code == 302
    assert approved.status_code in (302, 422)
    assert desk.status() == ("suspended", 2 if approved.status_code == 302 else 1)


def everybody_at_once(served: Served) -> None:
    """Two vendors write, two operators decide: each either done or told what to look at."""
    desk = served.desk
    desk.publish()
    desk.answer(data_location="overseas")
    submission = desk.submit()
    saved, handed, *decided = all_at_once(
        [
            served.section(served.vendor, "hosting", hosting="on_premises"),
            served.hand_in(served.colleague),
            served.decision(served.operator, submission, "approve"),
            served.decision(served.second, submission, "send_back"),
        ]
    )
    assert saved.status_code == 302
    assert {handed.status_code, *statuses(decided)} <= {302, 409, 422}
    assert statuses(decided)[-1] != 302, "only one of them can have decided"
    assert desk.content()["answers"]["hosting"] == "on_premises"
    approved = decided[0].status_code == 302
    with desk.database.read_session() as session:
        version = published_now(session, desk.offering_id)
        reviewed = session.get(OfferingReview, submission.id)
    if approved:
        assert version.answers["data_location"] == "overseas"
        assert reviewed is not None


def published_now(session: Session, offering_id: int) -> OfferingVersion:
    offering = session.get_one(Offering, offering_id)
    version = find_version(session, offering_id, offering.current_version)
    assert version is not None
    return version


def nothing_unseen_is_public(desk: Desk) -> None:
    """Every version is the content of a submission that was approved; the chain is whole."""
    with desk.database.read_session() as session:
        approved = set(
            session.scalars(
                select(OfferingReview.content_sha256).where(OfferingReview.verdict == "approved")
            )
        )
        versions = session.scalars(select(OfferingVersion)).all()
        assert versions
        assert {sha256_of(content_of(version)) for version in versions} <= approved
        assert verify(session).problems == ()
