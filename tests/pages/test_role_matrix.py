"""Every role at every route: let in or not as docs/reference/permissions.csv says.

Then objects: one's own is answered, another organisation's is 404, by every address that
takes one. The program's table is not asked: only the file and the answers.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from accounts.models import Membership, Organization, User
from accounts.roles import Role
from catalog.case_drafting.contents import new_content
from catalog.case_drafting.models import CaseDraft
from catalog.desk.models import OfferingSubmission
from catalog.desk.vendor_models import VendorInvitation, VendorRename
from catalog.importing.incoming import UNREADABLE
from catalog.importing.models import IncomingFile
from catalog.models import (
    CaseInquiry,
    Offering,
    OfferingVersion,
    PolicyItem,
    StoredFile,
    Vendor,
)
from catalog.selection.record_models import SelectionLock, SelectionRecord
from catalog.selection.saved_models import SavedSearch
from foundation.db import Database
from foundation.mail import Notice
from foundation.uploads.store import FileStore
from foundation.web import PUBLIC
from procurement.help_models import HelpRequest
from procurement.models import Project
from procurement.need_models import Need
from tests.harness.builders import (
    NOW,
    TODAY,
    make_case,
    make_offering,
    make_organization,
    make_user,
    make_vendor,
)
from tests.harness.example import open_example, role_emails, sign_in

TABLE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "permissions.csv"
VISITOR = Role.VISITOR.value
NOWHERE = {"int": 987_654, "default": "nothing"}


def permitted_roles() -> dict[str, set[str]]:
    """Action → the roles that may attempt it, as the file says."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            row["action"]: {role.value for role in Role if row[role]}
            for row in csv.DictReader(file)
        }


@pytest.fixture(scope="module")
def opened(example, tmp_path_factory) -> Iterator[Flask]:
    """The application with forms that need no token: what is asked here is the gate."""
    with open_example(example, tmp_path_factory.mktemp("matrix") / "instance") as app:
        app.config["WTF_CSRF_ENABLED"] = False
        yield app


@pytest.fixture(scope="module")
def readers(opened) -> dict[str, str]:
    """Role → the address of somebody who has it and no other."""
    return {VISITOR: "", **role_emails(opened)}


def ask(app: Flask, email: str, method: str, path: str) -> Any:
    """A request in a fresh browser, signed in anew: one before may have signed everybody out."""
    client: FlaskClient = app.test_client()
    if email:
        client.set_cookie(app.config["SESSION_COOKIE_NAME"], _signed_in(app, email))
    return client.open(path, method=method)


def _signed_in(app: Flask, email: str) -> str:
    """The cookie of who is signed in as the user's sessions are now; signed once."""
    database: Database = app.extensions["moyai_database"]
    with database.read_session() as session:
        token = session.scalars(select(User.session_token).where(User.email == email)).one()
    cookies: dict[str, str] = app.extensions.setdefault("test_cookies", {})
    if token not in cookies:
        client = app.test_client()
        sign_in(client, email)
        kept = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert kept is not None
        cookies[token] = kept.value
    return cookies[token]


def turned_away(response: Any) -> bool:
    """The gate's answer: to the sign-in page and back, 401, or 403."""
    to_login = response.status_code == 302 and response.location.startswith("/login?next=")
    return to_login or response.status_code in (401, 403)


def asked_routes(app: Flask) -> list[tuple[str, str, str]]:
    """(method, address with objects that do not exist, action); open pages where they write."""
    found = []
    for rule in app.url_map.iter_rules():
        mark = getattr(app.view_functions[rule.endpoint], "permission", None)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if mark is None or (mark == PUBLIC and method == "GET"):
                continue  # that open pages open for every role is test_every_page's
            action = "read_public" if mark == PUBLIC else str(mark)
            found.append((method, address(app, rule, {}), action))
    return found


def address(app: Flask, rule: Rule, values: dict[str, Any]) -> str:
    given = {name: values.get(name, _nowhere(rule, name)) for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, given, force_external=False)


def _nowhere(rule: Rule, name: str) -> Any:
    return NOWHERE["int" if f"<int:{name}>" in rule.rule else "default"]


