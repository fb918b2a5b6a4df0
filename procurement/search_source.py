"""The projects' documents for the search index: the public part, and nothing else (domain §8)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from catalog.funding import BOUGHT_JOINTLY, programs_about
from catalog.policy import ClassedKind
from catalog.queries.policy_classes import confirmed_scopes
from catalog.search import sources
from catalog.search.documents import SearchDocument
from catalog.search.facets import system_type_facets
from catalog.search.products import Product, list_products, specs_of
from catalog.search.suggestions import Suggestion, SuggestionKind
from catalog.search.towns import Town, find_towns, population_bands
from procurement.domain.lifecycle import ContractModel, State
from procurement.models import Project, ProjectOffering
from procurement.queries.project_rows import IS_PUBLIC, announced_closing, count_bodies

KIND = "project"
# Cases have a status `closed` too, which means something else.
_USED = ProjectOffering.relation.in_(("awarded", "in_use"))
_STATUS_VALUES = {s: f"project_{s.value}" if s is State.CLOSED else s.value for s in State}


class ProjectSource:
    """Public projects as documents. Seven queries a batch."""

    def list_ids(self, session: Session) -> Sequence[int]:
        """Ids of everything of this kind that somebody may find."""
        return session.scalars(select(Project.id).where(IS_PUBLIC).order_by(Project.id)).all()

    def documents(self, session: Session, ids: Sequence[int]) -> Sequence[SearchDocument]:
        """The documents of these ids; a project that is not public gives none."""
        projects = session.scalars(
            select(Project)
            .where(Project.id.in_(ids), IS_PUBLIC)
            .options(joinedload(Project.lead_organization), joinedload(Project.system_type))
        ).all()
        counts = count_bodies(session, [project.id for project in projects])
        towns = find_towns(session, {project.lead_organization.body_code for project in projects})
        specs = _specs_by_project(session, [project.id for project in projects])
        scopes = confirmed_scopes(session, ClassedKind.PROJECT.value, ids)
        return [
            _document(
                project,
                counts.get(project.id, 0),
                towns[project.lead_organization.body_code],
                specs.get(project.id, ()),
                scopes.get(project.id, project.system_type.policy_scope),
            )
            for project in projects
        ]


def _specs_by_project(
    session: Session, project_ids: Sequence[int]
) -> Mapping[int, tuple[str, ...]]:
    """Specifications of the products the projects chose or use. Two queries."""
    links = session.execute(
        select(ProjectOffering.project_id, ProjectOffering.offering_id)
        .where(ProjectOffering.project_id.in_(project_ids), _USED)
        .order_by(ProjectOffering.offering_id)
    ).all()
    products = list_products(session, (offering_id for _, offering_id in links))
    used: dict[int, list[Product]] = defaultdict(list)
    for project_id, offering_id in links:
        if offering_id in products:
            used[project_id].append(products[offering_id])
    return {project_id: specs_of(found) for project_id, found in used.items()}


def list_projects_using(session: Session, offering_id: int) -> list[tuple[str, int]]:
    """The projects whose documents say something of the entry."""
    statement = select(ProjectOffering.project_id).where(
        ProjectOffering.offering_id == offering_id, _USED
    )
    return [(KIND, number) for number in session.scalars(statement)]


def _document(
    project: Project, body_count: int, size: Town, specs: Sequence[str], policy_scope: str
) -> SearchDocument:
    state = State(project.state)
    model = ContractModel(project.contract_model).label if project.contract_model else ""
    lead = project.lead_organization.name
    return SearchDocument(
        kind=KIND,
        object_id=project.id,
        title=project.title,
        url=f"/projects/{project.id}",
        summary=f"{state.label}・幹事 {lead}・参加{body_count}団体",
        vendor=lead,
        category=project.system_type.name,
        body="\n".join((state.label, model, project.system_type.keywords.replace("|", "、"))),
        facets=_facets(project, size, policy_scope) | {"spec": tuple(specs)},
        updated_at=project.updated_at,
        closes_at=project.join_closes_at if state is State.FORMING else announced_closing(project),
        joining_bodies=body_count,
        population=size.population,
        peer_group=size.peer_group,
        fictional=project.fictional,
    )


def _facets(project: Project, size: Town, policy_scope: str) -> dict[str, tuple[str, ...]]:
    kind = project.system_type
    facets: dict[str, tuple[str, ...]] = {
        **system_type_facets(kind.code, kind.area, policy_scope),
        "population_band": population_bands([size]),
        "prefecture": (project.prefecture_code or "00",),
        "status": (_STATUS_VALUES[State(project.state)],),
        "funding_program": programs_about(project.system_type_code, BOUGHT_JOINTLY),
    }
    if project.contract_model:
        facets["contract_model"] = (project.contract_model,)
    if project.procurement_method:
        facets["procurement_method"] = (project.procurement_method,)
    return facets


def register() -> None:
    """Hand the projects to the search index; called once when the application is made."""
    sources.register(KIND, ProjectSource())
    sources.register_labels(KIND, _load_labels)
    sources.register_followers("offering", KIND, list_projects_using)
    sources.register_suggestions(KIND, list_suggestions)


def _load_labels(_session: Session) -> dict[str, dict[str, str]]:
    return {"status": {value: state.label for state, value in _STATUS_VALUES.items()}}


def list_suggestions(session: Session) -> Iterator[Suggestion]:
    """The titles of the public projects."""
    for title, fictional in session.execute(
        select(Project.title, Project.fictional).where(IS_PUBLIC)
    ):
        yield Suggestion(text=title, kind=SuggestionKind.PROJECT, fictional=fictional)
