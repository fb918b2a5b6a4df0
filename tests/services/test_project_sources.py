"""Made-up figures are credited to nobody's statistics, real ones to theirs."""

from dataclasses import replace

from foundation.db import Database
from procurement.presenters.amounts import own_figures_view
from procurement.presenters.sharing import member_input_table
from procurement.presenters.sheet import sheet_view
from procurement.queries.own_figures import own_figures
from procurement.queries.own_page import get_own_page
from procurement.queries.previews import get_previews
from procurement.queries.project_page import get_head_and_project
from tests.harness.builders import NOW
from tests.harness.projects import make_project, make_world

INVENTED = "架空（試用のために作った値）"


def a_project(session, *, real: int):
    """Three members, of which the first so many have facts from real statistics."""
    world = make_world(session)
    project = make_project(session, world)
    for place, body in enumerate(world.bodies):
        body.fictional = place >= real
    session.flush()
    return world, project


def test_the_sheet_names_the_source_of_the_own_bodys_population(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world, project = a_project(session, real=1)
        for body, invented in ((world.bodies[0], False), (world.bodies[1], True)):
            actor = world.manager(body)
            head, _ = get_head_and_project(session, actor, project.id)
            page = get_own_page(session, project, head.standing)
            sources = sheet_view(head, page, NOW).sources
            assert (f"人口：{INVENTED}" in sources) == invented, sources
            own = own_figures_view(own_figures(session, project, body, None), project.main_unit)
            population = dict(own.inputs)["人口"]
            assert (INVENTED in population) == invented
            assert ("住民基本台帳" in population) != invented


def test_the_inputs_table_credits_each_kind_of_body(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world, project = a_project(session, real=1)
        head, _ = get_head_and_project(session, world.lead, project.id)
        previews = get_previews(session, project, head.standing)
        computed = previews.by_basis[0].preview
        assert computed is not None
        mixed = member_input_table(computed, previews.members).note
        assert "住民基本台帳" in mixed and INVENTED in mixed
        assert world.bodies[1].name in mixed and world.bodies[0].name not in mixed
        invented = [replace(member, fictional=True) for member in previews.members]
        assert "住民基本台帳" not in member_input_table(computed, invented).note
        real = [replace(member, fictional=False) for member in previews.members]
        assert INVENTED not in member_input_table(computed, real).note