def test_every_role_at_every_route(opened, readers):
    permitted = permitted_roles()
    assert set(readers) == {role.value for role in Role}
    wrong = []
    asked = asked_routes(opened)
    for method, path, action in asked:
        for role, email in readers.items():
            answer = ask(opened, email, method, path)
            away = turned_away(answer)
            if away == (role in permitted[action]) or answer.status_code >= 500:
                wrong.append(f"{role}: {method} {path} ({action}) {answer.status_code}")
    assert len(asked) > 90
    assert not wrong, "\n".join(wrong)


@dataclass(frozen=True, kw_only=True)
class Object:
    """Something an address takes: where it stands, whose it is. own, foreign: address values.

    reader: whose own it is. free: roles of scope `everything`, for whom nothing is foreign.
    known: addresses below the prefix that take what everybody may know of.
    """

    prefix: str
    reader: str
    own: dict[str, Any]
    foreign: dict[str, Any]
    free: frozenset[str] = frozenset()
    known: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def objects(opened) -> list[Object]:
    database: Database = opened.extensions["moyai_database"]
    with database.transaction() as session:
        return [
            _entry(session),
            _record(session),
            _search(session),
            _need(session),
            _notice(session),
            _case(session),
            _case_draft(session),
            _inquiry(session),
            _file(session, opened.extensions["moyai_files"]),
            _sent_file(session),
            _workbook(),
            _policy_item(session),
            _member(session),
            _invitation(session),
            _rename(session),
            _project(session),
            _help(session),
        ]


def _organization_of(session: Session, email: str) -> tuple[int, int]:
    row = session.execute(
        select(Membership.user_id, Membership.organization_id)
        .join(User, User.id == Membership.user_id)
        .where(User.email == email)
    ).first()
    assert row is not None
    return row[0], row[1]


def _entry(session: Session) -> Object:
    email = "vendor-manager@moyai.example"
    _user, organization_id = _organization_of(session, email)
    vendor = session.scalars(select(Vendor).where(Vendor.organization_id == organization_id)).one()
    other = make_vendor(session, fictional=True)
    own = session.scalars(
        select(Offering).where(
            Offering.vendor_id == vendor.id, Offering.publication_status == "published"
        )
    ).first()
    foreign = make_offering(session, other, publication_status="published")
    session.add(
        OfferingSubmission(
            offering_id=foreign.id,
            content={},
            content_sha256="0" * 64,
            based_on=1,
            review="before",
            change_note="",
            submitted_at=NOW,
            submitted_by="",
        )
    )
    session.flush()
    more = {"section_key": "basic", "place": "0", "number": 1, "submission_id": 1}
    return Object(
        prefix="/desk/vendor/offerings/<int:offering_id>",
        reader=email,
        own={"offering_id": own.id, "seller_id": vendor.id, **more},
        foreign={"offering_id": foreign.id, "seller_id": other.id, **more},
    )


def _record(session: Session) -> Object:
    record = session.scalars(
        select(SelectionRecord)
        .outerjoin(SelectionLock, SelectionLock.record_id == SelectionRecord.id)
        .where(SelectionLock.record_id.is_(None))
    ).first()
    assert record is not None, "the example has a draft of a record"
    owner = session.scalars(
        select(User.email)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organization_id == record.organization_id)
    ).first()
    council = make_organization(session, "council", alternate_key="matrix-records")
    foreign = SelectionRecord(
        **{
            column.key: getattr(record, column.key)
            for column in SelectionRecord.__mapper__.column_attrs
            if column.key not in ("id", "row_version", "organization_id")
        },
        organization_id=council.id,
    )
    session.add(foreign)
    session.flush()
    return Object(
        prefix="/searches/<int:record_id>",
        reader=owner,
        own={"record_id": record.id},
        foreign={"record_id": foreign.id},
        free=frozenset({Role.AUDITOR.value}),
    )


def _search(session: Session) -> Object:
    email = "hoyui-staff@moyai.example"
    user_id, organization_id = _organization_of(session, email)
    council = make_organization(session, "council", alternate_key="matrix-searches")
    rows = [
        SavedSearch(
            organization_id=organization,
            user_id=user_id,
            name="行列",
            parameters=[["q", "文書"]],
            shared=True,
            notify=False,
            stop_token=f"matrix-{organization}",
            created_at=NOW,
            checked_on=TODAY,
        )
        for organization in (organization_id, council.id)
    ]
    session.add_all(rows)
    session.flush()
    return Object(
        prefix="/searches/saved/<int:saved_id>",
        reader=email,
        own={"saved_id": rows[0].id},
        foreign={"saved_id": rows[1].id},
    )


