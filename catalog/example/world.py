"""The whole fictional world, the same for the same base date on every machine."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from random import Random

from catalog.entries import CaseEntry, OfferingEntry, VendorEntry
from catalog.example.bodies import ExampleBody, make_bodies
from catalog.example.cases import make_cases
from catalog.example.offerings import make_offerings
from catalog.example.vendors import introduce, make_vendors

SEED = "moyai-example-1"


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything invented. bodies: the prefecture, then 60 municipalities by code."""

    bodies: tuple[ExampleBody, ...]
    vendors: tuple[VendorEntry, ...]
    offerings: tuple[OfferingEntry, ...]
    cases: tuple[CaseEntry, ...]


@cache
def make_world(base: date) -> World:
    """The world seen from the base date. Each part has its own numbers drawn.

    So a sentence added to the cases does not change a vendor.
    """
    bodies = make_bodies(_random("bodies"))
    vendors = make_vendors(bodies, base, _random("vendors"))
    offerings = make_offerings(vendors, base, _random("offerings"))
    vendors = introduce(vendors, offerings, _random("introductions"))
    cases = make_cases(bodies, vendors, offerings, base, _random("cases"))
    return World(bodies=bodies, vendors=vendors, offerings=offerings, cases=cases)


def _random(part: str) -> Random:
    # A text seed is hashed by SHA-512: equal on every platform and Python version.
    return Random(f"{SEED}/{part}")
