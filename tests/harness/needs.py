"""Builders of needs: they walk the real service."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from accounts.roles import Actor
from procurement.need_models import Need
from procurement.services.needs import NeedAnswers, state_need
from tests.harness.builders import NOW

APRIL = date(2027, 4, 1)


def make_answers(**changes: Any) -> NeedAnswers:
    """Valid answers: from April 2027 on, 100 of the unit."""
    values: dict[str, Any] = {"wanted_from": APRIL, "quantity": 100}
    return NeedAnswers(**(values | changes))


def state(
    session: Session,
    actor: Actor,
    body_code: str = "",
    system_type_code: str = "generative_ai",
    **changes: Any,
) -> Need:
    """The actor's own body states a need; a coordinator for the body named."""
    return state_need(
        session,
        actor=actor,
        now=NOW,
        body_code=body_code or actor.body_code or "",
        system_type_code=system_type_code,
        answers=make_answers(**changes),
    )
