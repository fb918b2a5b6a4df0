"""The one blueprint of joint procurement; `routes` brings its views together."""

from flask import Blueprint

from procurement.domain.participation import BudgetStatus, ParticipationStatus
from procurement.domain.states import State

blueprint = Blueprint("procurement", __name__)

HOME = ("ホーム", "/")
PROJECTS = ("共同調達", "/projects")


@blueprint.app_template_filter()
def participation_status(value: str) -> str:
    """The word for a stored status of participation."""
    return ParticipationStatus(value).label


@blueprint.app_template_filter()
def budget_status(value: str) -> str:
    """The word for a stored budget status; a dash where none is said."""
    return BudgetStatus(value).label if value else "—"


@blueprint.app_template_filter()
def project_state(value: str) -> str:
    """The word for a stored state."""
    return State(value).label
