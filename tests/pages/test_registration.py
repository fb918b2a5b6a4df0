"""A vendor registers itself, invites people, and keeps a manager; nobody learns who is known."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from accounts.models import Membership, Organization, User
from accounts.roles import Actor, OrganizationKind, Role
from catalog.desk import registration
from catalog.models import Vendor
from foundation.db import Database
from foundation.errors import Refused
from foundation.mail import OutboxMail
from tests.harness.builders import (
    NOW,
    corporate_number,
    make_actor,
    make_organization,
    make_user,
    make_vendor,
)
from tests.harness.catalog import SmallCatalog, open_catalog
from tests.harness.client import StrictClient, as_page
from tests.harness.example import sign_in
from tests.harness.page import Page, text_of
from tests.harness.served import all_at_once

PASSWORD = "あたらしい合言葉は長い文です"
PERSON = {"person_name": "担当 あたらし", "password": PASSWORD, "again": PASSWORD}
FACTS = {
    "name": "架空登録株式会社",
    "corporate_number": corporate_number("999900000977"),
    "prefecture_code": "",
    **PERSON,
}


@pytest.fixture(scope="module")
def opened(
    empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flask, SmallCatalog]]:
    with open_catalog(empty_sqlite, tmp_path_factory.mktemp("registration")) as opened:
        yield opened


@pytest.fixture
def visitor(opened: tuple[Flask, SmallCatalog]) -> StrictClient:
    return StrictClient(opened[0])


def database_of(client: StrictClient) -> Database:
    database: Database = client.application.extensions["moyai_database"]
    return database


def link_for(visitor: StrictClient, email: str) -> str:
    form = visitor.page("/vendors/register").form("/vendors/register", button="送る")
    page = as_page(form.submit(visitor, email=email), status=200)
    return page.link("登録を続ける").replace("http://localhost", "")


def mails(visitor: StrictClient, email: str) -> list[str]:
    with database_of(visitor).read_session() as session:
        return list(session.scalars(select(OutboxMail.body).where(OutboxMail.to == email)))


def errors(page: Page) -> str:
    tags = page.soup.select(".dads-form-control__error, #error-summary li")
    return " ".join(text_of(tag) for tag in tags)


def test_a_vendor_registers_with_a_confirmed_address_and_waits_for_the_operator(
    visitor: StrictClient,
) -> None:
    link = link_for(visitor, "new@vendor.example")
    [body] = mails(visitor, "new@vendor.example")
    assert link in body
    form = visitor.page(link).form(link)
    refused = as_page(form.submit(visitor, FACTS | {"again": "違う"}), status=422)
    assert "一致しません" in errors(refused)
    assert refused.form(link).values["name"] == FACTS["name"]
    assert form.submit(visitor, FACTS).status_code == 302
    with database_of(visitor).read_session() as session:
        vendor = session.scalars(select(Vendor).where(Vendor.name == FACTS["name"])).one()
        assert vendor.publication_status == "submitted"
        assert vendor.fictional  # an example has no real vendors
        roles = session.scalars(
            select(Membership.role).where(Membership.organization_id == vendor.organization_id)
        )
        assert set(roles) == {"vendor_staff", "vendor_manager"}
        vendor_id = vendor.id
        with database_of(visitor).transaction() as writing:
            operator = make_organization(writing, "operator", alternate_key="operator")
            email = make_user(writing, operator, Role.OPERATOR).email
    assert visitor.get(f"/vendors/{vendor_id}").status_code == 404
    person = StrictClient(visitor.application)
    sign_in(person, "new@vendor.example")
    desk = person.page("/desk/vendor").text
    assert "運営者が確かめてから公開されます" in desk and "運営者の審査の期限は" in desk
    at_desk = StrictClient(visitor.application)
    sign_in(at_desk, email)
    queue = at_desk.page("/admin/reviews")
    assert FACTS["name"] in queue.text
    assert queue.form(f"/admin/vendors/{vendor_id}").submit(at_desk).status_code == 302
    assert visitor.page(f"/vendors/{vendor_id}").h1 == FACTS["name"]
    assert at_desk.post(f"/admin/vendors/{vendor_id}/publish").status_code == 400  # no token


WRONG = {
    "check digit": ({"corporate_number": "1" + corporate_number("999900000978")[1:]}, "法人番号"),
    "no identity": ({"corporate_number": ""}, "どちらか一方"),
    "both": ({"alternate_key": "T1"}, "どちらか一方"),
    "known": ({"corporate_number": corporate_number("999900000901")}, "すでに登録"),
    "size": ({"sme": "y"}, "根拠"),
    "website": ({"website": "ftp://x"}, "http://"),
    "password": ({"password": "短い", "again": "短い"}, "12文字以上"),
    "name": ({"name": " "}, "入力してください"),
}


@pytest.fixture(scope="module")
def link(opened: tuple[Flask, SmallCatalog]) -> str:
    return link_for(StrictClient(opened[0]), "wrong@vendor.example")


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_facts_are_refused_and_kept(visitor: StrictClient, link: str, kind: str) -> None:
    typed, said = WRONG[kind]
    facts = FACTS | {"corporate_number": corporate_number("999900000979")} | typed
    page = as_page(visitor.page(link).form(link).submit(visitor, facts), status=422)
    assert said in errors(page)
    assert page.form(link).values["person_name"] == PERSON["person_name"]


def test_everything_wrong_is_said_at_once_and_kept_but_for_the_password(
    visitor: StrictClient, link: str
) -> None:
    typed = {
        "name": "架空まちがい株式会社",
        "corporate_number": corporate_number("999900000901"),
        "website": "ftp://x",
        "introduction": "長" * 2001,
        "sme": "y",
        "person_name": "",
        "password": "みじかい合言葉",
        "again": "べつの合言葉",
    }
    page = as_page(visitor.page(link).form(link).submit(visitor, typed), status=422)
    for field, said in (
        ("corporate_number", "すでに登録"),
        ("website", "http://"),
        ("introduction", "2,000文字以内"),
        ("size_basis", "根拠"),
        ("person_name", "入力してください"),
        ("password", "12文字以上"),
        ("again", "一致しません"),
    ):
        box = page.soup.select_one(f"#{field}")
        told = [page.soup.find(id=key) for key in box["aria-describedby"].split()]
        assert any(said in text_of(tag) for tag in told), field
        assert len(page.soup.select(f'#error-summary a[href="#{field}"]')) == 1
    kept = page.form(link).values
    for name in ("name", "corporate_number", "website", "introduction", "sme"):
        assert kept[name] == typed[name]
    assert "合言葉" not in page.soup.decode()


def test_a_sole_trader_has_another_key(visitor: StrictClient) -> None:
    link = link_for(visitor, "sole@vendor.example")
    facts = FACTS | {"name": "架空個人", "corporate_number": "", "alternate_key": "T9999900000990"}
    assert visitor.page(link).form(link).submit(visitor, facts).status_code == 302
    again = as_page(visitor.page(link).form(link).submit(visitor, facts), status=422)
    assert "すでに登録" in errors(again)
    assert again.soup.select('#error-summary a[href="#alternate_key"]')


def test_a_known_address_is_answered_alike_and_few_mails_go_to_one(
    visitor: StrictClient, opened: tuple[Flask, SmallCatalog]
) -> None:
    email = opened[1].vendor_email
    for _ in range(5):
        form = visitor.page("/vendors/register").form("/vendors/register", button="送る")
        assert "確認のメールを送りました" in as_page(form.submit(visitor, email=email)).h1
    bodies = mails(visitor, email)
    assert len(bodies) == registration.MOST_MAILS
    assert "登録済みです" in bodies[0]


@pytest.mark.parametrize("typed", ["", "x", "a@b", "a b@c.d", "a@@b.c", "あ@い"])
def test_what_is_no_address_is_refused(visitor: StrictClient, typed: str) -> None:
    form = visitor.page("/vendors/register").form("/vendors/register", button="送る")
    assert errors(as_page(form.submit(visitor, email=typed), status=422))


def test_a_changed_link_leads_nowhere(visitor: StrictClient, link: str) -> None:
    for address in (link[:-2], link + "x", "/vendors/register/x", link.replace("register", "join")):
        assert visitor.get(address).status_code == 404


def test_people_are_invited_given_roles_and_taken_out(
    visitor: StrictClient, opened: tuple[Flask, SmallCatalog]
) -> None:
    app = opened[0]
    with database_of(visitor).transaction() as session:
        vendor = make_vendor(session, name="架空の人々")
        manager_email = make_user(session, vendor.organization, Role.VENDOR_MANAGER).email
        organization_id = vendor.organization_id
    manager = StrictClient(app)
    sign_in(manager, manager_email)
    page = manager.page("/desk/vendor/members")
    assert "最後の管理者です" in page.text
    sent = as_page(page.form("/members", button="招待").submit(manager, email="a@v.example"))
    link = sent.link("招待された人").replace("http://localhost", "")
    assert visitor.page(link).form(link).submit(visitor, PERSON).status_code == 302
    with database_of(visitor).read_session() as session:
        new = session.scalars(select(User).where(User.email == "a@v.example")).one().id
    staff = StrictClient(app)
    sign_in(staff, "a@v.example")
    assert "招待のメールを送る" not in staff.page("/desk/vendor/members").text
    manager.page("/desk/vendor/members").form(f"/{new}/yes").submit(manager)
    assert "招待のメールを送る" in staff.page("/desk/vendor/members").text
    page = manager.page("/desk/vendor/members")
    assert page.form(button="抜ける").submit(manager).status_code == 302
    assert manager.get("/desk/vendor/members").status_code == 403
    page = staff.page("/desk/vendor/members")
    assert "最後の管理者です" in page.text
    with database_of(visitor).read_session() as session:
        left = session.scalars(
            select(Membership.user_id).where(Membership.organization_id == organization_id)
        )
        assert set(left) == {new}


class People:
    """A vendor with one manager, whose invitations are opened by whoever holds the link."""

    def __init__(self, app: Flask, name: str) -> None:
        self.app = app
        self.database: Database = app.extensions["moyai_database"]
        with self.database.transaction() as session:
            vendor = make_vendor(session, name=name)
            self.organization_id = vendor.organization_id
            self.email = make_user(
                session, vendor.organization, Role.VENDOR_STAFF, Role.VENDOR_MANAGER
            ).email
        self.manager = self.person(self.email)

    def person(self, email: str) -> StrictClient:
        client = StrictClient(self.app)
        sign_in(client, email)
        return client

    def invite(self, email: str, **typed: str) -> str:
        form = self.manager.page("/desk/vendor/members").form("/members", button="招待")
        sent = as_page(form.submit(self.manager, email=email, **typed), status=200)
        return sent.link("招待された人").replace("http://localhost", "")

    def remove(self, name: str) -> None:
        page = self.manager.page("/desk/vendor/members")
        assert page.form("/remove", button=name).submit(self.manager).status_code == 302

    def roles(self, email: str) -> set[str]:
        with self.database.read_session() as session:
            statement = (
                select(Membership.role)
                .join(User, User.id == Membership.user_id)
                .where(User.email == email, Membership.organization_id == self.organization_id)
            )
            return set(session.scalars(statement))

    def outsider(self, kind: str, role: Role) -> str:
        with self.database.transaction() as session:
            own = make_organization(session, kind, alternate_key=f"{kind}-{self.organization_id}")
            return make_user(session, own, role).email


@pytest.fixture
def people(opened: tuple[Flask, SmallCatalog], request: pytest.FixtureRequest) -> People:
    return People(opened[0], f"架空の{request.node.name}")


def test_an_invited_person_becomes_what_the_invitation_says(
    people: People, visitor: StrictClient
) -> None:
    link = people.invite("chief@v.example", role="manager")
    assert "管理者として" in visitor.page(link).text
    assert visitor.page(link).form(link).submit(visitor, PERSON).status_code == 302
    assert people.roles("chief@v.example") == {"vendor_staff", "vendor_manager"}
    assert "利用者になりました" in people.manager.page("/inbox").text
    form = people.manager.page("/desk/vendor/members").form("/members", button="招待")
    wrong = as_page(form.submit(people.manager, email="b@v.example", role="operator"), status=422)
    assert "役割を選んでください" in errors(wrong)
    assert wrong.form("/members", button="招待").values["email"] == "b@v.example"
    known = as_page(form.submit(people.manager, email="CHIEF@v.example"), status=422)
    assert "すでに利用者です" in errors(known)


def test_who_has_an_account_elsewhere_comes_in_after_signing_in(
    people: People, opened: tuple[Flask, SmallCatalog], visitor: StrictClient
) -> None:
    other = People(opened[0], "架空のもう一つの事業者")
    link = people.invite(other.email)
    page = visitor.page(link)
    assert "サインインすると、招待を受けられます" in page.text
    assert link in page.link("サインインして招待を受ける")
    stranger = people.person(People(opened[0], "架空の無関係な事業者").email)
    assert "サインインすると" in stranger.page(link).text
    page = other.manager.page(link)
    assert "招待を受ける" in page.text
    answer = page.form(link).submit(other.manager)
    assert answer.location == "/desk/vendor"
    assert people.roles(other.email) == {"vendor_staff"}
    assert other.roles(other.email) == {"vendor_staff", "vendor_manager"}
    assert "架空の" in other.manager.page("/desk/vendor").text
    assert "すでにこの事業者の利用者です" in other.manager.page(link).text


def test_a_link_used_once_does_not_bring_back_who_was_taken_out(
    people: People, visitor: StrictClient
) -> None:
    first = people.invite("back@v.example")
    visitor.page(first).form(first).submit(visitor, PERSON)
    person = people.person("back@v.example")
    people.remove(PERSON["person_name"])
    assert any("利用者から外れました" in body for body in mails(visitor, "back@v.example"))
    assert "この招待は使用済みです" in person.page(first).text
    again = people.invite("back@v.example")
    assert person.page(again).form(again).submit(person).status_code == 302
    assert people.roles("back@v.example") == {"vendor_staff"}
    people.remove(PERSON["person_name"])
    assert "この招待は使用済みです" in person.page(again).text
    third = people.invite("back@v.example")
    assert "招待を受ける" in person.page(third).text


def test_an_open_invitation_is_taken_back_on_the_page(
    people: People, opened: tuple[Flask, SmallCatalog], visitor: StrictClient
) -> None:
    link = people.invite("wrong@v.example", role="manager")
    page = people.manager.page("/desk/vendor/members")
    [row] = page.table("返事を待つ招待")
    assert (row["宛先"], row["役割"]) == ("wrong@v.example", "管理者")
    assert "時" in row["期限"]
    stranger = People(opened[0], "架空のよその事業者")
    revoke = page.form("/revoke", button="招待を取り消す")
    assert visitor.post(revoke.action, data=revoke.values).status_code == 400  # no token of its own
    token = stranger.manager.page("/account").forms[0].values["csrf_token"]
    foreign = stranger.manager.post(revoke.action, data={"csrf_token": token})
    assert foreign.status_code == 404
    opened_before = visitor.page(link).form(link)
    assert revoke.submit(people.manager).status_code == 302
    assert "返事を待つ招待はありません" in people.manager.page("/desk/vendor/members").text
    page = visitor.page(link)
    assert "この招待は取り消されました" in page.text and not page.soup.select("#password")
    refused = as_page(opened_before.submit(visitor, PERSON), status=422)
    assert "この招待は取り消されました" in refused.text
    assert people.roles("wrong@v.example") == set()
    again = as_page(revoke.submit(people.manager), status=409)
    assert "すでに取り消されています" in again.text


def test_a_link_made_elsewhere_or_without_its_row_leads_nowhere(
    people: People, visitor: StrictClient
) -> None:
    signer = URLSafeTimedSerializer(people.app.secret_key or "", salt="moyai registration.join")
    for claims in ({"key": "unknown"}, {"email": "a@v.example", "organization_id": "1"}):
        page = as_page(visitor.get(f"/vendors/join/{signer.dumps(claims)}"), status=404)
        assert "ページが見つかりません" in page.h1


def test_a_buyer_is_no_seller_with_the_same_account(people: People, visitor: StrictClient) -> None:
    email = people.outsider("operator", Role.OPERATOR)
    link = people.invite(email)
    assert "買う側と売る側を兼ねることはできません" in visitor.page(link).text
    buyer = people.person(email)
    token = buyer.page("/account").forms[0].values["csrf_token"]
    answer = buyer.post(link, data={"csrf_token": token})
    assert "買う側と売る側" in errors(as_page(answer, status=422))
    assert people.roles(email) == set()


def test_who_is_manager_no_more_decides_nothing_in_the_same_moment(database: Database) -> None:
    with database.transaction() as session:
        organization = make_vendor(session).organization
        first, second = (make_actor(session, organization, Role.VENDOR_MANAGER) for _ in range(2))
        staff = make_actor(session, organization, Role.VENDOR_STAFF)

    def attempt(act: partial[None]) -> str:
        try:
            with database.transaction() as session:
                act(session)
        except Refused as refused:
            return refused.blockers[0].code
        return "done"

    def remove(actor: Actor, other: Actor) -> partial[None]:
        return partial(registration.remove_member, actor=actor, user_id=other.user_id or 0, now=NOW)

    answers = all_at_once(
        [partial(attempt, remove(first, second)), partial(attempt, remove(second, first))]
    )
    assert sorted(answers) == ["done", "not_permitted"]
    gone = second if answers[0] == "done" else first
    late = partial(
        registration.set_manager, actor=gone, user_id=staff.user_id or 0, manager="yes", now=NOW
    )
    assert attempt(late) == "not_permitted"
    assert attempt(remove(gone, staff)) == "not_permitted"


def test_two_managers_cannot_leave_each_other_alone(database: Database) -> None:
    with database.transaction() as session:
        organization = make_vendor(session).organization
        managers = [make_actor(session, organization, Role.VENDOR_MANAGER) for _ in range(2)]

    def leave(actor: Actor) -> str:
        try:
            with database.transaction() as session:
                registration.remove_member(
                    session, actor=actor, user_id=actor.user_id or 0, now=NOW
                )
        except Refused as refused:
            return refused.blockers[0].code
        return "left"

    answers = all_at_once([partial(leave, actor) for actor in managers])
    assert sorted(answers) == ["last_manager", "left"]
    with database.read_session() as session:
        kind = OrganizationKind.VENDOR.value
        assert session.scalar(select(Organization.kind)) == kind
        assert len(session.scalars(select(Membership)).all()) == 1


class Registered:
    """A vendor that waits for the operator, with two managers and one of its staff."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        database: Database = app.extensions["moyai_database"]
        with database.transaction() as session:
            vendor = make_vendor(session, publication_status="submitted")
            own = session.get_one(Organization, vendor.organization_id)
            office = make_organization(session, "operator", alternate_key=f"facts-{vendor.id}")
            self.id, self.name = vendor.id, vendor.name
            manager = (Role.VENDOR_STAFF, Role.VENDOR_MANAGER)
            self.emails = {
                "manager": make_user(session, own, *manager).email,
                "second": make_user(session, own, *manager).email,
                "staff": make_user(session, own, Role.VENDOR_STAFF).email,
                "operator": make_user(session, office, Role.OPERATOR).email,
            }

    def person(self, who: str) -> StrictClient:
        client = StrictClient(self.app)
        sign_in(client, self.emails[who])
        return client


