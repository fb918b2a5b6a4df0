"""Commands of joint procurement: `flask procurement …`."""

import sys
from pathlib import Path

import click

from foundation.errors import Refused
from foundation.text import parse_whole_number
from procurement.contracts_cli import import_contracts_command
from procurement.domain.allocation import (
    LARGEST_REMAINDER,
    NO_PART,
    Cap,
    Part,
    Rounding,
    allocate,
    parse_part,
    parse_rounding,
)
from procurement.domain.diagram import PATH, lifecycle_page
from procurement.domain.evaluation import evaluate
from procurement.domain.evaluation_report import evaluation_csv, evaluation_json, evaluation_text
from procurement.domain.evaluation_rule import read_rule
from procurement.domain.evaluation_table import read_proposals
from procurement.domain.member_table import MemberTable, read_member_table
from procurement.domain.rules import Rule, RuleTextError, parse_rule
from procurement.domain.share_report import share_csv, share_json, share_text
from procurement.fairness_cli import fairness

EXIT_REFUSED = 1
_WRITERS = {"table": share_text, "csv": share_csv, "json": share_json}
_SHEETS = {"table": evaluation_text, "csv": evaluation_csv, "json": evaluation_json}


@click.group("procurement", help="共同調達の負担額を計算し、状態遷移の資料を書き出します。")
def procurement_group() -> None:
    """The group of these commands."""


@procurement_group.command(
    "share",
    help="額を団体に1円まで割り振ります。データベースは使いません。\n\n"
    "終了コード：0 完了、1 理由を示して拒否、2 使い方の誤り。",
)
@click.option(
    "--members",
    "members_file",
    required=True,
    metavar="FILE.csv",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="code・name と、ルールに要る列。UTF-8（BOM の有無は問わない）または CP932。",
)
@click.option(
    "--total",
    "total_text",
    required=True,
    metavar="YEN",
    help="割り振る総額（円）。消費税は計算しません。",
)
@click.option(
    "--rule",
    "rule_text",
    required=True,
    metavar="RULE",
    help="負担ルール：equal, population, households, quantity, degressive[:exponent=0.585], "
    "banded:0=1,10000=2, fiscal_capacity[:base=…], mixed:equal=30,population=70, "
    "own_use, fixed_table.",
)
@click.option(
    "--prefecture-part", "part_text", metavar="YEN|P%", help="先に差し引く都道府県の負担。"
)
@click.option(
    "--cap",
    type=click.Choice([Cap.STANDALONE.value]),
    help="どの団体も単独の場合の額を超えないようにします。",
)
@click.option(
    "--round",
    "rounding_text",
    metavar="largest_remainder|floor:1000",
    default="largest_remainder",
    help="端数処理。floor:1000 は1,000円未満を切り捨てます。",
)
@click.option(
    "--lead", "lead_code", metavar="CODE", help="切り捨てによる不足を負担する幹事団体のコード。"
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(sorted(_WRITERS)),
    default="table",
    show_default=True,
    help="出力の形。",
)
def share(
    members_file: Path,
    total_text: str,
    rule_text: str,
    part_text: str | None,
    cap: str | None,
    rounding_text: str,
    lead_code: str | None,
    format_name: str,
) -> None:
    """Share an amount among local bodies, to the yen. Needs no database.

    Exit status: 0 done, 1 refused with reasons, 2 wrong usage.
    """
    try:
        rule = _read_rule(rule_text)
        table = read_member_table(members_file.read_bytes(), rule)
        _print_warnings(table, lead_code)
        allocation = allocate(
            _read_total(total_text),
            table.members,
            rule,
            rounding=_read_rounding(rounding_text),
            prefecture_part=_read_part(part_text),
            cap=Cap(cap) if cap else Cap.NONE,
            lead_code=lead_code,
        )
    except Refused as refusal:
        _print_reasons(refusal)
        sys.exit(EXIT_REFUSED)
    click.echo(_WRITERS[format_name](allocation))


@procurement_group.command(
    "evaluate",
    help="提案を審査ルールで採点し、順位と失格の理由を出します。データベースは使いません。\n\n"
    "終了コード：0 完了、1 理由を示して拒否、2 使い方の誤り。",
)
@click.option(
    "--proposals",
    "proposals_file",
    required=True,
    metavar="FILE.csv",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="bidder・price_yen・mandatory_met と、評価項目ごとの列。受け付けた順に並べます。"
    "審査委員が複数なら judge、同点のくじには lot_number（3桁）。",
)
@click.option(
    "--rule",
    "rule_file",
    required=True,
    metavar="RULE.json",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="満点・評価項目・価格点の式・上限・最低基準・同点のときの順。",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(sorted(_SHEETS)),
    default="table",
    show_default=True,
    help="出力の形。",
)
def evaluate_proposals(proposals_file: Path, rule_file: Path, format_name: str) -> None:
    """Points, ranks and disqualifications of opened proposals. Needs no database.

    Exit status: 0 done (不調 is a result too), 1 refused with reasons, 2 wrong usage.
    """
    try:
        rule = read_rule(rule_file.read_bytes())
        sheet = evaluate(rule, read_proposals(proposals_file.read_bytes(), rule))
    except Refused as refusal:
        _print_reasons(refusal)
        sys.exit(EXIT_REFUSED)
    click.echo(_SHEETS[format_name](sheet))


@procurement_group.command(
    "diagram", help="状態遷移の表から docs/reference/lifecycle.md を書き出します。"
)
@click.option("--check", is_flag=True, help="最新かどうかだけを確かめます。")
def diagram(check: bool) -> None:
    """Write docs/reference/lifecycle.md from the table of moves."""
    page = Path(__file__).resolve().parent.parent / PATH
    text = lifecycle_page()
    fresh = page.exists() and page.read_text(encoding="utf-8") == text
    if check and not fresh:
        click.echo(f"{PATH} is not fresh: run `flask procurement diagram`", err=True)
        sys.exit(EXIT_REFUSED)
    if not fresh:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    click.echo(f"{PATH} is fresh")


procurement_group.add_command(fairness)
procurement_group.add_command(import_contracts_command)


def _print_warnings(table: MemberTable, lead_code: str | None) -> None:
    for warning in table.warnings:
        click.echo(f"注意：{warning}", err=True)
    if lead_code and lead_code not in {member.code for member in table.members}:
        click.echo(f"注意：幹事団体「{lead_code}」は参加団体の一覧にありません。", err=True)


def _print_reasons(refusal: Refused) -> None:
    for blocker in refusal.blockers:
        click.echo(blocker.message, err=True)


def _read_rule(text: str) -> Rule:
    try:
        return parse_rule(text)
    except RuleTextError as error:
        raise click.BadParameter(str(error), param_hint="--rule") from None


def _read_total(text: str) -> int:
    try:
        return parse_whole_number(text.removesuffix("円"))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--total") from None


def _read_rounding(text: str) -> Rounding:
    if text == LARGEST_REMAINDER.text:
        return LARGEST_REMAINDER
    try:
        return parse_rounding(text)
    except RuleTextError as error:
        raise click.BadParameter(str(error), param_hint="--round") from None


def _read_part(text: str | None) -> Part:
    if text is None:
        return NO_PART
    try:
        return parse_part(text)
    except RuleTextError as error:
        raise click.BadParameter(str(error), param_hint="--prefecture-part") from None
