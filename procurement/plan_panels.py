"""What joint procurements say of entries put side by side (catalog.panels.JointFacts)."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Actor
from catalog.panels import JointFacts, JointRequest, OwnQuantity, PanelItem, PlanKey
from foundation.filters import jst_date
from foundation.money import number, yen
from procurement.domain.sharing import SharePreview
from procurement.domain.states import State
from procurement.models import Project, ProjectOffering
from procurement.queries.own_quantities import SaidQuantity, list_own_quantities
from procurement.queries.plan_bases import LedEstimate, list_led_estimates
from procurement.queries.project_rows import IS_OPEN

RELATIONS = {"awarded": "選定", "in_use": "利用中", "requested": "照会先"}


def joint_facts(session: Session, request: JointRequest) -> JointFacts:
    """Projects that name the entries in public; and, for whoever runs one, its estimate."""
    as_basis: dict[PlanKey, list[PanelItem]] = defaultdict(list)
    for estimate in list_led_estimates(session, request.actor, request.offering_ids):
        key = PlanKey(
            offering_id=estimate.offering_id,
            seller_id=estimate.seller_id,
            plan_name=estimate.plan_name,
        )
        as_basis[key].append(_estimate_item(estimate, request.actor))
    return JointFacts(
        named=_named(session, request.offering_ids),
        own_quantities={
            said.unit: OwnQuantity(count=said.count, source=_source(said))
            for said in list_own_quantities(session, request.actor, request.system_types)
        },
        as_basis=as_basis,
    )


def _source(said: SaidQuantity) -> str:
    where = f"案件「{said.project}」に答えた数" if said.project else "必要なことに登録した数"
    return f"自団体が{where}（{jst_date(said.said_at)}）"


def _named(session: Session, offering_ids: Sequence[int]) -> dict[int, list[PanelItem]]:
    named: dict[int, list[PanelItem]] = defaultdict(list)
    if not offering_ids:
        return named
    rows = session.execute(
        select(ProjectOffering.offering_id, ProjectOffering.relation, Project)
        .join(Project, Project.id == ProjectOffering.project_id)
        .where(ProjectOffering.offering_id.in_(offering_ids), IS_OPEN)
        .order_by(Project.updated_at.desc(), Project.id)
    )
    for offering_id, relation, project in rows:
        named[offering_id].append(
            PanelItem(
                title=project.title,
                url=f"/projects/{project.id}",
                chips=(RELATIONS.get(relation, relation),),
                meta=(State(project.state).label,),
                fictional=project.fictional,
            )
        )
    return named


def _estimate_item(estimate: LedEstimate, actor: Actor) -> PanelItem:
    return PanelItem(
        title=f"{estimate.title}（{estimate.label}）",
        url=f"/projects/{estimate.project_id}/sharing",
        description=_words(estimate, actor),
        fictional=estimate.fictional,
    )


def _words(estimate: LedEstimate, actor: Actor) -> str:
    if estimate.preview is None:
        return estimate.reason or "金額は案件の負担の画面で確かめてください。"
    words = [_together(estimate, estimate.preview), *_own(estimate.preview, actor.body_code)]
    if estimate.changed:
        words.append(
            "前提にした後で、掲載の料金プランが変わっています（金額は前提にした時の料金）。"
        )
    return "".join(words)


def _together(estimate: LedEstimate, preview: SharePreview) -> str:
    months, total = preview.terms.term_months, preview.total_yen
    burden = sum(body.total_yen for body in preview.bodies)
    words = (
        f"参加{number(estimate.members)}団体がこのプランで共同調達する場合、"
        f"期間{months}か月の合計は{yen(total)}（税込）。"
    )
    if burden == total:
        return words
    return words + f"うち参加団体の負担は{yen(burden)}（税込。都道府県・交付金の負担などを除く）。"


def _own(preview: SharePreview, body_code: str | None) -> list[str]:
    own = next((body for body in preview.bodies if body.code == body_code), None)
    if own is None:
        return []
    alone = ""
    if own.standalone_yen is not None:
        alone = f"、同じ期間を単独なら{yen(own.standalone_yen)}（税込）"
    return [f"{own.name}の負担は{yen(own.total_yen)}（税込）{alone}。"]
