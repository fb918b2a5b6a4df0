"""Choosing a template of a project."""

from wtforms import SelectField

from foundation.forms import MoyaiForm, required
from procurement.domain.templates.shelf import TEMPLATES


class TemplateForm(MoyaiForm):
    """Which template to copy into the survey and the requirements."""

    template = SelectField(
        "ひな形",
        [required("選んでください。")],
        choices=[("", "選んでください"), *((each.key, each.name) for each in TEMPLATES.values())],
    )
