"""`flask procurement fairness`: how fair a sharing is, without a database."""

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import click

from catalog.pricing import Plan
from foundation.errors import Refused
from foundation.money import yen
from procurement.domain.allocation import allocate
from procurement.domain.coalition_game import CoalitionGame, make_game, untaxed
from procurement.domain.fairness import (
    Fairness,
    assess_declared,
    assess_game,
    share_before_tax_and_grants,
)
from procurement.domain.fairness_report import fairness_csv, fairness_json, fairness_text
from procurement.domain.fairness_table import FairnessTable, read_fairness_members, read_plan
from procurement.domain.pricing import PlanCosts
from procurement.domain.rules import Method, Rule, RuleTextError, parse_rule
from procurement.domain.terms import DEFAULT_ORDER, MAX_TERM_MONTHS, SharingTerms

EXIT_REFUSED = 1
_WRITERS = {"table": fairness_text, "csv": fairness_csv, "json": fairness_json}
_BY_USE = {kind: Rule(method=Method.OWN_USE) for kind in DEFAULT_ORDER}
# Any April: only how many months there are counts.
_START = date(2027, 4, 1)


@click.command(
    "fairness",
    help="料金プランで共同調達したときの公平さの目安を計算します（税抜）。\n\n"
    "単独額・負担額・抜けた場合の影響・シャープレイ値と、抜けて得をする組み合わせを出します。"
    "データベースは使いません。\n\n終了コード：0 完了、1 理由を示して拒否、2 使い方の誤り。",
)
@click.option(
    "--members",
    "members_file",
    required=True,
    metavar="FILE.csv",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="code・name と、プランが数える単位の列（account, resident, household, device, school, "
    "meter, case, character。population・households・quantity も可）。share_yen があれば"
    "その負担額を、全団体に standalone_yen があれば申告された単独額（税抜）も確かめます。",
)
@click.option(
    "--plan",
    "plan_file",
    required=True,
    metavar="PLAN.json",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='料金プラン：{"components": [{"key", "name", "kind", "unit", …}]}。',
)
@click.option(
    "--rule",
    "rule_text",
    metavar="RULE",
    help="負担ルール（share と同じ書き方）。省くと、費目ごとに使う数量で分けます。",
)
@click.option(
    "--months",
    type=click.IntRange(1, MAX_TERM_MONTHS),
    default=12,
    show_default=True,
    help="期間（月）。一時の費用は1回だけ数えます。",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(sorted(_WRITERS)),
    default="table",
    show_default=True,
    help="出力の形。",
)
def fairness(
    members_file: Path, plan_file: Path, rule_text: str | None, months: int, format_name: str
) -> None:
    """The fairness view of a plan for these members.

    Exit status: 0 done, 1 refused with reasons, 2 wrong usage.
    """
    try:
        rule = parse_rule(rule_text) if rule_text else Rule(method=Method.EQUAL)
    except RuleTextError as error:
        raise click.BadParameter(str(error), param_hint="--rule") from None
    try:
        plan = untaxed(read_plan(plan_file.read_bytes()))
        table = read_fairness_members(members_file.read_bytes(), plan, rule)
        terms = SharingTerms(term_start=_START, term_months=months, rules=_BY_USE)
        game = make_game(terms, table.members, plan)
        view = assess_game(game, *_shares(game, table, terms, plan, rule_text))
        declared = assess_declared(game, table.declared_yen) if table.declared_yen else None
    except Refused as refusal:
        for blocker in refusal.blockers:
            click.echo(blocker.message, err=True)
        sys.exit(EXIT_REFUSED)
    _print_warnings(table, view)
    click.echo(_WRITERS[format_name](view, declared))


def _shares(
    game: CoalitionGame, table: FairnessTable, terms: SharingTerms, plan: Plan, rule: str | None
) -> tuple[Mapping[str, int], int]:
    """The shares to look at, and how often each was cut to whole yen.

    Those of the file, else by the rule, else each component by the quantities used.
    """
    if table.shares_yen is not None:
        return table.shares_yen, 0
    if rule:
        allocation = allocate(game.joint(), table.bases, parse_rule(rule))
        return {member.code: member.share_yen for member in allocation.members}, 1
    share = share_before_tax_and_grants(terms, table.members, PlanCosts(plan=plan))
    return {body.code: body.total_yen for body in share.bodies}, game.billings


def _print_warnings(table: FairnessTable, view: Fairness) -> None:
    for warning in table.warnings:
        click.echo(f"注意：{warning}", err=True)
    shared_yen = sum(body.share_yen for body in view.bodies)
    if shared_yen != view.joint_yen:
        words = f"負担額の合計{yen(shared_yen)}が共同の額{yen(view.joint_yen)}と一致しません。"
        click.echo(f"注意：{words}", err=True)
