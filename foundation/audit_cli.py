"""`flask audit …`: is the audit chain as it was written?"""

import re
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from foundation.audit import Head, verify
from foundation.db import Database

audit_group = AppGroup("audit", help="監査記録が改ざんされていないか確かめます。")

CHANGED = 1
_HEAD = re.compile(r"(\d{1,18}):([0-9a-fA-F]{64})")


class HeadType(click.ParamType):  # type: ignore[type-arg]
    """SEQ:HASH as published in audit-heads.csv."""

    name = "SEQ:HASH"

    def convert(self, value: Any, param: Any, ctx: Any) -> Head:
        found = _HEAD.fullmatch(value)
        if not found:
            self.fail("番号と64桁の値を「:」でつないでください。", param, ctx)
        return Head(seq=int(found[1]), hash=found[2].lower())


@audit_group.command("verify", help="最初から読み直し、変更・切り取り・書き換えを見つけます。")
@click.option("--head", type=HeadType(), help="手元に控えた番号と値（audit-heads.csv）")
def verify_command(head: Head | None) -> None:
    database: Database = current_app.extensions["moyai_database"]
    with database.read_session() as session:
        result = verify(session, head)
    if result.problems:
        for problem in result.problems:
            click.echo(problem, err=True)
        click.echo(f"{len(result.problems)}件の問題があります。", err=True)
        raise SystemExit(CHANGED)
    click.echo(
        f"{result.events:,}件の記録に変更はありません。末尾 {result.head.seq}:{result.head.hash}"
    )