def _need(session: Session) -> Object:
    email = "hoyui-staff@moyai.example"
    # A city of another prefecture: no example coordinator is its own.
    rows = [
        Need(
            body_code=code,
            system_type_code="generative_ai",
            status="stated",
            wanted_from=TODAY.replace(day=1),
            unit="account",
            created_at=NOW,
            updated_at=NOW,
        )
        for code in ("992011", "131016")
    ]
    session.add_all(rows)
    session.flush()
    return Object(
        prefix="/interests/<int:need_id>",
        reader=email,
        own={"need_id": rows[0].id},
        foreign={"need_id": rows[1].id},
    )


def _notice(session: Session) -> Object:
    email = "hoyui-staff@moyai.example"
    _user, organization_id = _organization_of(session, email)
    stranger = make_organization(session, "council", alternate_key="matrix-notices")
    rows = [
        Notice(organization_id=organization, title="知らせ", body="知らせ", url="", created_at=NOW)
        for organization in (organization_id, stranger.id)
    ]
    session.add_all(rows)
    session.flush()
    return Object(
        prefix="/inbox/<int:notice_id>",
        reader=email,
        own={"notice_id": rows[0].id},
        foreign={"notice_id": rows[1].id},
    )


def _case(session: Session) -> Object:
    rows = [make_case(session, lead_body_code=code) for code in ("992011", "131016")]
    return Object(
        prefix="/cases/<int:case_id>/",
        reader="hoyui-staff@moyai.example",
        own={"case_id": rows[0].id},
        foreign={"case_id": rows[1].id},
        known=("/cases/<int:case_id>/contact",),  # a published case's office may be asked
    )


def _case_draft(session: Session) -> Object:
    email = "hoyui-staff@moyai.example"
    _user, organization_id = _organization_of(session, email)
    council = make_organization(session, "council", alternate_key="matrix-drafts")
    rows = [
        CaseDraft(
            key=f"matrix-{organization}",
            organization_id=organization,
            content=new_content(),
            status="draft",
            updated_at=NOW,
            updated_by="",
        )
        for organization in (organization_id, council.id)
    ]
    session.add_all(rows)
    session.flush()
    return Object(
        prefix="/cases/drafts/<int:draft_id>",
        reader=email,
        own={"draft_id": rows[0].id},
        foreign={"draft_id": rows[1].id},
    )


def _inquiry(session: Session) -> Object:
    email = "hoyui-staff@moyai.example"
    user_id, organization_id = _organization_of(session, email)
    council = make_organization(session, "council", alternate_key="matrix-inquiries")
    case = make_case(session)
    rows = [
        CaseInquiry(
            case_id=case.id,
            sender_user_id=user_id,
            sender_organization_id=sender,
            recipient_organization_id=council.id,
            message="たずねます。",
            asked_at=NOW,
            asked_by="",
        )
        for sender in (organization_id, council.id)
    ]
    session.add_all(rows)
    session.flush()
    return Object(
        prefix="/cases/inquiries/<int:inquiry_id>",
        reader=email,
        own={"inquiry_id": rows[0].id},
        foreign={"inquiry_id": rows[1].id},
    )


def _file(session: Session, store: FileStore) -> Object:
    """A public file of a published entry; of one that is not public, no file is."""
    tokens = {}
    for status in ("published", "draft"):
        offering = make_offering(
            session, current_version=2, publication_status=status, fictional=True
        )
        token = f"matrix-{status}"
        file = {"token": token, "use": "material", "title": "資料", "disclosure": "public"}
        file |= {"name": "資料.pdf", "media": "pdf", "size_bytes": 1, "sha256": "0" * 64}
        session.add_all(
            [
                OfferingVersion(
                    offering_id=offering.id,
                    number=2,
                    name="",
                    summary="",
                    vendor_name="",
                    system_type_code="generative_ai",
                    answers={},
                    offers=[],
                    files=[file],
                    content_sha256="",
                    published_at=NOW,
                    published_by="",
                ),
                StoredFile(
                    token=token,
                    offering_id=offering.id,
                    place=store.put(b"%PDF-"),
                    sha256="0" * 64,
                    uploaded_at=NOW,
                    uploaded_by="",
                ),
            ]
        )
        tokens[status] = {"offering_id": offering.id, "token": token}
    session.flush()
    return Object(
        prefix="/offerings/<int:offering_id>/files/<token>",
        reader="hoyui-staff@moyai.example",
        own=tokens["published"],
        foreign=tokens["draft"],
    )


