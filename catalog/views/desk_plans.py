"""A vendor's prices: who sells on which terms, and the editor of a price plan."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.desk import drafts, queries
from catalog.desk.changes import Change, list_part_changes
from catalog.desk.contents import PRICES, find_section, part_sha256, stored_plan
from catalog.desk.queries import EntryPage
from catalog.desk_forms import SellerForm, seller_form
from catalog.plan_form import FlatForm, PlanForm, plan_form
from catalog.presenters import desk as presenter
from foundation.errors import Blocker, NotFound, Refused
from foundation.forms import add_blockers
from foundation.web import get_session, now, transaction

blueprint = Blueprint("desk_plans", __name__)

_CHANGED = "ほかの人が先に料金を保存しました。下の入力はまだ保存されていません。"
_PLAN_CHANGED = f"{_CHANGED}もう一度保存すると、このプランだけがこの入力に置き換わります。"
_PLAN_GONE = (
    f"{_CHANGED}このプランは外されたか、名称が変わりました。"
    "もう一度保存すると、新しいプランとして加わります。"
)
_TERMS_CHANGED = f"{_CHANGED}もう一度保存すると、下の条件に置き換わります。"


@blueprint.route("/desk/vendor/offerings/<int:offering_id>/prices", methods=["GET", "POST"])
@requires(Action.EDIT_OFFERING)
def prices(offering_id: int) -> ResponseReturnValue:
    """Sellers with their plans; the terms of each seller; another seller of the product."""
    page = queries.get_entry_page(get_session(), current_actor(), offering_id)
    form = seller_form(page.content["offers"], page.names.vendors, _sha256(page))
    if request.method == "GET":
        return _prices_page(page, form)
    if not form.validate():
        return _prices_page(page, form), 422
    offers = [
        {**offer, "contract_conditions": form.conditions_of(offer["seller_id"])}
        for offer in page.content["offers"]
    ]
    try:
        if form.seller_number.data:
            seller_id = queries.get_vendor_id(get_session(), form.seller_number.data)
            if seller_id in [offer["seller_id"] for offer in offers]:
                form.seller_number.errors = ["この事業者はすでに登録されています。"]
                return _prices_page(page, form), 422
            offers.append({"seller_id": seller_id, "contract_conditions": "", "plans": []})
        _save(offering_id, offers, form.seen_sha256.data or "")
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _prices_page(page, form), 422
    except drafts.PartChanged as changed:
        form.seen_sha256.data = _sha256(page)
        form.form_errors.append(_TERMS_CHANGED)
        return _prices_page(page, form, _differences(page, changed, offers)), 409
    flash("販売の条件を保存しました。", "success")
    return redirect(request.path)


@blueprint.route(
    "/desk/vendor/offerings/<int:offering_id>/plans/<int:seller_id>/<place>",
    methods=["GET", "POST"],
)
@requires(Action.EDIT_OFFERING)
def plan(offering_id: int, seller_id: int, place: str) -> ResponseReturnValue:
    """The editor of one plan; place: its number from 0, or 「new」."""
    page = queries.get_entry_page(get_session(), current_actor(), offering_id)
    number = _find_place(page, seller_id, place, request.form.get("seen_plan", ""))
    stored = None if number is None else dict(_offer(page, seller_id)["plans"][number])
    form = plan_form(stored, _sha256(page), name=_free_name(page, seller_id))
    if request.method == "GET":
        return _plan_page(page, seller_id, place, form)
    command = request.form.get("do", "save")
    if command != "save":
        form.change_rows(command)
        if command == "calculate":
            form.validate()
        return _plan_page(page, seller_id, place, form)
    if not form.validate():
        return _plan_page(page, seller_id, place, form), 422
    try:
        plan_data = stored_plan(form.entry)
        offers = _with_plan(page, seller_id, number, plan_data)
        _save(offering_id, offers, form.seen_sha256.data or "")
    except Refused as refused:
        add_blockers(form, [_beside(blocker) for blocker in refused.blockers])
        return _plan_page(page, seller_id, place, form), 422
    except drafts.PartChanged as changed:
        form.seen_sha256.data = _sha256(page)
        gone = stored is None and form.seen_plan.data
        form.form_errors.append(_PLAN_GONE if gone else _PLAN_CHANGED)
        differences = _differences(page, changed, offers)
        return _plan_page(page, seller_id, place, form, differences), 409
    flash(f"料金プラン「{form.entry.name}」を保存しました。", "success")
    return redirect(f"{presenter.DESK}/{offering_id}/{PRICES}")


@blueprint.post("/desk/vendor/offerings/<int:offering_id>/plans/<int:seller_id>/<int:place>/remove")
@requires(Action.EDIT_OFFERING)
def remove(offering_id: int, seller_id: int, place: int) -> ResponseReturnValue:
    """Take a plan out of the draft; what is published stays until the draft is handed in."""
    page = queries.get_entry_page(get_session(), current_actor(), offering_id)
    number = _find_place(page, seller_id, str(place), "")
    offers = _with_plan(page, seller_id, number, None)
    _save(offering_id, offers, request.form.get("seen_sha256", ""))
    flash("料金プランを下書きから外しました。", "success")
    return redirect(f"{presenter.DESK}/{offering_id}/{PRICES}")


def _beside(blocker: Blocker) -> Blocker:
    """A name that is taken is said beside the name."""
    return replace(blocker, field="name") if blocker.code == "plan_twice" else blocker


def _save(offering_id: int, offers: list[dict[str, Any]], seen_sha256: str) -> None:
    with transaction() as session:
        drafts.save_part(
            session,
            actor=current_actor(),
            now=now(),
            offering_id=offering_id,
            section_key=PRICES,
            part={"offers": offers},
            seen_sha256=seen_sha256,
        )


def _sha256(page: EntryPage) -> str:
    section = find_section(PRICES)
    assert section is not None
    return part_sha256(page.content, section)


def _offer(page: EntryPage, seller_id: int) -> dict[str, Any]:
    for offer in page.content["offers"]:
        if offer["seller_id"] == seller_id:
            return dict(offer)
    raise NotFound(f"seller {seller_id}")


def _find_place(page: EntryPage, seller_id: int, place: str, opened: str) -> int | None:
    """Where the plan stands now; None for a new one, or one that is not there any more.

    opened: its name when it was opened, '' where nothing was sent yet.
    """
    plans = _offer(page, seller_id)["plans"]
    if opened:
        names = [plan["name"] for plan in plans]
        return names.index(opened) if opened in names else None
    if place == "new":
        return None
    if not (place.isascii() and place.isdigit() and len(place) < 4 and int(place) < len(plans)):
        raise NotFound(f"plan {place}")
    return int(place)


def _with_plan(
    page: EntryPage, seller_id: int, place: int | None, plan: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """The offers with this plan put in at its place, added, or (None) taken out."""
    plans = list(_offer(page, seller_id)["plans"])
    if place is None:
        plans += [plan] if plan else []
    else:
        plans[place : place + 1] = [plan] if plan else []
    return [
        {**offer, "plans": plans} if offer["seller_id"] == seller_id else offer
        for offer in page.content["offers"]
    ]


def _free_name(page: EntryPage, seller_id: int) -> str:
    names = {plan["name"] for plan in _offer(page, seller_id)["plans"]}
    return "標準" if "標準" not in names else ""


def _differences(
    page: EntryPage, changed: drafts.PartChanged, offers: list[dict[str, Any]]
) -> tuple[Change, ...]:
    """What saving once more would change of what somebody else saved."""
    stored = {"offers": changed.stored["offers"]}
    return list_part_changes(stored, {"offers": offers}, page.names)


def _prices_page(page: EntryPage, form: SellerForm, differences: tuple[Change, ...] = ()) -> str:
    return render_template(
        "catalog/desk_prices.html",
        page=page,
        form=form,
        differences=differences,
        sellers=presenter.present_sellers(page),
    )


def _plan_page(
    page: EntryPage,
    seller_id: int,
    place: str,
    form: PlanForm,
    differences: tuple[Change, ...] = (),
) -> str:
    summary = FlatForm(form)
    return render_template(
        "catalog/desk_plan.html",
        page=page,
        seller=page.names.vendors.get(seller_id, ""),
        action=f"{presenter.DESK}/{page.id}/plans/{seller_id}/{place}",
        form=form,
        summary=summary,
        differences=differences,
        calculated=request.form.get("do") == "calculate",
        estimate=presenter.present_estimate(form.find_plan()),
        labels=presenter.example_labels(),
    )
