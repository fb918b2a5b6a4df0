"""Nearest to a size, over the example data: the order against the census, and what a size means."""

from itertools import pairwise
from math import inf, log

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import LocalBody
from catalog.models import Case
from catalog.search.documents import Viewer
from catalog.search.evaluator import Sort
from catalog.search.nearness import Near
from catalog.search.query import SearchQuery
from catalog.search.service import SearchService
from catalog.search.towns import Town, find_near, middle_town
from foundation.db import Database
from tests.harness.builders import NOW, make_body


@pytest.fixture(scope="module")
def service(app: Flask) -> SearchService:
    service: SearchService = app.extensions["moyai_search"]
    return service


def test_cases_come_by_the_ratio_of_their_towns_population(service: SearchService) -> None:
    with service.database.read_session() as session:
        near = find_near(session, "252042", None)
        sizes = {
            case_id: population
            for case_id, population, kind in session.execute(
                select(Case.id, LocalBody.population_census_2020, LocalBody.kind).join(
                    LocalBody, LocalBody.code == Case.lead_body_code
                )
            )
            if kind != "prefecture"
        }
    assert near and near.words.startswith("近江八幡市")
    distances = []
    for page in range(1, 9):
        query = SearchQuery(filters={"kind": ("case",)}, sort=Sort.NEAREST, near=near, page=page)
        for result in service.search(query, viewer=Viewer.PUBLIC, now=NOW).results:
            population = sizes.get(result.id)
            distances.append(abs(log(population / near.population)) if population else inf)
    # Told apart to a thousandth: nearer than that is equal.
    assert all(a <= b + 0.001 for a, b in pairwise(distances))
    assert distances[0] < 0.2 < distances[-1]


def test_a_size_is_a_code_or_a_population(database: Database) -> None:
    with database.transaction() as session:
        town = make_body(session, code="252018", population_census_2020=345_070, peer_group="Ⅳ－１")
        prefecture = make_body(session, code="250007", kind="prefecture")
        secret = make_body(session, code="252026", population_census_2020=None)

        by_code = find_near(session, "２５２０１８", None)
        assert by_code == find_near(session, "", town.code)
        assert by_code is not None
        assert (by_code.population, by_code.peer_group) == (345_070, "Ⅳ－１")
        for text in ("30000", "30,000", "３０，０００人"):
            assert find_near(session, text, town.code) == Near(
                population=30_000, words="人口30,000人"
            )
        # Written as a number with commas, six digits are a population in any case.
        assert find_near(session, "252,018", None) == Near(
            population=252_018, words="人口252,018人"
        )
        assert find_near(session, "", prefecture.code) is None
        assert find_near(session, "", secret.code) is None
        for text in ("", "0", "-5", "abc", "1.5", "999999999", "一万"):
            assert find_near(session, text, None) is None, text


def test_an_offerings_size_is_that_of_the_town_in_the_middle() -> None:
    towns = [Town(population=n) for n in (90_000, 0, 5_000, 30_000, 40_000)]
    assert middle_town(towns).population == 30_000
    assert middle_town([Town()]) == middle_town([]) == Town()