def _sent_file(session: Session) -> Object:
    """Files that wait for their senders; a colleague's is another's."""
    email = "hoyui-staff@moyai.example"
    user_id, organization_id = _organization_of(session, email)
    organization = session.get_one(Organization, organization_id)
    colleague = make_user(session, organization, Role.MUNICIPAL_STAFF).id
    rows = [
        IncomingFile(
            user_id=sender,
            organization_id=organization_id,
            kind="contracts",
            limits={},
            file_name="contracts.csv",
            file_sha256="0" * 64,
            content=b"",
            phase=UNREADABLE,
            sent_at=NOW,
            changed_at=NOW,
        )
        for sender in (user_id, colleague)
    ]
    session.add_all(rows)
    session.flush()
    return Object(
        prefix="/imports/<int:file_id>",
        reader=email,
        own={"file_id": rows[0].id},
        foreign={"file_id": rows[1].id},
    )


def _workbook() -> Object:
    """A kind of file whose present rows only those may take out who may send it in."""
    return Object(
        prefix="/imports/now/<kind_key>",
        reader="vendor-manager@moyai.example",
        own={"kind_key": "own-offerings"},
        foreign={"kind_key": "offerings"},
        free=frozenset({Role.OPERATOR.value}),
    )


def _policy_item(session: Session) -> Object:
    """The example's made-up ministry plays any; the standard 20 are nobody's to report on."""
    kinds = ("commonization_target", "standard_20")
    own, foreign = (
        session.scalars(select(PolicyItem.id).where(PolicyItem.kind == kind)).first()
        for kind in kinds
    )
    return Object(
        prefix="/policy/items/<int:item_id>/report",
        reader="ministry@moyai.example",
        own={"item_id": own},
        foreign={"item_id": foreign},
    )


def _member(session: Session) -> Object:
    email = "vendor-manager@moyai.example"
    own, _organization = _organization_of(session, "vendor-staff@moyai.example")
    foreign, _organization = _organization_of(session, "hoyui-staff@moyai.example")
    return Object(
        prefix="/desk/vendor/members/<int:user_id>",
        reader=email,
        own={"user_id": own, "action": "no"},
        foreign={"user_id": foreign, "action": "remove"},
    )


def _invitation(session: Session) -> Object:
    """An open invitation of the example's vendor, and one of another vendor."""
    email = "vendor-manager@moyai.example"
    _own, organization_id = _organization_of(session, email)
    other = make_vendor(session, name="架空のよその招待元").organization_id
    rows = [
        VendorInvitation(
            key=f"matrix-{inviting}",
            organization_id=inviting,
            email="matrix@vendor.example",
            role="staff",
            sent_at=NOW,
            sent_by="",
            closes_at=NOW + timedelta(days=36_500),
        )
        for inviting in (organization_id, other)
    ]
    session.add_all(rows)
    session.flush()
    return Object(
        prefix="/desk/vendor/invitations/<int:invitation_id>",
        reader=email,
        own={"invitation_id": rows[0].id},
        foreign={"invitation_id": rows[1].id},
    )


def _rename(session: Session) -> Object:
    """A name the example's vendor asked for, and one of another vendor."""
    email = "vendor-manager@moyai.example"
    _own, organization_id = _organization_of(session, email)
    own = session.scalars(select(Vendor).where(Vendor.organization_id == organization_id)).one()
    rows = [
        VendorRename(
            vendor_id=vendor.id,
            old_name=vendor.name,
            new_name="架空の新しい名称",
            new_kana="",
            effective_on=TODAY,
            reason="商号変更",
            requested_at=NOW,
            requested_by="",
        )
        for vendor in (own, make_vendor(session, name="架空のよその名称"))
    ]
    session.add_all(rows)
    session.flush()
    return Object(
        prefix="/desk/vendor/name/<int:rename_id>",
        reader=email,
        own={"rename_id": rows[0].id},
        foreign={"rename_id": rows[1].id},
    )


