"""The gallery of page parts at /design, for those who make pages; example mode only."""

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from foundation.web import PUBLIC

blueprint = Blueprint("gallery", __name__)


@blueprint.get("/design")
def design() -> ResponseReturnValue:
    """Every component with example content."""
    if not current_app.config.get("EXAMPLE_MODE"):
        abort(404)
    return render_template("design.html")


design.permission = PUBLIC  # type: ignore[attr-defined]
