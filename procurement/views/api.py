"""/api/v1/projects: the public part of joint procurements, for programs; and their feed."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from flask import current_app, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import public
from accounts.roles import VISITOR
from catalog.queries.policy import list_system_types
from foundation.api import (
    check_parameters,
    choice_parameter,
    conditional,
    flag_parameter,
    list_response,
    object_response,
    page_parameters,
)
from foundation.openapi import Parameter, describes
from foundation.web import get_session, now
from procurement.domain.lifecycle import State
from procurement.presenters.sharing import rule_label
from procurement.queries.project_page import ProjectHead, get_project_head, list_ceilings
from procurement.queries.project_rows import (
    ProjectFilter,
    ProjectRow,
    list_prefecture_names,
    list_public_projects,
)
from procurement.queries.standing import HIDDEN_STATE
from procurement.views.blueprint import blueprint

ATOM = "http://www.w3.org/2005/Atom"
_STATES = tuple(state.value for state in State if state.value != HIDDEN_STATE)


@blueprint.get("/api/v1/projects")
@describes(
    "公開中の共同調達の一覧",
    Parameter(name="state", description="状態", choices=tuple(_STATES)),
    Parameter(name="prefecture", description="都道府県（2桁）"),
    Parameter(name="category", description="システム種別（コード）"),
    Parameter(name="joinable", description="true 参加を募集中のものだけ", type="boolean"),
    paged=True,
)
@public
def api_projects() -> ResponseReturnValue:
    """Public projects; the same filters as the page."""
    check_parameters(("state", "prefecture", "category", "joinable"))
    page, size = page_parameters()
    narrowed = ProjectFilter(
        state=choice_parameter("state", _STATES) or "",
        prefecture=_known("prefecture", lambda: list_prefecture_names(get_session())),
        category=_known("category", lambda: [t.code for t in list_system_types(get_session())]),
        joinable=flag_parameter("joinable") or False,
    )
    found = list_public_projects(get_session(), narrowed=narrowed, page=page, size=size, now=now())
    return list_response(
        total=found.total,
        page=page,
        pages=found.pages,
        results=[_row(row) for row in found.rows],
        extra={"total_fictional": found.total_fictional},
    )


def _known(name: str, load: Callable[[], Iterable[str]]) -> str:
    """The parameter, '' if it is not given; 400 naming what it may be for anything else."""
    return (choice_parameter(name, load()) or "") if name in request.args else ""


@blueprint.get("/api/v1/projects/<int:project_id>")
@describes("共同調達1件の公開部分")
@public
def api_project(project_id: int) -> ResponseReturnValue:
    """One project as a visitor may see it, whoever asks: the public part only."""
    check_parameters(())
    session = get_session()
    head = get_project_head(session, VISITOR, project_id)
    ceilings = list_ceilings(session, head)
    return object_response(
        _row(head.row)
        | _details(head)
        | {
            "proposal_ceilings": [
                {
                    "body_code": row.body_code,
                    "body_name": row.body_name,
                    "cost_kind": row.cost_kind,
                    "amount_yen": row.amount_yen,
                    "tax_included": row.tax_included,
                    "source_url": row.source_url,
                    "fictional": row.fictional,
                }
                for row in ceilings
            ]
        }
    )


@blueprint.get("/feeds/projects.atom")
@public
def projects_feed() -> ResponseReturnValue:
    """The newest changes of public projects."""
    found = list_public_projects(get_session(), narrowed=ProjectFilter(), page=1, now=now())
    rows = sorted(found.rows, key=lambda row: row.updated_at, reverse=True)
    feed = _feed(rows, now())
    text = ElementTree.tostring(feed, encoding="unicode", xml_declaration=True)
    return conditional(current_app.response_class(text, mimetype="application/atom+xml"))


def _row(row: ProjectRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "url": url_for("procurement.project", project_id=row.id),
        "system_type": row.system_type_code,
        "system_type_name": row.system_type_name,
        "lead": row.lead_name,
        "prefecture": row.prefecture_code,
        "state": row.state,
        "state_label": State(row.state).label,
        "contract_model": row.contract_model or None,
        "body_count": row.body_count,
        "min_participants": row.min_participants,
        "join_closes_at": _moment(row.join_closes_at),
        "proposals_close_at": _moment(row.proposals_close_at),
        "reenactment_of": row.reenactment_of or None,
        "updated_at": _moment(row.updated_at),
        "fictional": row.fictional,
    }


def _details(head: ProjectHead) -> dict[str, Any]:
    return {
        "purpose": head.purpose,
        "rule": rule_label(head.terms),
        "state_since": _moment(head.state_since),
        "consent_closes_at": _moment(head.consent_closes_at),
        "term_start": head.term_start.isoformat() if head.term_start else None,
        "term_months": head.term_months,
        "procurement_method": head.procurement_method or None,
        "notice_url": head.notice_url or None,
        "notice_number": head.notice_number or None,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _feed(rows: list[ProjectRow], moment: datetime) -> ElementTree.Element:
    ElementTree.register_namespace("", ATOM)
    feed = ElementTree.Element(f"{{{ATOM}}}feed")
    home = request.url_root.rstrip("/")
    _text(feed, "id", f"{home}/projects")
    _text(feed, "title", "もやい 共同調達の新着・更新")
    _text(feed, "updated", (rows[0].updated_at if rows else moment).isoformat())
    for row in rows:
        entry = ElementTree.SubElement(feed, f"{{{ATOM}}}entry")
        mark = "【架空】" if row.fictional else ""
        _text(entry, "id", f"{home}/projects/{row.id}")
        _text(entry, "title", f"{mark}{row.title}（{State(row.state).label}）")
        _text(entry, "updated", row.updated_at.isoformat())
        ElementTree.SubElement(entry, f"{{{ATOM}}}link", href=f"{home}/projects/{row.id}")
        author = ElementTree.SubElement(entry, f"{{{ATOM}}}author")
        _text(author, "name", row.lead_name)
    return feed


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, f"{{{ATOM}}}{name}").text = text
