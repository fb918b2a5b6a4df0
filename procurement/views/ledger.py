"""/projects/<id>/ledger: sums, arrears and sizing; and the whole as a file for accounting."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from foundation.clock import add_months, jst_today, month_start
from foundation.errors import NotFound
from foundation.text import find_number, harmless_cell
from foundation.web import get_session, now
from procurement.domain.ledger import PaymentRoute, route_of
from procurement.domain.states import ContractModel, State
from procurement.forms.ledger import LegalBasisForm
from procurement.models import Project
from procurement.presenters import ledger as words
from procurement.presenters.project import project_frame
from procurement.queries.contract_vendors import bills_in_project
from procurement.queries.ledger import (
    LedgerScope,
    PeriodSums,
    get_note,
    list_arrears,
    list_period_sums,
)
from procurement.queries.ledger_month import list_entries, list_line_rows
from procurement.queries.ledger_sizing import list_sizing
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.queries.tender import find_own_vendor
from procurement.queries.terms_in_time import first_month
from procurement.services import ledger_upkeep as upkeep
from procurement.services.ledger_access import KEPT_STATES
from procurement.views.blueprint import blueprint
from procurement.views.saving import mark_seen, save_form, seen_anew

MONTHS_OFFERED = 12


@blueprint.get("/projects/<int:project_id>/ledger")
@public
def ledger(project_id: int) -> ResponseReturnValue:
    """For the lead, members, auditors, the vendor and who has left; nobody else finds it."""
    return _page(project_id)


@blueprint.post("/projects/<int:project_id>/ledger/basis")
@requires(Action.EDIT_PROJECT)
def write_legal_basis(project_id: int) -> ResponseReturnValue:
    """On what the collection rests, in the lead's own words."""
    form = LegalBasisForm(prefix="basis")

    def save(session: Session) -> None:
        upkeep.write_legal_basis(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            text=form.legal_basis.data or "",
            seen_version=find_number(form.seen_version.data) or 0,
        )

    get_reader(project_id)
    return save_form(
        form,
        save,
        seen_anew(form, lambda: _page(project_id, form)),
        address=url_for("procurement.ledger", project_id=project_id),
        done="根拠を記録しました。",
    )


@blueprint.get("/projects/<int:project_id>/ledger.csv")
@public
def ledger_csv(project_id: int) -> ResponseReturnValue:
    """Every entry the reader sees, in long form, as accounting systems take it in."""
    head, _project, scope = get_reader(project_id)
    session = get_session()
    entries = list_entries(session, project_id, scope)
    live = frozenset(entry.number for entry in entries if entry.is_live)
    lines = list_line_rows(session, project_id, scope, live)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(words.CSV_COLUMNS)
    for row in words.csv_rows(project_id, head.fictional, entries, lines):
        writer.writerow([harmless_cell(cell) for cell in row])
    name = f"ledger-{project_id}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response("\ufeff" + file.getvalue(), mimetype="text/csv", headers=headers)


def get_reader(project_id: int) -> tuple[ProjectHead, Project, LedgerScope]:
    """What the present user reads of the ledger. Raises NotFound for who reads nothing."""
    session, actor = get_session(), current_actor()
    head, project = get_head_and_project(session, actor, project_id)
    if State(project.state) not in KEPT_STATES or not project.contract_model:
        raise NotFound("ledger")
    standing = head.standing
    if standing.leads or (standing.is_member and not standing.takes_part):
        return head, project, LedgerScope(everything=True, body_code=actor.body_code or "")
    if standing.is_member:
        return head, project, LedgerScope(body_code=actor.body_code or "")
    if head.settles:
        return head, project, LedgerScope(body_code=actor.body_code or "", own_entries=True)
    vendor = find_own_vendor(session, actor)
    if vendor is None or not bills_in_project(session, project, vendor.id):
        raise NotFound("ledger")
    return head, project, LedgerScope(vendor_id=vendor.id)


def route_for(head: ProjectHead, project: Project) -> PaymentRoute | None:
    """How the project's money goes, from what is already loaded."""
    if not project.contract_model:
        return None
    return route_of(ContractModel(project.contract_model), project.lead_organization.kind)


def _page(project_id: int, typed: LegalBasisForm | None = None) -> str:
    session, today = get_session(), jst_today(now())
    session.expire_all()
    head, project, scope = get_reader(project_id)
    route = route_for(head, project)
    rows = list_period_sums(session, project_id, scope)
    names = words.columns(rows, route)
    shown = words.months_shown(rows, find_number(request.args.get("year")))
    note = get_note(session, project_id)
    basis = typed or LegalBasisForm(
        formdata=None, prefix="basis", data={"legal_basis": note.legal_basis}
    )
    mark_seen(basis, "seen_version", note.row_version)
    return render_template(
        "procurement/ledger.html",
        frame=project_frame(head, "ledger", now()),
        route=route,
        collects=route is not PaymentRoute.INDIVIDUAL,
        note=note,
        collecting_note=words.COLLECTING_NOTE,
        labels=[words.LABELS[name] for name in names],
        years=words.year_lines(rows, names),
        shown=shown,
        months=words.month_lines(shown.rows, names),
        empty_months=_empty_months(_first_of(session, project, rows), {row.period for row in rows}),
        arrears=None if scope.is_vendor else list_arrears(session, project_id, scope, today, rows),
        sizing=() if scope.is_vendor else list_sizing(session, project, scope),
        basis=basis if head.standing.leads and route is not PaymentRoute.INDIVIDUAL else None,
        scope=scope,
    )


def _first_of(session: Session, project: Project, rows: Sequence[PeriodSums]) -> date | None:
    """From which month on an entry may be missing; asked for only where there is none yet."""
    if not rows or project.term_start is None:
        return first_month(session, project)
    return min(project.term_start, *(row.period for row in rows))


def _empty_months(first: date | None, seen: set[Any]) -> list[tuple[str, str]]:
    """The last months without an entry, from the first: where one would be booked next."""
    if first is None:
        return []
    month = month_start(jst_today(now()))
    found: list[tuple[str, str]] = []
    while month >= first and len(found) < MONTHS_OFFERED:
        if month not in seen:
            found.append((f"{month.year}年{month.month}月分", f"{month:%Y-%m}"))
        month = add_months(month, -1)
    return found
