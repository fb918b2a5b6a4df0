"""A confirmed number put right by the operator: kept, recorded, told, and nobody else's."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from accounts.models import Organization
from accounts.roles import Actor, OrganizationKind, Role
from catalog.desk import vendor_number
from catalog.models import Vendor
from catalog.number_models import VendorNumber
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import OutboxMail
from tests.harness.builders import (
    NOW,
    corporate_number,
    make_actor,
    make_organization,
    make_vendor,
)
from tests.harness.client import as_page
from tests.harness.served import all_at_once
from tests.harness.vendor_and_operator import Opened, open_for_both

OLD = corporate_number("999900000901")
RIGHT = corporate_number("999900000986")
TAKEN = corporate_number("999900000902")
REASON = "登記で確かめた番号"


@pytest.fixture
def opened(empty_sqlite: Path, tmp_path: Path) -> Iterator[Opened]:
    with open_for_both(empty_sqlite, tmp_path) as opened:
        yield opened


def page_of(opened: Opened) -> str:
    return f"/admin/vendors/{opened.catalog.vendor}/number"


def test_a_confirmed_number_is_put_right_kept_and_told(opened: Opened) -> None:
    operator, visitor = opened.reader(opened.operator), opened.reader()
    public = f"/vendors/{opened.catalog.vendor}"
    assert "番号を訂正する" not in visitor.page(public).text
    assert operator.page(public).link("番号を訂正する") == page_of(opened)
    form = operator.page(page_of(opened)).form(page_of(opened))
    assert form.values["corporate_number"] == OLD
    done = form.submit(operator, corporate_number=RIGHT, reason=REASON)
    assert (done.status_code, done.location) == (302, page_of(opened))
    page = operator.page(page_of(opened))
    [row] = page.table("番号の訂正の履歴")
    assert (row["前の番号"], row["訂正した番号"], row["理由"]) == (OLD, RIGHT, REASON)
    shown = visitor.page(public)
    [row] = shown.table("法人番号の訂正の履歴")
    assert row["前の法人番号"] == OLD
    assert RIGHT in shown.text
    assert visitor.get(f"/api/v1{public}").get_json()["corporate_number"] == RIGHT
    manager = opened.reader(opened.manager)
    assert vendor_number.TITLE in manager.page("/inbox").text
    with opened.database.read_session() as session:
        [body] = session.scalars(select(OutboxMail.body).where(OutboxMail.to == opened.manager))
        assert all(words in body for words in (OLD, RIGHT, REASON))
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
        assert last is not None
        assert last.action == "correct_vendor_number"
        said = (last.changes["old_corporate_number"], last.changes["corporate_number"])
        assert (*said, last.changes["reason"]) == (OLD, RIGHT, REASON)


def test_everything_wrong_is_said_at_once_and_nothing_is_written(opened: Opened) -> None:
    operator = opened.reader(opened.operator)
    form = operator.page(page_of(opened)).form(page_of(opened))
    broken = f"{(int(RIGHT[0]) + 1) % 10}{RIGHT[1:]}"
    for number, key, said in (
        (broken, "", "検査数字"),
        ("12", "", "13桁"),
        (TAKEN, "", "すでに登録"),
        (OLD, "", "今の番号と同じ"),
        (RIGHT, "T1", "どちらか一方"),
        ("", "", "どちらか一方"),
    ):
        typed = {"corporate_number": number, "alternate_key": key, "reason": ""}
        page = as_page(form.submit(operator, typed), status=422)
        told = page.soup.select_one("#corporate_number-error")
        assert told is not None, number
        assert said in told.text
        assert page.soup.select_one("#reason-error")
        again = page.form(page_of(opened)).values
        assert (again["corporate_number"], again["alternate_key"]) == (number, key)
    long = {"corporate_number": "", "alternate_key": "長" * 41, "reason": "長" * 201}
    page = as_page(form.submit(operator, long), status=422)
    assert page.soup.select_one("#alternate_key-error")
    assert page.soup.select_one("#reason-error")
    with opened.database.read_session() as session:
        assert session.scalars(select(VendorNumber)).all() == []
        assert OLD in session.scalars(select(Organization.corporate_number)).all()


def test_a_sole_trader_may_have_become_a_company(opened: Opened) -> None:
    with opened.database.transaction() as session:
        vendor = make_vendor(session)
        vendor.organization.corporate_number = None
        vendor.organization.alternate_key = "T9999900000987"
        vendor_id = vendor.id
    operator = opened.reader(opened.operator)
    address = f"/admin/vendors/{vendor_id}/number"
    typed = {"corporate_number": RIGHT, "alternate_key": "", "reason": REASON}
    assert operator.page(address).form(address).submit(operator, typed).status_code == 302
    [row] = operator.page(address).table("番号の訂正の履歴")
    assert row["前の番号"] == "T9999900000987"
    public = opened.reader().page(f"/vendors/{vendor_id}")
    assert "T9999900000987" not in public.text
    [row] = public.table("法人番号の訂正の履歴")
    assert row["前の法人番号"] == "なし（個人事業主など）"


def test_the_second_of_two_operators_sees_what_the_first_wrote(opened: Opened) -> None:
    first, second = opened.reader(opened.operator), opened.reader(opened.operator)
    forms = [one.page(page_of(opened)).form(page_of(opened)) for one in (first, second)]
    assert forms[0].submit(first, corporate_number=RIGHT, reason=REASON).status_code == 302
    other = corporate_number("999900000988")
    # A mistake in between does not make what was not seen seen.
    typed = {"corporate_number": other, "reason": ""}
    page = as_page(forms[1].submit(second, typed), status=422)
    page = as_page(page.form(page_of(opened)).submit(second, reason="別の理由"), status=409)
    assert RIGHT in page.text
    again = page.form(page_of(opened))
    assert again.values["corporate_number"] == other
    assert again.submit(second).status_code == 302
    assert len(second.page(page_of(opened)).table("番号の訂正の履歴")) == 2


def test_who_is_not_confirmed_or_merged_has_no_number_to_correct(opened: Opened) -> None:
    with opened.database.transaction() as session:
        waiting = make_vendor(session, publication_status="submitted").id
    operator = opened.reader(opened.operator)
    address = f"/admin/vendors/{waiting}/number"
    page = operator.page(address)
    assert "事業者の情報" in page.text
    assert page.soup.select_one("main form button[disabled]")
    typed = {"corporate_number": RIGHT, "alternate_key": "", "reason": REASON}
    assert page.form(address).submit(operator, typed).status_code == 422
    assert operator.get("/admin/vendors/999999/number").status_code == 404
    for email in (opened.manager, opened.catalog.staff_email):
        assert opened.reader(email).get(page_of(opened)).status_code == 403


def test_two_operators_at_once_correct_once(database: Database) -> None:
    with database.transaction() as session:
        vendor = make_vendor(session)
        seen, vendor_id = vendor.organization.corporate_number or "", vendor.id
        office = make_organization(session, OrganizationKind.OPERATOR, alternate_key="operator")
        operators = [make_actor(session, office, Role.OPERATOR) for _ in range(2)]

    def correct(actor: Actor, number: str) -> str:
        right = vendor_number.RightNumber(
            corporate_number=number, alternate_key=None, reason=REASON
        )
        try:
            with database.transaction() as session:
                vendor_number.correct_number(
                    session,
                    actor=actor,
                    now=NOW,
                    vendor_id=vendor_id,
                    right=right,
                    seen_number=seen,
                )
        except Conflict:
            return "conflict"
        return "done"

    numbers = (RIGHT, corporate_number("999900000989"))
    answers = all_at_once(
        [partial(correct, *pair) for pair in zip(operators, numbers, strict=True)]
    )
    assert sorted(answers) == ["conflict", "done"]
    with database.read_session() as session:
        [kept] = session.scalars(select(VendorNumber))
        assert (kept.old_corporate_number, kept.reason) == (seen, REASON)
        vendor = session.get_one(Vendor, vendor_id)
        assert vendor.organization.corporate_number == kept.corporate_number


def test_only_the_operator_may(database: Database) -> None:
    with database.transaction() as session:
        vendor = make_vendor(session)
        manager = make_actor(session, vendor.organization, Role.VENDOR_MANAGER)
        office = make_organization(session, OrganizationKind.OPERATOR, alternate_key="operator")
        operator = make_actor(session, office, Role.OPERATOR)
        vendor_id = vendor.id
    right = vendor_number.RightNumber(corporate_number=RIGHT, alternate_key=None, reason=REASON)
    for actor, wanted, fault in (
        (manager, vendor_id, Refused),
        (operator, 999_999, NotFound),
    ):
        with pytest.raises(fault), database.transaction() as session:
            vendor_number.correct_number(
                session, actor=actor, now=NOW, vendor_id=wanted, right=right, seen_number=""
            )
