"""Every view of joint procurement, registered on the one blueprint by being imported."""

from procurement.views import (
    api,
    costs,
    desks,
    fairness,
    home,
    joining,
    leading,
    needs,
    own_place,
    partners,
    project,
    project_list,
    proposals,
    schedule,
    sharing,
    tender,
    terms,
)
from procurement.views.blueprint import blueprint

__all__ = [
    "api",
    "blueprint",
    "costs",
    "desks",
    "fairness",
    "home",
    "joining",
    "leading",
    "needs",
    "own_place",
    "partners",
    "project",
    "project_list",
    "proposals",
    "schedule",
    "sharing",
    "tender",
    "terms",
]
