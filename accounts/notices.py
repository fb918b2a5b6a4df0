"""Telling an organisation: a notice in its inbox and a mail to each of its people."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Membership, User
from foundation.mail import notify, queue_mail

MAIL_FOOTER = "\n\n--\nもやい（国・地方共通基盤 共同調達カタログ）の自動送信です。"


def tell_organization(
    session: Session, organization_id: int, *, title: str, body: str, now: datetime, url: str = ""
) -> None:
    """One notice all its members see, and one mail to each active member."""
    notify(session, title=title, body=body, url=url, organization_id=organization_id, now=now)
    for address in _addresses(session, organization_id):
        queue_mail(
            session, to=address, subject=f"【もやい】{title}", body=body + MAIL_FOOTER, now=now
        )


def tell_user(
    session: Session, user_id: int, *, title: str, body: str, now: datetime, url: str = ""
) -> None:
    """One notice and one mail to one person."""
    notify(session, title=title, body=body, url=url, user_id=user_id, now=now)
    address = session.scalar(select(User.email).where(User.id == user_id, User.active))
    if address:
        queue_mail(
            session, to=address, subject=f"【もやい】{title}", body=body + MAIL_FOOTER, now=now
        )


def _addresses(session: Session, organization_id: int) -> list[str]:
    statement = (
        select(User.email)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organization_id == organization_id, User.active)
        .distinct()
        .order_by(User.email)
    )
    return list(session.scalars(statement))
