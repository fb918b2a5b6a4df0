"""All templates, by system type."""

from collections.abc import Mapping

from procurement.domain.templates.education import (
    GIGA_DEVICE,
    SCHOOL_ADMINISTRATION,
    SCHOOL_NETWORK,
)
from procurement.domain.templates.field_work import LEAK_SURVEY
from procurement.domain.templates.office import (
    DOCUMENT_MANAGEMENT,
    ELECTRONIC_APPLICATION,
    GENERATIVE_AI,
    MUNICIPAL_CHAT,
)
from procurement.domain.templates.shape import ProjectTemplate

TEMPLATES: Mapping[str, ProjectTemplate] = {
    template.key: template
    for template in (
        SCHOOL_ADMINISTRATION,
        GIGA_DEVICE,
        SCHOOL_NETWORK,
        LEAK_SURVEY,
        GENERATIVE_AI,
        ELECTRONIC_APPLICATION,
        DOCUMENT_MANAGEMENT,
        MUNICIPAL_CHAT,
    )
}


def find_template(key: str) -> ProjectTemplate | None:
    """The template of that system type, if there is one."""
    return TEMPLATES.get(key)
