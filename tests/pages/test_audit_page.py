"""Reading the audit chain: who sees which part; the published heads for everybody."""

import csv
import io
import re
from itertools import count

import pytest

from foundation.audit import find_head, secret
from foundation.audit import record as append
from tests.harness.builders import NOW
from tests.harness.client import StrictClient
from tests.harness.example import sign_in

CAPTION = "操作の記録（新しい順）"
MANAGER = "hoyui-manager@moyai.example"


@pytest.fixture
def reader(fresh_app):
    """The page as one user sees it, after something secret was done for their town."""

    def read(email, status=200):
        client = StrictClient(fresh_app)
        user = sign_in(client, email)
        return client.page("/admin/audit", status=status), user

    return read


@pytest.fixture
def planted(fresh_app):
    from accounts.queries import get_actor

    database = fresh_app.extensions["moyai_database"]
    with database.transaction() as session:
        actor = get_actor(session, MANAGER)
        append(
            session,
            actor_id=actor.user_id,
            actor_label=actor.label,
            organization_id=actor.organization_id,
            action="planted_action",
            subject=("participation", 1),
            changes={"amount_yen": secret(98_765_432)},
            now=NOW,
        )


def test_an_auditor_reads_everything_but_no_secret(planted, reader):
    page, _user = reader("auditor@moyai.example")
    newest = page.table(CAPTION)[0]
    assert newest["操作"].startswith("planted_action participation 1")
    assert "額：秘密の値（照合用" in newest["変更の内容"]
    assert "98765432" not in page.html
    assert "98,765,432" not in page.html


def test_everything_the_product_writes_is_said_in_japanese(fresh_app):
    client = StrictClient(fresh_app)
    sign_in(client, "auditor@moyai.example")
    rows: list[dict[str, str]] = []
    for number in count(1):  # to the last one: the example's oldest events are the most varied
        page = client.page(f"/admin/audit?page={number}")
        rows += page.table(CAPTION)
        if not page.soup.select("a[rel=next]"):
            break
    assert len(rows) > 350
    for row in rows:
        names = re.findall(r"(?:^| )([^ ：]+)：", row["変更の内容"])
        assert not [name for name in names if re.fullmatch(r"[a-z_0-9]+", name)], row
        assert not re.search(r"\b[a-z]+_[a-z_]+\b", row["変更の内容"]), row
        assert not re.match(r"\S+ [a-z_]+ \d", row["操作"]), row
    text = " ".join(row["変更の内容"] for row in rows)
    assert "人口割70%" in text and "予算措置済" in text and "2027年2月3日 17時00分" in text


@pytest.mark.parametrize("email", ["auditor@moyai.example", "operator@moyai.example", MANAGER])
def test_those_who_may_read_it_are_led_there_from_every_page(fresh_app, email):
    client = StrictClient(fresh_app)
    sign_in(client, email)
    assert client.page("/").soup.select('.moyai-account a[href="/admin/audit"]')


def test_nobody_else_is_led_there(fresh_app):
    client = StrictClient(fresh_app)
    assert "/admin/audit" not in client.page("/").html
    sign_in(client, "vendor-staff@moyai.example")
    assert "/admin/audit" not in client.page("/").html


def test_a_town_reads_its_own_part_only(planted, reader):
    own, _user = reader(MANAGER)
    assert own.table(CAPTION)[0]["日時・操作した人"].endswith("帆結 いさむ（帆結市）")
    other, _user = reader("tsunanoe-manager@moyai.example")
    assert "planted_action" not in other.text


@pytest.mark.parametrize("email", ["vendor-staff@moyai.example", "ministry@moyai.example"])
def test_others_are_refused(reader, email):
    reader(email, status=403)


def test_the_heads_of_finished_days_are_published(fresh_app, planted):
    fresh_app.config["MOYAI_NOW"] = "2026-11-22T10:00:00+09:00"
    response = StrictClient(fresh_app).get("/open-data/audit-heads.csv")
    rows = list(csv.DictReader(io.StringIO(response.text)))
    with fresh_app.extensions["moyai_database"].read_session() as session:
        newest = find_head(session)
    assert rows[-1] == {"day": "2026-11-20", "seq": str(newest.seq), "hash": newest.hash}


def test_todays_head_is_not_published_yet(fresh_app):
    text = StrictClient(fresh_app).get("/open-data/audit-heads.csv").text
    assert "2026-11-20" not in text


def test_the_command_verifies_what_the_page_publishes(fresh_app, planted):
    with fresh_app.extensions["moyai_database"].read_session() as session:
        newest = find_head(session)
    run = fresh_app.test_cli_runner().invoke
    assert run(args=["audit", "verify"]).exit_code == 0
    kept = run(args=["audit", "verify", "--head", f"{newest.seq}:{newest.hash}"])
    assert kept.exit_code == 0
    assert f"{newest.seq}:{newest.hash}" in kept.output
    forged = run(args=["audit", "verify", "--head", f"{newest.seq}:{'0' * 64}"])
    assert forged.exit_code == 1
    assert run(args=["audit", "verify", "--head", "nonsense"]).exit_code == 2
