"""The catalog for programs: /api/v1/{offerings,vendors,cases,policy-items}."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, redirect, request
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public
from catalog.desk.renewals import find_confirmed_on
from catalog.entries import CaseKind
from catalog.policy_editing import ITEM_KINDS
from catalog.presenters import api as presenter
from catalog.queries import cases, offerings, policy, vendors
from catalog.queries.marks import list_marks
from catalog.search.facets import FACETS_BY_NAME
from foundation.api import (
    check_parameters,
    choice_parameter,
    flag_parameter,
    list_response,
    object_response,
    page_parameters,
)
from foundation.clock import jst_today
from foundation.errors import NotFound
from foundation.openapi import Parameter, describes
from foundation.paging import Page
from foundation.web import get_session, now

blueprint = Blueprint("catalog_api", __name__)

_POLICY_KINDS = tuple(kind.value for kind in ITEM_KINDS)

_CATEGORY = Parameter(name="category", description="システム種別（コード）")
_FICTIONAL = Parameter(
    name="fictional",
    description="true 架空だけ・false 実データだけ",
    type="boolean",
)
_KIND = Parameter(name="kind", description="種別", choices=[kind.value for kind in CaseKind])
_PREFECTURE = Parameter(name="prefecture", description="都道府県（2桁）")
_KNOW_HOW = Parameter(name="know_how", description="ノウハウの有無", type="boolean")
_VENDOR = Parameter(name="vendor", description="開発元の番号", type="integer")
_POLICY_KIND = Parameter(name="kind", description="区分", choices=_POLICY_KINDS)


@blueprint.get("/api/v1/offerings")
@describes(
    "公開中の掲載サービスの一覧（番号順）",
    _CATEGORY,
    _VENDOR,
    _FICTIONAL,
    paged=True,
    fields=presenter.OFFERING_FIELDS,
)
@public
def list_offerings() -> Response:
    """Published offerings by id."""
    check_parameters(("category", "vendor", "fictional"))
    page, size = page_parameters()
    wanted = offerings.OfferingFilter(
        category=_category(),
        vendor_id=_id_parameter("vendor"),
        fictional=flag_parameter("fictional"),
    )
    found = offerings.list_offerings(get_session(), wanted, page=page, size=size)
    return _page(found, presenter.offering_json)


@blueprint.get("/api/v1/offerings/<int:offering_id>")
@describes(
    "掲載サービス1件：回答・販売事業者・料金プラン（税抜）・版・事例",
    fields=presenter.OFFERING_PAGE_FIELDS,
)
@public
def show_offering(offering_id: int) -> Response:
    """One offering with what the reader may see of it."""
    check_parameters(())
    page = offerings.get_offering_page(get_session(), current_actor(), offering_id)
    marks = list_marks(get_session(), [offering_id]).get(offering_id, ())
    own = {
        "files": presenter.files_json(offering_id, page.content.files),
        "recommended_marks": presenter.marks_json(marks),
        "last_confirmed_on": _confirmed_on(offering_id),
    }
    return object_response(presenter.offering_page_json(page, jst_today(now())) | own)


def _confirmed_on(offering_id: int) -> str | None:
    day = find_confirmed_on(get_session(), offering_id)
    return day.isoformat() if day else None


@blueprint.get("/api/v1/vendors")
@describes("登録事業者の一覧（番号順）", _FICTIONAL, paged=True, fields=presenter.VENDOR_FIELDS)
@public
def list_vendors() -> Response:
    """Registered vendors by id."""
    check_parameters(("fictional",))
    page, size = page_parameters()
    found = vendors.list_vendors(
        get_session(), fictional=flag_parameter("fictional"), page=page, size=size
    )
    return _page(found, presenter.vendor_json)


@blueprint.get("/api/v1/vendors/<int:vendor_id>")
@describes("事業者1者と公開中の掲載サービス", fields=presenter.VENDOR_PAGE_FIELDS)
@public
def show_vendor(vendor_id: int) -> ResponseReturnValue:
    """One vendor with its published offerings."""
    check_parameters(())
    try:
        page = vendors.get_vendor_page(get_session(), vendor_id)
    except NotFound:
        successor = vendors.find_successor(get_session(), vendor_id)
        if successor is None:
            raise
        return redirect(f"/api/v1/vendors/{successor}", 301)
    own = [presenter.offering_json(row) for row in page.offerings]
    names = [
        {"name": row.old_name, "until": row.until, "merged": row.merged} for row in page.history
    ]
    own_facts = {"offerings": own, "former_names": names}
    return object_response(presenter.vendor_json(page.row) | own_facts)


@blueprint.get("/api/v1/cases")
@describes(
    "調達事例の一覧（更新の新しい順）",
    _KIND,
    _CATEGORY,
    _PREFECTURE,
    _KNOW_HOW,
    _FICTIONAL,
    paged=True,
    fields=presenter.CASE_FIELDS,
)
@public
def list_cases() -> Response:
    """Cases, the latest updated first."""
    check_parameters(("kind", "category", "prefecture", "know_how", "fictional"))
    page, size = page_parameters()
    wanted = cases.CaseFilter(
        kind=choice_parameter("kind", [kind.value for kind in CaseKind]) or "",
        category=_category(),
        prefecture=choice_parameter("prefecture", FACETS_BY_NAME["prefecture"].labels) or "",
        know_how=flag_parameter("know_how"),
        fictional=flag_parameter("fictional"),
    )
    found = cases.list_cases(get_session(), wanted, page=page, size=size)
    return _page(found, presenter.case_json)


@blueprint.get("/api/v1/cases/<int:case_id>")
@describes("調達事例1件（記載のない項目は null）", fields=presenter.CASE_FIELDS)
@public
def show_case(case_id: int) -> Response:
    """One case; what is not stated is null."""
    check_parameters(())
    return object_response(presenter.case_page_json(cases.get_case_page(get_session(), case_id)))


@blueprint.get("/api/v1/policy-items")
@describes(
    "標準20業務と共通化対象の一覧（案の段階の資料による）",
    _POLICY_KIND,
    paged=True,
    fields=presenter.POLICY_FIELDS,
)
@public
def list_policy_items() -> Response:
    """Policy items by kind, year and number."""
    check_parameters(("kind",))
    page, size = page_parameters()
    rows = policy.list_policy_items(
        get_session(), kind=choice_parameter("kind", _POLICY_KINDS) or ""
    )
    start = (page - 1) * size
    found = Page(rows=rows[start : start + size], total=len(rows), page=page, size=size)
    reports = policy.list_reports(get_session(), [row.id for row in found.rows])
    return _page(found, lambda row: presenter.policy_json(row, reports.get(row.id, ())))


@blueprint.get("/api/v1/policy-items/<int:item_id>")
@describes("標準20業務・共通化対象の1件", fields=presenter.POLICY_FIELDS)
@public
def show_policy_item(item_id: int) -> Response:
    """One policy item."""
    check_parameters(())
    row = policy.get_policy_item(get_session(), item_id)
    reports = policy.list_reports(get_session(), [item_id]).get(item_id, ())
    return object_response(presenter.policy_json(row, reports))


def _page(found: Page[Any], as_json: Callable[[Any], dict[str, Any]]) -> Response:
    return list_response(
        total=found.total,
        page=found.page,
        pages=found.pages,
        results=[as_json(row) for row in found.rows],
        extra={} if found.total_fictional is None else {"total_fictional": found.total_fictional},
    )


def _category() -> str:
    """`category` of the query; 400 with all system types for one there is not."""
    if "category" not in request.args:
        return ""
    known = [each.code for each in policy.list_system_types(get_session())]
    return choice_parameter("category", known) or ""


def _id_parameter(name: str) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        abort(400, f"パラメーター「{name}」は番号（整数）で指定してください。")
    return int(text)
