"""/desk/body/office and /desk/prefecture/systems: who does the work, and what is due where."""

import csv
import io

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.clock import jst_today
from foundation.text import find_number, harmless_cell
from foundation.web import get_session, now
from procurement.domain.offices import in_charge, next_first_of_april
from procurement.forms.offices import OfficeForm, office_values
from procurement.presenters.rows import waiting_item
from procurement.queries.desk import get_body_desk
from procurement.queries.offices import (
    PrefectureSystems,
    cell_of,
    find_office,
    get_prefecture_systems,
    office_of,
)
from procurement.services.offices import set_office
from procurement.views.blueprint import blueprint
from procurement.views.saving import attempt


@blueprint.get("/desk/body/office")
@requires(Action.READ_BODY_DESK)
def office() -> ResponseReturnValue:
    """The body's own office with what a successor must know."""
    return _office_page()


@blueprint.post("/desk/body/office")
@requires(Action.READ_BODY_DESK)
def save_office() -> ResponseReturnValue:
    """Keep it."""
    form = OfficeForm()

    def save(session: Session) -> None:
        set_office(
            session,
            actor=current_actor(),
            now=now(),
            wanted=form.office(),
            seen_version=find_number(form.seen_version.data) or 0,
        )

    refused = attempt(form, save)
    if refused:
        if form.form_errors:
            stored = find_office(get_session(), current_actor().body_code or "")
            form.seen_version.data = str(stored.row_version if stored else 0)
        return _office_page(form), refused
    flash("担当と引継ぎを保存しました。", "success")
    return redirect(url_for("procurement.office"))


@blueprint.get("/desk/prefecture/systems")
@requires(Action.READ_PREFECTURE_DESK)
def prefecture_systems() -> ResponseReturnValue:
    """Municipalities × kinds of system; ?category= chooses the kind whose cells are shown."""
    found = _systems()
    chosen = request.args.get("category", "")
    kind = next((each for each in found.types if each.code == chosen), None)
    kind = kind or next(iter(found.types), None)
    return render_template(
        "procurement/desk_systems.html",
        found=found,
        kind=kind,
        cells=[(row, cell_of(row, kind.code)) for row in found.bodies] if kind else [],
        never=[row for row in found.bodies if not row.ever_joined],
    )


@blueprint.get("/desk/prefecture/systems.csv")
@requires(Action.READ_PREFECTURE_DESK)
def prefecture_systems_csv() -> ResponseReturnValue:
    """In long form, one line per municipality and kind of system."""
    found = _systems()
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    names = ["団体コード", "団体名", "架空", "担当職員の幅", "担当者", "参加したこと"]
    writer.writerow([*names, "システム種別", "関心", "契約の終わり", "参加している案件"])
    for row in found.bodies:
        about = [row.code, row.name, "架空" if row.fictional else "", row.band.label]
        about += ["不在" if row.vacant else "", "あり" if row.ever_joined else "なし"]
        for kind in found.types:
            cell = cell_of(row, kind.code)
            day = cell.ends_on.isoformat() if cell.ends_on else ""
            cells = [*about, kind.name, "あり" if cell.wants else "", day]
            cells.append("／".join(cell.project_titles))
            writer.writerow([harmless_cell(each) for each in cells])
    headers = {"Content-Disposition": 'attachment; filename="prefecture-systems.csv"'}
    return Response("\ufeff" + file.getvalue(), mimetype="text/csv", headers=headers)


def _systems() -> PrefectureSystems:
    actor = current_actor()
    return get_prefecture_systems(get_session(), actor.prefecture_code or "", jst_today(now()))


def _office_page(form: OfficeForm | None = None) -> str:
    session, actor, moment = get_session(), current_actor(), now()
    stored = find_office(session, actor.body_code or "")
    known, today = office_of(stored), jst_today(moment)
    desk = get_body_desk(session, actor)
    values = office_values(known, stored.row_version if stored else 0)
    return render_template(
        "procurement/office.html",
        form=form or OfficeForm(formdata=None, data=values),
        stored=stored,
        in_charge=in_charge(known, today),
        next_change=next_first_of_april(today),
        waiting=[waiting_item(row, moment) for row in desk.waiting],
        projects=desk.projects,
    )
