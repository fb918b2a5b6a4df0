"""270 fictional products of the 244 vendors, with their sellers and price plans.

maker_id and seller_id are vendor numbers (1 to 244) until the loader puts in the ids.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from catalog.entries import OfferEntry, OfferingEntry, VendorEntry
from catalog.example.answers import make_answers
from catalog.example.conformances import make_conformances
from catalog.example.more_answers import more_answers
from catalog.example.plans import make_plans
from catalog.example.tables import Row, catalog_table, list_texts
from catalog.example.vendors import Stem, list_stems

OFFERING_COUNT = 270
# Vendors with no product of their own still sell others' or are simply registered.
_MAKERS = 196


def make_offerings(
    vendors: Sequence[VendorEntry], base: date, random: Random
) -> tuple[OfferingEntry, ...]:
    """The products, by key; some vendors have several, some none."""
    kinds = [row for row in catalog_table("example_types") for _ in range(int(row["offerings"]))]
    random.shuffle(kinds)
    makers = _makers(len(vendors), len(kinds), random)
    taken: set[str] = set()
    return tuple(
        _offering(number, kind, maker, vendors, taken, base, random)
        for number, (kind, maker) in enumerate(zip(kinds, makers, strict=True), start=1)
    )


def _makers(vendor_count: int, offering_count: int, random: Random) -> list[int]:
    """A vendor number per product: every maker has one, some have more."""
    numbers = random.sample(range(1, vendor_count + 1), _MAKERS)
    more = random.choices(numbers[:70], k=offering_count - _MAKERS)
    makers = numbers + more
    random.shuffle(makers)
    return makers


def _offering(
    number: int,
    kind: Row,
    maker: int,
    vendors: Sequence[VendorEntry],
    taken: set[str],
    base: date,
    random: Random,
) -> OfferingEntry:
    system_type = kind["system_type"]
    stem = list_stems()[(maker - 1) % len(list_stems())]
    key = f"example-offering-{number:03d}"
    earliest = (base - vendors[maker - 1].registered_on).days
    entry = OfferingEntry(
        key=key,
        maker_id=maker,
        system_type_code=system_type,
        name=_name(stem, system_type, taken, random),
        summary=_summary(system_type, random),
        registered_on=base - timedelta(days=random.randint(0, earliest)),
        answers=make_answers(kind, random),
        offers=_offers(system_type, maker, len(vendors), random),
        fictional=True,
    )
    said = make_conformances(system_type, entry.name)
    more = more_answers(entry.answers, key) | ({"spec_conformance": said} if said else {})
    return replace(entry, answers={**entry.answers, **more})


def _name(stem: Stem, system_type: str, taken: set[str], random: Random) -> str:
    """「ほゆい文書デスク」: the maker's place and what the product does; never twice."""
    nouns = list(list_texts("noun", system_type))
    random.shuffle(nouns)
    candidates = [f"{stem.kana}{noun}" for noun in nouns]
    candidates += [
        f"{stem.kana}{noun}{mark}" for mark in ("プラス", "ライト", "Ⅱ") for noun in nouns
    ]
    name = next(candidate for candidate in candidates if candidate not in taken)
    taken.add(name)
    return name


def _summary(system_type: str, random: Random) -> str:
    opening = random.choice(list_texts("summary", system_type))
    features = list_texts("feature", system_type)
    chosen = random.sample(features, min(len(features), random.randint(2, 3)))
    return "。".join((opening, *chosen)) + "。"


def _offers(
    system_type: str, maker: int, vendor_count: int, random: Random
) -> tuple[OfferEntry, ...]:
    """Mostly the maker sells; some products come through one to three other vendors too."""
    sellers = [maker] if random.random() < 0.88 else []
    others = random.choices((0, 1, 2, 3), weights=(78, 15, 5, 2))[0]
    others = max(others, 1 - len(sellers))
    pool = [number for number in range(1, vendor_count + 1) if number != maker]
    sellers += random.sample(pool, others)
    level = random.randint(84, 100)
    return tuple(
        OfferEntry(
            seller_id=seller,
            contract_conditions=random.choice(list_texts("conditions")) + "。",
            plans=make_plans(system_type, min(100, level + place * 3), random),
        )
        for place, seller in enumerate(sellers)
    )
