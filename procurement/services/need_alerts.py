"""A coordinator hears once that several of its municipalities need the same."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.codes import BodyKind
from accounts.models import LocalBody
from accounts.notices import tell_organization
from catalog.models import SystemType
from procurement.domain.needs import ALERT_AT, NeedStatus
from procurement.need_models import Need, NeedAlert
from procurement.services.invitations import organization_of_body


def tell_of_shared_need(session: Session, row: Need, *, now: datetime) -> None:
    """Tell the prefecture of the need's body, once ALERT_AT bodies there need the same."""
    prefecture = row.body_code[:2]
    if session.get(NeedAlert, (prefecture, row.system_type_code)) is not None:
        return
    # One by one from here: of two who state the same at once, the second counts the first.
    code = _lock_prefecture(session, prefecture)
    key = (prefecture, row.system_type_code)
    if code is None or session.get(NeedAlert, key, populate_existing=True) is not None:
        return
    bodies = _count(session, prefecture, row.system_type_code)
    if bodies < ALERT_AT:
        return
    session.add(
        NeedAlert(
            prefecture_code=prefecture,
            system_type_code=row.system_type_code,
            bodies=bodies,
            told_at=now,
        )
    )
    session.flush()
    name = session.get_one(SystemType, row.system_type_code).name
    tell_organization(
        session,
        organization_of_body(session, code).id,
        title=f"県内の{bodies}団体が「{name}」を必要としています",
        body="組み合わせの候補を見て、案件の案を作れます。",
        url=f"/interests/partners?category={row.system_type_code}",
        now=now,
    )


def _count(session: Session, prefecture: str, system_type_code: str) -> int:
    statement = (
        select(func.count())
        .select_from(Need)
        .join(LocalBody, LocalBody.code == Need.body_code)
        .where(
            LocalBody.prefecture_code == prefecture,
            Need.system_type_code == system_type_code,
            Need.status == NeedStatus.STATED,
        )
    )
    return session.scalar(statement) or 0


def _lock_prefecture(session: Session, prefecture: str) -> str | None:
    """The prefecture's own body, held until the transaction ends; None where there is none."""
    code: str | None = session.scalar(
        select(LocalBody.code)
        .where(
            LocalBody.prefecture_code == prefecture,
            LocalBody.kind == BodyKind.PREFECTURE,
        )
        .with_for_update()
    )
    return code
