"""The table of domain §8 is written as data; the program's own table and every route agree.

docs/reference/permissions.csv: action × role → scope, with the row of the domain it is from.
docs/reference/route_permissions.csv: addresses → actions that may guard them, first match.
A new action or a guarded address needs its row there: somebody decides, nobody forgets.
"""

import csv
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from werkzeug.routing import Rule

from accounts.roles import PERMISSIONS, Action, Role
from app import create_app
from foundation.web import PUBLIC

DOCS = Path(__file__).resolve().parents[2] / "docs" / "reference"


def read_rows(name: str) -> list[dict[str, str]]:
    with (DOCS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def spoken(rule: Rule) -> set[str]:
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


@pytest.fixture(scope="module")
def routes(tmp_path_factory):
    """(address, method, mark) of every view: 'read_public' for an open one."""
    folder = tmp_path_factory.mktemp("permissions")
    app = create_app({"INSTANCE_DIR": str(folder), "TESTING": True})
    marks = {name: getattr(view, "permission", None) for name, view in app.view_functions.items()}
    return [
        (
            rule.rule,
            method,
            "read_public" if marks[rule.endpoint] == PUBLIC else str(marks[rule.endpoint]),
        )
        for rule in app.url_map.iter_rules()
        for method in sorted(spoken(rule))
        if rule.endpoint != "static"
    ]


def allowed_marks(address: str, method: str) -> set[str]:
    """The actions that may guard this; reading is open and writing closed where no row says."""
    for row in read_rows("route_permissions.csv"):
        if fnmatchcase(address, row["addresses"]) and method in row["methods"].split():
            return set(row["actions"].split())
    if method == "GET":
        return {Action.READ_PUBLIC.value}
    return {action.value for action in Action if Role.VISITOR not in PERMISSIONS[action]}


def test_the_roles_table_is_the_domains():
    rows = read_rows("permissions.csv")
    assert [row["action"] for row in rows] == [action.value for action in Action], (
        "a new action needs its row in docs/reference/permissions.csv"
    )
    written = {row["action"]: {role: row[role] for role in Role if row[role]} for row in rows}
    assert written == {
        action.value: {role.value: scope.value for role, scope in table.items()}
        for action, table in PERMISSIONS.items()
    }


def test_nobody_who_only_judges_or_audits_changes_anything():
    """A judge does nothing but judge; an auditor reads (domain §8)."""
    changing = {
        row["action"]
        for row in read_rows("permissions.csv")
        if not row["action"].startswith(("read_", "sign_in", "use_own_account"))
    }
    assert {a for a in changing if Role.AUDITOR in PERMISSIONS[Action(a)]} == set()
    judged = {a for a in Action if Role.JUDGE in PERMISSIONS[a] and "judge" not in a.value}
    assert judged - {Action.READ_PUBLIC, Action.SIGN_IN, Action.USE_OWN_ACCOUNT} <= {
        a for a in Action if "score" in a.value or "conflict" in a.value
    }


def test_every_route_is_guarded_as_the_table_says(routes):
    wrong = [
        f"{method} {address}: {mark}, expected one of {sorted(allowed_marks(address, method))}"
        for address, method, mark in routes
        if mark not in allowed_marks(address, method)
    ]
    assert len(routes) > 150
    assert wrong == []


def test_no_row_of_the_table_is_idle(routes):
    """Rows for addresses that are gone would hide a mistake in a later one."""
    used = {
        row["addresses"]
        for row in read_rows("route_permissions.csv")
        for address, method, _mark in routes
        if fnmatchcase(address, row["addresses"]) and method in row["methods"].split()
    }
    idle = {row["addresses"] for row in read_rows("route_permissions.csv")} - used
    assert idle == set()


def test_few_things_may_be_posted_without_signing_in(routes):
    posted = {
        address for address, method, mark in routes if method == "POST" and mark == "read_public"
    }
    assert posted == {
        "/login",
        "/logout",
        "/guides/saas-contract/scan",
        "/searches/stop/<token>",
        "/vendors/join/<token>",
        "/vendors/register",
        "/vendors/register/<token>",
    }
