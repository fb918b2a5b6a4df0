"""The one table all invented prices come from: per system type and size band, tax-excluded."""

from dataclasses import dataclass
from functools import cache

from catalog.example.bodies import ExampleBody
from catalog.example.tables import catalog_table
from catalog.plan_units import Unit


@dataclass(frozen=True, kw_only=True)
class BandPrice:
    """What a body of this size pays alone, whole yen, tax-excluded.

    min_population: the band begins here. unit_quantity: units such a body usually has.
    """

    band: str
    min_population: int
    initial_yen: int
    annual_yen: int
    unit: Unit
    unit_quantity: int
    real_anchor: bool


@cache
def band_prices(system_type: str) -> tuple[BandPrice, ...]:
    """The bands of a system type, smallest first; none for a type without prices."""
    return tuple(
        BandPrice(
            band=row["band"],
            min_population=int(row["min_population"]),
            initial_yen=int(row["initial"]),
            annual_yen=int(row["annual"]),
            unit=Unit(row["unit"]),
            unit_quantity=int(row["unit_quantity"]),
            real_anchor=row["basis"] == "real_anchor",
        )
        for row in catalog_table("price_table")
        if row["system_type"] == system_type
    )


def price_for(system_type: str, body: ExampleBody) -> BandPrice:
    """The price in the body's size band."""
    people = body.population_census_2020
    return [b for b in band_prices(system_type) if b.min_population <= people][-1]


def list_priced_types() -> tuple[str, ...]:
    """The system types that have prices, in table order."""
    return tuple(dict.fromkeys(row["system_type"] for row in catalog_table("price_table")))
