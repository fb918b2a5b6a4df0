"""An invitation to a vendor ends: used, taken back, or when its day is over."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from accounts.models import Membership, User
from accounts.roles import Actor, OrganizationKind, Role
from catalog.desk import invitations
from catalog.desk.invitations import Invitation, InvitedRole, Standing
from catalog.desk.registration import Person
from catalog.desk.vendor_models import VendorInvitation
from foundation.audit import AuditEvent, verify
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import OutboxMail
from tests.harness.builders import NOW, make_actor, make_organization, make_vendor
from tests.harness.served import all_at_once

WHO = "invited@v.example"
DAY_LATER = NOW + timedelta(hours=24)


class House:
    """A vendor with two managers and one of its staff; a stranger manages another vendor."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            vendor, other = make_vendor(session), make_vendor(session)
            own = vendor.organization
            both = (Role.VENDOR_STAFF, Role.VENDOR_MANAGER)
            self.organization_id = own.id
            self.manager = make_actor(session, own, *both)
            self.second = make_actor(session, own, *both)
            self.staff = make_actor(session, own, Role.VENDOR_STAFF)
            self.stranger = make_actor(session, other.organization, *both)

    def invite(
        self, email: str = WHO, role: InvitedRole = InvitedRole.STAFF, key: str = "k"
    ) -> int:
        with self.database.transaction() as session:
            invitations.invite_member(
                session,
                actor=self.manager,
                email=email,
                role=role,
                key=key,
                link=f"https://moyai.example/{key}",
                now=NOW,
            )
        return self.read(key).id

    def read(self, key: str = "k", at: datetime = NOW) -> Invitation:
        with self.database.read_session() as session:
            return invitations.get_invitation(session, key, at)

    def open(self, at: datetime = NOW) -> list[str]:
        with self.database.read_session() as session:
            rows = invitations.list_open_invitations(session, self.organization_id, at)
            return [row.email for row in rows]

    def revoke(self, number: int, actor: Actor | None = None, at: datetime = NOW) -> str:
        try:
            with self.database.transaction() as session:
                invitations.revoke_invitation(
                    session, actor=actor or self.manager, invitation_id=number, now=at
                )
        except (Conflict, Refused) as problem:
            return str(problem)
        return "revoked"

    def join(self, invitation: Invitation, email: str = WHO) -> str:
        """A new person comes in."""
        person = Person(email=email, name="架空 新人", password_hash="-")
        try:
            with self.database.transaction() as session:
                invitations.join_vendor(session, invitation=invitation, person=person, now=NOW)
        except Refused as refused:
            return str(refused)
        return "joined"

    def accept(self, invitation: Invitation, actor: Actor) -> str:
        """Somebody with an account comes in."""
        try:
            with self.database.transaction() as session:
                invitations.accept_invitation(session, actor=actor, invitation=invitation, now=NOW)
        except Refused as refused:
            return str(refused)
        return "joined"

    def standing(self, key: str, actor: Actor) -> Standing:
        invitation = self.read(key)
        with self.database.read_session() as session:
            return invitations.find_standing(session, invitation, actor)[1]

    def members(self) -> list[str]:
        with self.database.read_session() as session:
            statement = (
                select(User.email)
                .join(Membership, Membership.user_id == User.id)
                .where(Membership.organization_id == self.organization_id)
            )
            return sorted(set(session.scalars(statement)))

    def events(self, action: str) -> list[AuditEvent]:
        with self.database.read_session() as session:
            assert verify(session).problems == ()
            return list(session.scalars(select(AuditEvent).where(AuditEvent.action == action)))

    def address(self, actor: Actor) -> str:
        with self.database.read_session() as session:
            return session.get_one(User, actor.user_id).email


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


@pytest.fixture
def quick(sqlite_database: Database) -> House:
    return House(sqlite_database)


def test_an_open_invitation_is_listed_until_it_is_taken_back(house: House) -> None:
    first, second = house.invite(), house.invite("b@v.example", InvitedRole.MANAGER, "k2")
    assert house.open() == [WHO, "b@v.example"]
    assert (house.read().closes_at, house.read("k2").role) == (DAY_LATER, InvitedRole.MANAGER)
    assert house.revoke(first) == "revoked"
    assert house.open() == ["b@v.example"]
    assert "すでに取り消されています" in house.revoke(first)
    assert house.standing("k", house.stranger) is Standing.REVOKED
    assert "取り消されました" in house.join(house.read())
    assert WHO not in house.members()
    [event] = house.events("revoke_invitation")
    assert event.changes == {"invitation_id": first, "role": "staff"}
    assert event.actor_user_id == house.manager.user_id
    assert WHO not in str(event.changes)
    assert house.join(house.read("k2"), "b@v.example") == "joined"
    assert house.open() == []
    assert "すでに受けられました" in house.revoke(second)