@pytest.fixture
def registered(opened: tuple[Flask, SmallCatalog]) -> Registered:
    return Registered(opened[0])


FACTS_PAGE = "/desk/vendor/facts"


def test_a_registration_is_sent_back_corrected_and_opened(registered: Registered) -> None:
    operator, manager = registered.person("operator"), registered.person("manager")
    address = f"/admin/vendors/{registered.id}/send-back"
    assert operator.page("/admin/reviews").link(f"差し戻す ：{registered.name}") == address
    form = operator.page(address).form(address)
    assert "理由" in errors(as_page(form.submit(operator, reason=""), status=422))
    assert form.submit(operator, reason="所在地を書いてください。").status_code == 302
    assert registered.name not in operator.page("/admin/reviews").text
    assert operator.get(address).status_code == 404  # nothing waits any more
    assert "登録が差し戻されました" in manager.page("/inbox").text
    assert "差し戻されています" in manager.page(FACTS_PAGE).text
    form = manager.page(FACTS_PAGE).form(FACTS_PAGE)
    assert form.submit(manager, address="架空市1-1").status_code == 302
    assert registered.name in operator.page("/admin/reviews").text
    assert operator.page("/admin/reviews").form(f"/{registered.id}/publish").submit(operator)
    assert "架空市1-1" in StrictClient(registered.app).page(f"/vendors/{registered.id}").text