def _project(session: Session) -> Object:
    email = "hoyui-manager@moyai.example"
    _user, organization_id = _organization_of(session, email)
    stranger = make_organization(session, "council", alternate_key="matrix-projects")
    rows = [
        Project(
            title=title,
            system_type_code="generative_ai",
            lead_organization_id=organization,
            state="forming",
            state_since=NOW,
            published=False,
            created_at=NOW,
            updated_at=NOW,
            fictional=True,
        )
        for title, organization in (
            ("自団体の下書き", organization_id),
            ("他団体の下書き", stranger.id),
        )
    ]
    session.add_all(rows)
    session.flush()
    more = {"body_code": "992011", "key": "costs", "question_id": 1, "basis_id": 1}
    return Object(
        prefix="/projects/<int:project_id>",
        reader=email,
        own={"project_id": rows[0].id, **more},
        foreign={"project_id": rows[1].id, **more},
        free=frozenset({Role.AUDITOR.value, Role.OPERATOR.value}),
    )


def _help(session: Session) -> Object:
    email = "hoyui-staff@moyai.example"
    _user, organization_id = _organization_of(session, email)
    others = [
        make_organization(session, "council", alternate_key=f"matrix-help-{n}").id for n in (1, 2)
    ]
    rows = [
        HelpRequest(
            kind="question",
            from_organization_id=asker,
            to_organization_id=others[1],
            subject="相談",
            text="教えてください。",
            status="asked",
            asked_by="",
            asked_at=NOW,
        )
        for asker in (organization_id, others[0])
    ]
    session.add_all(rows)
    session.flush()
    return Object(
        prefix="/help/<int:request_id>",
        reader=email,
        own={"request_id": rows[0].id},
        foreign={"request_id": rows[1].id},
        free=frozenset({Role.AUDITOR.value}),
    )


def test_nobody_is_told_of_another_organisations_object(opened, readers, objects):
    """By every address that takes one, read or written: the same answer as for nothing at all.

    Mostly 404; where a form's own mistake is said first, it is said for any number.
    """
    permitted = permitted_roles()
    told, asked = [], 0
    for thing in objects:
        for rule in opened.url_map.iter_rules():
            if not rule.rule.startswith(thing.prefix) or rule.rule in thing.known:
                continue
            action = getattr(opened.view_functions[rule.endpoint], "permission", PUBLIC)
            roles = permitted["read_public" if action == PUBLIC else str(action)]
            path = address(opened, rule, thing.foreign)
            none = address(opened, rule, _without_number(thing.foreign))
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                for role in roles - thing.free:
                    asked += 1
                    got = answer_to(opened, readers[role], method, path)
                    if got != "404" and got != answer_to(opened, readers[role], method, none):
                        told.append(f"{role}: {method} {path} {got}")
    assert asked > 200
    assert not told, "\n".join(told)


def answer_to(app: Flask, email: str, method: str, path: str) -> str:
    """Status and where to, with numbers of objects made alike. A page read is never alike."""
    answer = ask(app, email, method, path)
    if answer.status_code == 200:
        return f"200 {path}"
    to = re.sub(r"\d+(?=/|$)", "N", answer.location or "")
    return f"{answer.status_code} {to}".strip()


def _without_number(values: dict[str, Any]) -> dict[str, Any]:
    """The same address with an object that does not exist: every id is out of reach."""
    return {
        name: NOWHERE["int"] if name.endswith("_id") else value for name, value in values.items()
    }


def test_ones_own_object_is_answered(opened, objects):
    """Else the test before would be blind."""
    for thing in objects:
        answers = [
            ask(opened, thing.reader, method, address(opened, rule, thing.own)).status_code
            for rule in opened.url_map.iter_rules()
            if rule.rule.startswith(thing.prefix)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ]
        assert {200, 302} & set(answers), f"{thing.prefix}: {answers}"


def test_every_guarded_address_with_an_object_is_asked(opened, objects):
    """An address that takes an object of an organisation belongs to one of these kinds."""
    # The operator's scope is everything; a published entry is every public body's to read.
    everybodys = ("/admin/", "/offerings/<int:offering_id>/protected.csv")
    forgotten = [
        rule.rule
        for rule in opened.url_map.iter_rules()
        if rule.arguments
        and getattr(opened.view_functions[rule.endpoint], "permission", PUBLIC) != PUBLIC
        and not rule.rule.startswith((*everybodys, *(thing.prefix for thing in objects)))
    ]
    assert forgotten == []