def test_only_managers_of_that_vendor_take_it_back(quick: House) -> None:
    number = quick.invite()
    assert "管理者だけ" in quick.revoke(number, quick.staff)
    for actor, at, wanted in (
        (quick.stranger, NOW, number),
        (quick.manager, DAY_LATER, number),
        (quick.manager, NOW, number + 1),
    ):
        with pytest.raises(NotFound):
            quick.revoke(wanted, actor, at)
    with quick.database.transaction() as session:
        for row in session.scalars(
            select(Membership).where(
                Membership.user_id == quick.second.user_id,
                Membership.role == Role.VENDOR_MANAGER.value,
            )
        ):
            session.delete(row)
    assert "管理者だけ" in quick.revoke(number, quick.second)
    assert quick.open() == [WHO]
    assert quick.events("revoke_invitation") == []


def test_a_day_later_nothing_is_left_of_it_but_the_audit_event(house: House) -> None:
    number = house.invite()
    assert house.open(DAY_LATER - timedelta(seconds=1)) == [WHO]
    assert house.open(DAY_LATER) == []
    with pytest.raises(NotFound):
        house.read(at=DAY_LATER)
    invitations.forget_invitations(house.database, DAY_LATER - timedelta(seconds=1))
    assert house.read().id == number
    invitations.forget_invitations(house.database, DAY_LATER)
    with house.database.read_session() as session:
        assert session.scalars(select(VendorInvitation)).all() == []
    [event] = house.events("invite_member")
    assert event.changes == {"invitation_id": number, "role": "staff"}


def test_every_invitation_of_the_address_is_used_up_with_one(quick: House) -> None:
    quick.invite(key="a")
    quick.invite(role=InvitedRole.MANAGER, key="b")
    quick.invite("other@v.example", key="c")
    assert quick.join(quick.read("a")) == "joined"
    assert quick.open() == ["other@v.example"]
    assert quick.standing("b", quick.stranger) is Standing.MEMBER
    with quick.database.transaction() as session:
        found = select(Membership).join(User, User.id == Membership.user_id)
        for row in session.scalars(found.where(User.email == WHO)):
            session.delete(row)
    assert quick.standing("b", quick.stranger) is Standing.USED


def test_a_taken_back_link_says_so_to_who_buys_too(quick: House) -> None:
    with quick.database.transaction() as session:
        office = make_organization(session, OrganizationKind.OPERATOR, alternate_key="operator")
        buyer = make_actor(session, office, Role.OPERATOR)
    number = quick.invite(quick.address(buyer))
    assert quick.standing("k", buyer) is Standing.OTHER_SIDE
    assert quick.revoke(number) == "revoked"
    assert quick.standing("k", buyer) is Standing.REVOKED
    assert "取り消されました" in quick.accept(quick.read(), buyer)


@pytest.mark.parametrize("known", [False, True])
def test_accepted_and_taken_back_in_the_same_moment_one_of_both_counts(
    house: House, known: bool
) -> None:
    email = house.address(house.stranger) if known else WHO
    number = house.invite(email)
    opened = house.read()  # the page was read before either pressed
    come_in = (
        partial(house.accept, opened, house.stranger) if known else partial(house.join, opened)
    )
    answers = all_at_once([come_in, partial(house.revoke, number), partial(house.revoke, number)])
    came, *taken = answers
    assert (came == "joined") == (email in house.members())
    assert (came == "joined") == (taken.count("revoked") == 0)
    assert taken.count("revoked") <= 1
    assert len(house.events("revoke_invitation")) == taken.count("revoked")
    outcome = "accepted" if came == "joined" else "revoked"
    assert house.read().outcome == outcome
    if came != "joined":
        assert "取り消されました" in came
    assert all("すでに" in each for each in taken if each != "revoked")


def test_the_link_is_mailed_and_no_part_of_it_is_in_the_audit_chain(quick: House) -> None:
    quick.invite(key="very-secret-key")
    with quick.database.read_session() as session:
        [body] = session.scalars(select(OutboxMail.body).where(OutboxMail.to == WHO))
    assert "https://moyai.example/very-secret-key" in body
    [event] = quick.events("invite_member")
    assert "very-secret-key" not in str(event.changes)
    assert WHO not in str(event.changes)
