"""The fictional prefecture: 60 municipalities whose sizes follow the real distribution."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from accounts.codes import BodyKind, body_check_digit, corporate_number_of_body
from catalog.example.tables import Row, accounts_table, catalog_table
from catalog.plan_units import Quantities


@dataclass(frozen=True, kw_only=True)
class ExampleBody:
    """A fictional local body, with the columns of the real table."""

    code: str
    name: str
    kana: str
    kind: BodyKind
    corporate_number: str
    population_census_2020: int
    population_register_2025: int
    households_2020: int
    population_65plus_2020: int | None
    area_ha: int | None
    staff_general_2024: int | None
    fiscal_strength_index: Decimal | None
    standard_fiscal_scale_thousand_yen: int | None
    peer_group: str | None


def make_bodies(random: Random) -> tuple[ExampleBody, ...]:
    """The prefecture first, then its 60 municipalities by code."""
    names = catalog_table("example_bodies")
    towns = []
    for kind in (BodyKind.CITY, BodyKind.TOWN, BodyKind.VILLAGE):
        own = [row for row in names if row["kind"] == kind]
        models = _models(kind, len(own))
        random.shuffle(models)
        towns += [_body_like(row, model, random) for row, model in zip(own, models, strict=True)]
    prefecture = next(row for row in names if row["kind"] == BodyKind.PREFECTURE)
    return (_sum_of(prefecture, towns), *sorted(towns, key=lambda body: body.code))


def quantities_of(body: ExampleBody) -> Quantities:
    """What a body of this size would ask for: ratios usual in Japanese municipalities, assumed."""
    people, staff = body.population_census_2020, body.staff_general_2024 or 0
    return Quantities(
        resident=people,
        household=body.households_2020,
        account=staff,
        device=people * 78 // 1000,
        school=max(2, people // 3_000),
        meter=people * 41 // 100,
        case=max(60, people * 17 // 1000),
        character=staff * 3_000,
    )


def _models(kind: BodyKind, count: int) -> list[Row]:
    """Real bodies at the middle of each of `count` equal parts of the distribution."""
    real = [row for row in accounts_table("local_bodies") if row["kind"] == kind]
    peopled = [row for row in real if int(row["population_census_2020"]) > 0]
    by_size = sorted(peopled, key=lambda row: int(row["population_census_2020"]))
    return [by_size[(2 * place + 1) * len(by_size) // (2 * count)] for place in range(count)]


def _body_like(row: Row, model: Row, random: Random) -> ExampleBody:
    """A fictional body of the model's size, up to 7% more or less, its figures in step."""
    percent = random.randint(93, 107)

    def scaled(column: str, own_percent: int = 100) -> int:
        return int(model[column]) * percent * own_percent // 10_000

    index = Decimal(model["fiscal_strength_index"]) + Decimal(random.randint(-2, 2)) / 100
    code = _code(row)
    return ExampleBody(
        code=code,
        name=row["name"],
        kana=row["kana"],
        kind=BodyKind(row["kind"]),
        corporate_number=corporate_number_of_body(code),
        population_census_2020=scaled("population_census_2020"),
        population_register_2025=scaled("population_register_2025"),
        households_2020=scaled("households_2020"),
        population_65plus_2020=scaled("population_65plus_2020"),
        area_ha=scaled("area_ha", random.randint(80, 120)),
        staff_general_2024=scaled("staff_general_2024"),
        fiscal_strength_index=max(index, Decimal("0.07")),
        standard_fiscal_scale_thousand_yen=scaled("standard_fiscal_scale_thousand_yen"),
        peer_group=model["peer_group"],
    )


def _sum_of(row: Row, towns: Sequence[ExampleBody]) -> ExampleBody:
    """The prefecture; what the real table does not publish for prefectures stays None."""
    code = _code(row)
    return ExampleBody(
        code=code,
        name=row["name"],
        kana=row["kana"],
        kind=BodyKind.PREFECTURE,
        corporate_number=corporate_number_of_body(code),
        population_census_2020=sum(town.population_census_2020 for town in towns),
        population_register_2025=sum(town.population_register_2025 for town in towns),
        households_2020=sum(town.households_2020 for town in towns),
        population_65plus_2020=None,
        area_ha=None,
        staff_general_2024=None,
        fiscal_strength_index=None,
        standard_fiscal_scale_thousand_yen=None,
        peer_group=None,
    )


def _code(row: Row) -> str:
    return row["first_five"] + str(body_check_digit(row["first_five"]))
