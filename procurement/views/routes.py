"""Every view of joint procurement, registered on the one blueprint by being imported."""

from procurement.views import costs, home, project_list
from procurement.views.blueprint import blueprint

__all__ = ["blueprint", "costs", "home", "project_list"]
