"""`flask db seed`: reference facts for every installation, the example world where asked for."""

import csv
from collections import Counter
from pathlib import Path

import click
from flask import current_app

import accounts
from accounts.examples import EXAMPLE_PASSWORD, create_example_users, list_example_users
from accounts.signin import hash_password
from catalog.example.desk import load_example_desk
from catalog.example.load import get_base_date, load_example, load_reference
from catalog.example.waiting import load_example_waiting
from catalog.importing import incoming_work
from catalog.selection.example_records import load_example_records
from foundation.db_cli import current_database, db_group
from foundation.web import now
from procurement.example import load_example_projects
from procurement.example_needs import load_example_needs
from procurement.example_operation import load_example_operation
from procurement.example_shapes import load_example_shapes
from procurement.example_standard import load_example_standard

USERS_FILE = Path(accounts.__path__[0]) / "data" / "example_users.csv"


@db_group.command("seed", help="基準データを入れ、試用環境では架空のデータも入れます。")
def seed_command() -> None:
    added = _load()
    search = current_app.extensions["moyai_search"]
    if added or not search.is_whole():
        click.echo("検索の索引を作っています…")
        search.rebuild(lambda total: None, lambda: None)
    if current_app.config["EXAMPLE_MODE"]:
        load_example_records(current_database(), search, now())  # they come out of a search
        _print_sign_ins()


def _load() -> Counter[str]:
    moment = now()
    database = current_database()
    example_mode = current_app.config["EXAMPLE_MODE"]
    # argon2 is slow on purpose; it must not hold the write lock.
    password_hash = hash_password(EXAMPLE_PASSWORD) if example_mode else ""
    sent = 0
    with database.transaction() as session:
        added = Counter(load_reference(session, moment))
        if example_mode:
            added.update(load_example(session, moment))
            create_example_users(
                session,
                list(csv.DictReader(USERS_FILE.read_text(encoding="utf-8").splitlines())),
                example_mode=example_mode,
                password_hash=password_hash,
                now=moment,
            )
            base_date = get_base_date(session, moment)
            added["submission"] += load_example_desk(session, moment)
            added["project"] += load_example_projects(session, moment, base_date)
            added["need"] += load_example_needs(session, moment, base_date)
            added["project"] += load_example_shapes(session, moment, base_date)
            added["project"] += load_example_standard(session, moment, base_date)
            # The last: it ends a moment later, and a chain's times never run backwards.
            added["project"] += load_example_operation(session, moment, base_date)
            files = current_app.extensions["moyai_files"]
            sent = load_example_waiting(session, moment, files)
    if sent:
        incoming_work.work(database, sent, now)  # as its sender would have waited for it
    added = +added  # without the kinds nothing was added of
    for kind, count in added.items():
        click.echo(f"  {kind}: {count:,}")
    return added


def _print_sign_ins() -> None:
    with current_database().read_session() as session:
        users = list_example_users(session)
    click.echo("\n試用のサインイン（架空の利用者。合言葉はすべて同じです）")
    for user in users:
        click.echo(f"  {user.email:<34}{user.role_label}（{user.organization_name}）")
    click.echo(f"  合言葉: {EXAMPLE_PASSWORD}")