def test_a_vendors_facts_are_changed_by_its_managers_one_at_a_time(registered: Registered) -> None:
    first, second = registered.person("manager"), registered.person("second")
    forms = [one.page(FACTS_PAGE).form(FACTS_PAGE) for one in (first, second)]
    wrong = {"startup": "y", "website": "わがサイト", "introduction": "長" * 2001}
    page = as_page(forms[0].submit(first, wrong), status=422)
    assert "根拠" in errors(page)
    assert "https://" in errors(page)
    assert "2,000文字以内" in errors(page)
    assert page.form(FACTS_PAGE).values["website"] == "わがサイト"
    right = {"startup": "y", "size_basis": "設立3年", "introduction": "先の紹介"}
    assert forms[0].submit(first, right).status_code == 302
    page = as_page(forms[1].submit(second, introduction="後の紹介"), status=409)
    again = page.form(FACTS_PAGE)
    assert again.values["introduction"] == "後の紹介"
    assert first.page(FACTS_PAGE).form(FACTS_PAGE).values["introduction"] == "先の紹介"
    assert again.submit(second).status_code == 302
    assert first.page(FACTS_PAGE).form(FACTS_PAGE).values["introduction"] == "後の紹介"
    assert registered.person("staff").get(FACTS_PAGE).status_code == 403
    assert registered.person("operator").get(FACTS_PAGE).status_code == 403


