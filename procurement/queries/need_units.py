"""In which unit a body says how much it needs of a system type."""

from functools import cache

from catalog.example.tables import catalog_table
from catalog.plan_units import Unit


@cache
def _units() -> dict[str, Unit]:
    return {row["code"]: Unit(row["unit"]) for row in catalog_table("system_types")}


def unit_of(system_type_code: str) -> Unit:
    """The main unit of the type; users where the type is bought once per body."""
    unit = _units().get(system_type_code, Unit.ACCOUNT)
    return Unit.ACCOUNT if unit is Unit.BODY else unit
