"""One's own account and inbox."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from accounts.examples import EXAMPLE_PASSWORD
from accounts.models import Membership, Organization, User
from accounts.notices import tell_organization, tell_user
from foundation.audit import AuditEvent
from foundation.mail import Notice
from tests.harness.client import StrictClient, as_page
from tests.harness.example import sign_in

STAFF = "hoyui-staff@moyai.example"
MANAGER = "hoyui-manager@moyai.example"
OTHER_TOWN = "tsunanoe-staff@moyai.example"
NEW_PASSWORD = "あたらしい合い言葉は長い"
OPEN = "/read"
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@pytest.fixture
def staff(fresh_client):
    sign_in(fresh_client, STAFF)
    return fresh_client


def database_of(client):
    return client.application.extensions["moyai_database"]


def change(client, *, current=EXAMPLE_PASSWORD, new=NEW_PASSWORD, again=None):
    form = client.page("/account").form("/account/password")
    return form.submit(client, current=current, new=new, again=again or new)


def test_the_account_shows_name_address_organisation_and_role(staff):
    page = staff.page("/account")
    for text in ("帆結 あおい", STAFF, "帆結市", "市区町村 担当者"):
        assert text in page.text


def test_a_new_password_ends_every_other_session_and_keeps_this_one(staff, fresh_app):
    elsewhere = StrictClient(fresh_app)
    sign_in(elsewhere, STAFF)
    assert change(staff).status_code == 302
    assert staff.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    form = elsewhere.page("/login").form("/login", button="サインイン")
    assert form.submit(elsewhere, email=STAFF, password=EXAMPLE_PASSWORD).status_code == 422
    assert form.submit(elsewhere, email=STAFF, password=NEW_PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"current": "違う"}, "今のパスワードが違います"),
        ({"new": "短い"}, "12文字以上"),
        ({"new": "あ" * 201}, "200文字以下"),
        ({"again": "一致しない合い言葉です"}, "一致しません"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_the_reason(staff, typed, said):
    assert said in as_page(change(staff, **typed), status=422).text
    assert staff.get("/account").status_code == 200


def test_signing_out_everywhere_ends_all_sessions_and_is_one_event(staff, fresh_app):
    elsewhere = StrictClient(fresh_app)
    sign_in(elsewhere, STAFF)
    before = count_events(staff)
    staff.page("/account").form("sign-out-everywhere").submit(staff)
    assert staff.get("/account").status_code == 302
    assert elsewhere.get("/account").status_code == 302
    assert count_events(staff) == before + 1


def count_events(client):
    with database_of(client).read_session() as session:
        return session.query(AuditEvent).count()


def test_a_person_of_two_organisations_switches_between_them(staff):
    with database_of(staff).transaction() as session:
        user = session.scalars(select(User).where(User.email == STAFF)).one()
        town = session.scalars(select(Organization).where(Organization.name == "綱ノ江市")).one()
        session.add(Membership(user_id=user.id, organization_id=town.id, role="municipal_manager"))
        town_id = town.id
    form = staff.page("/account").form("/account/organization", button="綱ノ江市に切り替える")
    form.submit(staff, organization_id=str(town_id))
    page = staff.page("/account")
    assert "「綱ノ江市」として操作します" in page.text
    assert page.form("/account/organization", button="帆結市に切り替える")


def test_nobody_switches_to_an_organisation_they_do_not_belong_to(staff):
    with database_of(staff).read_session() as session:
        foreign = session.scalars(
            select(Organization.id).where(Organization.name == "綱ノ江市")
        ).one()
    with staff.session_transaction() as session:
        session["organization_id"] = foreign
    page = staff.page("/account")
    assert "帆結市" in page.text
    assert "綱ノ江市" not in page.text


def tell(client, email, **texts):
    with database_of(client).transaction() as session:
        user = session.scalars(select(User).where(User.email == email)).one()
        organization_id = user.memberships[0].organization_id
        # After all that the example has told: the newest stands first.
        tell_organization(session, organization_id, now=NOW + timedelta(minutes=1), **texts)


def test_a_notice_is_unread_until_it_is_opened(staff):
    clear_inbox(staff)
    tell(staff, STAFF, title="締切が近づいています", body="11月30日まで", url="/bodies/992011")
    page = staff.page("/inbox")
    assert "未読" in page.text
    assert page.form(OPEN, button="内容を開く").submit(staff).location == "/bodies/992011"
    assert "未読" not in staff.page("/inbox").text


def test_all_notices_are_marked_read_at_once(staff):
    tell(staff, STAFF, title="一つ目", body="本文")
    tell(staff, STAFF, title="二つ目", body="本文")
    clear_inbox(staff)
    assert "未読" not in staff.page("/inbox").text


def clear_inbox(client):
    page = client.page("/inbox")
    if "未読" in page.text:
        page.form("/inbox/read-all").submit(client)


def test_a_notice_to_one_person_is_read_by_nobody_else(staff, fresh_app):
    with database_of(staff).transaction() as session:
        manager = session.scalars(select(User).where(User.email == MANAGER)).one()
        tell_user(session, manager.id, title="決裁のお願い", body="秘密の本文", now=NOW)
    assert "秘密の本文" not in staff.page("/inbox").text
    colleague = StrictClient(fresh_app)
    sign_in(colleague, MANAGER)
    assert "秘密の本文" in colleague.page("/inbox").text


def test_another_organisations_notice_is_not_found(staff, fresh_app):
    tell(staff, STAFF, title="内輪の話", body="本文", url="/bodies")
    page = staff.page("/inbox")
    address = page.form(OPEN, button="内容を開く").action
    stranger = StrictClient(fresh_app)
    sign_in(stranger, OTHER_TOWN)
    token = stranger.page("/account").form("/logout").values["csrf_token"]
    assert stranger.post(address, data={"csrf_token": token}).status_code == 404
    assert "内輪の話" not in stranger.page("/inbox").text
    assert "未読" in staff.page("/inbox").text


def test_a_notice_leads_to_no_other_host(staff):
    tell(staff, STAFF, title="行き先", body="本文", url="https://evil.example/")
    assert staff.page("/inbox").form(OPEN, button="内容を開く").submit(staff).location == "/inbox"


@pytest.mark.parametrize("path", ["/account", "/inbox", "/admin/audit"])
def test_a_visitor_is_sent_to_sign_in(client, path):
    assert client.get(path).location == f"/login?next={path}"


def test_own_pages_are_kept_in_no_cache(staff):
    assert staff.get("/account").headers["Cache-Control"] == "no-store"
    assert staff.get("/bodies").headers["Cache-Control"] == "no-store"


@pytest.fixture
def alone(fresh_client):
    """Somebody whom no organisation has any more, with a notice of its own."""
    with database_of(fresh_client).transaction() as session:
        user = session.scalars(select(User).where(User.email == STAFF)).one()
        session.execute(delete(Membership).where(Membership.user_id == user.id))
        tell_user(session, user.id, title="外れました", body="本文", url="/account", now=NOW)
        for organization_id in session.scalars(select(Organization.id)).all():
            tell_organization(session, organization_id, title="団体だけの知らせ", body="-", now=NOW)
    sign_in(fresh_client, STAFF)
    return fresh_client


def test_who_belongs_nowhere_reads_the_own_account_and_notices_and_no_more(alone):
    page = alone.page("/account")
    assert "今はどの団体・事業者にも所属していません" in page.text
    assert STAFF in page.text and "所属と役割" not in page.text
    inbox = alone.page("/inbox")
    assert "外れました" in inbox.text and "団体だけの知らせ" not in inbox.text
    assert "/help" not in inbox.links
    with database_of(alone).read_session() as session:
        own = session.scalars(select(Notice.id).where(Notice.title == "外れました")).one()
    assert inbox.form(f"/inbox/{own}/read").submit(alone).location == "/account"
    for address in ("/help", "/desk", "/desk/vendor", "/desk/body", "/searches", "/admin/audit"):
        assert alone.get(address).status_code == 403, address
    for address in inbox.links:
        if address.startswith("/") and "#" not in address:
            assert alone.get(address).status_code in (200, 302), address


def test_who_belongs_nowhere_changes_the_password_and_signs_out(alone, fresh_app):
    assert change(alone).status_code == 302
    assert alone.get("/account").status_code == 200
    page = alone.page("/account")
    assert page.form("/sign-out-everywhere").submit(alone).status_code == 302
    assert alone.get("/account").location.startswith("/login")
    assert StrictClient(fresh_app).get("/inbox").location.startswith("/login")


def test_an_organisation_one_is_not_in_is_not_taken_up_by_who_is_in_none(alone):
    token = alone.page("/account").forms[0].values["csrf_token"]
    with database_of(alone).read_session() as session:
        foreign = session.scalars(select(Organization.id)).first()
    data = {"csrf_token": token, "organization_id": str(foreign)}
    assert alone.post("/account/organization", data=data).status_code == 302
    assert "所属していません" in alone.page("/account").text
    assert alone.get("/desk").status_code == 403