def test_a_mistyped_number_is_put_right_until_the_operator_has_confirmed_it(
    registered: Registered,
) -> None:
    operator, manager = registered.person("operator"), registered.person("manager")
    seen = operator.page("/admin/reviews").form(f"/{registered.id}/publish")
    right, taken = corporate_number("999900000981"), corporate_number("999900000982")
    with registered.app.extensions["moyai_database"].transaction() as session:
        make_organization(session, OrganizationKind.VENDOR, corporate_number=taken)
    form = manager.page(FACTS_PAGE).form(FACTS_PAGE)
    wrong = f"{(int(right[0]) + 1) % 10}{right[1:]}"
    for number, reason in ((wrong, "検査数字"), (taken, "すでに登録"), ("", "どちらか一方")):
        page = as_page(form.submit(manager, corporate_number=number, alternate_key=""), status=422)
        assert reason in errors(page)
        assert page.form(FACTS_PAGE).values["corporate_number"] == number
    assert form.submit(manager, corporate_number=right, alternate_key="").status_code == 302
    # What the operator looked at before is not what it would now confirm.
    assert seen.submit(operator).status_code == 409
    page = operator.page("/admin/reviews")
    assert right in page.text
    assert page.form(f"/{registered.id}/publish").submit(operator).status_code == 302
    kept = manager.page(FACTS_PAGE)
    assert "変えられません" in kept.text
    assert "corporate_number" not in kept.form(FACTS_PAGE).values
    assert kept.form(FACTS_PAGE).submit(manager, corporate_number=taken).status_code == 302
    assert right in StrictClient(registered.app).page(f"/vendors/{registered.id}").text
