"""Vendors who take one corporate number at the same moment, on a real server."""

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from accounts.models import Organization
from accounts.roles import Role
from catalog.models import Vendor
from foundation.audit import verify
from foundation.db import Database
from tests.harness.builders import corporate_number, make_actor, make_organization, make_vendor
from tests.harness.page import text_of
from tests.harness.served import Answer, Visitor, all_at_once, give_passwords, serving

PASSWORD = "あたらしい合言葉は長い文です"
TAKEN = "すでに登録されています"
FACTS = "/desk/vendor/facts"
ROUNDS = [3, pytest.param(10, marks=pytest.mark.long)]


class Served:
    """Two vendors that wait for the operator and one confirmed, on a server with two processes."""

    def __init__(self, database: Database, port: int, emails: list[str], confirmed: int) -> None:
        self.database = database
        self.confirmed = confirmed
        self.port = port
        self.managers = [Visitor(port).sign_in(email) for email in emails[:2]]
        self.operator = Visitor(port).sign_in(emails[2])

    def registration(self, who: str, number: str) -> partial[Answer]:
        """What sends the form of somebody whose address is confirmed."""
        visitor = Visitor(self.port)
        asked = visitor.page("/vendors/register").form("/vendors/register", button="送る")
        page = asked.submit(visitor, {"email": f"{who}@vendor.example"}).page
        link = "/" + page.link("登録を続ける").split("/", 3)[3]
        typed = {
            "name": f"架空{who}株式会社",
            "corporate_number": number,
            "person_name": f"担当 {who}",
            "password": PASSWORD,
            "again": PASSWORD,
        }
        return partial(visitor.page(link).form(link).submit, visitor, typed)

    def correction(self, manager: Visitor, number: str) -> partial[Answer]:
        typed = {"corporate_number": number, "alternate_key": ""}
        return partial(manager.page(FACTS).form(FACTS).submit, manager, typed)

    def operators_correction(self, number: str) -> partial[Answer]:
        page = f"/admin/vendors/{self.confirmed}/number"
        typed = {"corporate_number": number, "alternate_key": "", "reason": "登記で確かめた"}
        form = self.operator.page(page).form(page)
        return partial(form.submit, self.operator, typed)

    def holders(self, number: str) -> int:
        with self.database.read_session() as session:
            held = select(func.count()).where(Organization.corporate_number == number)
            return session.scalar(held) or 0


@pytest.fixture
def served(database: Database, tmp_path: Path) -> Iterator[Served]:
    with database.transaction() as session:
        managers = [
            make_actor(
                session,
                make_vendor(session, publication_status="submitted").organization,
                Role.VENDOR_STAFF,
                Role.VENDOR_MANAGER,
            )
            for _ in range(2)
        ]
        office = make_organization(session, "operator", alternate_key="operator")
        people = [*managers, make_actor(session, office, Role.OPERATOR)]
        known = give_passwords(session, people)
        emails = [known[person.user_id or 0] for person in people]
        confirmed = make_vendor(session).id
    with serving(database.url, tmp_path / "instance") as port:
        yield Served(database, port, emails, confirmed)


def assert_told(answer: Answer, number: str) -> None:
    """The form again, the reason beside the number as it was typed."""
    assert answer.status_code == 422
    field = answer.page.soup.select_one("#corporate_number")
    assert field is not None
    assert field["value"] == number
    reasons = answer.page.soup.select("#corporate_number-error")
    assert [TAKEN in text_of(reason) for reason in reasons] == [True]


@pytest.mark.parametrize("rounds", ROUNDS)
def test_two_take_one_number_at_once(served: Served, rounds: int) -> None:
    """One server for all of them: starting it costs more than what it is asked."""
    for place in range(rounds):
        two_register(served, place)
        two_correct(served, place)
        one_registers_while_one_corrects(served, place)
        the_operator_corrects_while_one_does(served, place)
    with served.database.read_session() as session:
        assert verify(session).problems == ()


def two_register(served: Served, place: int) -> None:
    number = corporate_number(f"99990001{place:04}")
    asked = [served.registration(f"{who}{place}", number) for who in ("first", "second")]
    one_wins(served, all_at_once(asked), number)
    with served.database.read_session() as session:
        names = [f"架空{who}{place}株式会社" for who in ("first", "second")]
        kept = select(func.count()).select_from(Vendor).where(Vendor.name.in_(names))
        assert session.scalar(kept) == 1


def two_correct(served: Served, place: int) -> None:
    number = corporate_number(f"99990002{place:04}")
    asked = [served.correction(manager, number) for manager in served.managers]
    one_wins(served, all_at_once(asked), number)


def one_registers_while_one_corrects(served: Served, place: int) -> None:
    number = corporate_number(f"99990003{place:04}")
    asked = [
        served.registration(f"third{place}", number),
        served.correction(served.managers[place % 2], number),
    ]
    one_wins(served, all_at_once(asked), number)


def the_operator_corrects_while_one_does(served: Served, place: int) -> None:
    number = corporate_number(f"99990005{place:04}")
    asked = [
        served.operators_correction(number),
        served.correction(served.managers[place % 2], number),
    ]
    one_wins(served, all_at_once(asked), number)


def one_wins(served: Served, answers: list[Answer], number: str) -> None:
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    assert_told(next(answer for answer in answers if answer.status_code == 422), number)
    assert served.holders(number) == 1


def test_whoever_comes_while_the_number_is_being_written_is_told(served: Served) -> None:
    """The very instant: neither sees the other, the database tells the second when it writes."""
    for place, asked in enumerate((served.registration, served.correction)):
        number = corporate_number(f"99990004{place:04}")
        who: Any = "late" if place == 0 else served.managers[0]
        send = asked(who, number)
        answers: list[Answer] = []
        late = threading.Thread(target=lambda send=send, into=answers: into.append(send()))
        with served.database.transaction() as session:
            make_organization(session, "vendor", corporate_number=number)
            late.start()
            late.join(timeout=2)
            assert late.is_alive()  # it waits for what is being written here
        late.join(timeout=60)
        [answer] = answers
        assert_told(answer, number)
        assert served.holders(number) == 1
