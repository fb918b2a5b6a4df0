"""Example needs (架空): what the fictional towns say they need, walked through the real service."""

from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import SYSTEM
from catalog.example.bodies import ExampleBody, quantities_of
from catalog.example.load import get_base_date
from catalog.example.world import SEED, make_world
from foundation.clock import add_months, fiscal_year_of, fiscal_year_start, month_start
from foundation.settings import find_setting, put_setting
from procurement.domain.needs import MustHave, Network
from procurement.example_actors import actor_of
from procurement.queries.need_units import unit_of
from procurement.services.needs import NeedAnswers, state_need

NEEDS_SETTING = "example_needs"
PREFECTURE = "990001"
# Of these people try the product: they find the needs of others, and state their own.
PILOT_TOWNS = frozenset({"992011", "992020", "993018", "994014"})
# System type → how many of a hundred towns need it, and from which networks they may use it.
PLOTS = {
    "generative_ai": (45, (Network.ANY, Network.LGWAN, Network.INTERNET)),
    "document_management": (35, (Network.LGWAN,)),
    "municipal_chat": (30, (Network.LGWAN, Network.ANY)),
    "electronic_contract": (25, (Network.INTERNET, Network.ANY)),
    "facility_booking": (20, (Network.INTERNET,)),
    "leak_survey": (8, (Network.ANY,)),
}
_OBSTACLES = (
    "専任の担当がおらず、仕様書を書く時間がない（架空）",
    "今の契約の途中解約に費用がかかる（架空）",
    "議会への説明に使える先行事例を探している（架空）",
)


def load_example_needs(session: Session, now: datetime, base_date: date | None = None) -> int:
    """Write the example needs once; how many, 0 if they are there already."""
    if find_setting(session, NEEDS_SETTING) is not None:
        return 0
    base = base_date or get_base_date(session, now)
    random = Random(f"{SEED}/needs")
    count = 0
    for town in make_world(base).bodies[1:]:
        for system_type, (percent, networks) in PLOTS.items():
            if random.randrange(100) < percent and town.code not in PILOT_TOWNS:
                _state(session, town, system_type, networks, base, now, random)
                count += 1
    _ask_for_confirmation(session, base, now)
    put_setting(session, NEEDS_SETTING, SEED)
    record(session, SYSTEM, "load_example_needs", "example", SEED, {"need": count + 1}, now)
    return count + 1


def _state(
    session: Session,
    town: ExampleBody,
    system_type: str,
    networks: tuple[Network, ...],
    base: date,
    now: datetime,
    random: Random,
) -> None:
    """Contracts mostly end with a fiscal year, as they do in offices."""
    years = random.choice((0, 1, 1, 1, 2, 2, 3))
    ends = fiscal_year_start(fiscal_year_of(base) + 1 + years) - timedelta(days=1)
    if random.random() < 0.25:
        ends = month_start(add_months(ends, random.randint(1, 8))) - timedelta(days=1)
    known = random.random() < 0.8
    state_need(
        session,
        actor=actor_of(session, town.code),
        now=now,
        body_code=town.code,
        system_type_code=system_type,
        answers=NeedAnswers(
            wanted_from=month_start(ends + timedelta(days=1)),
            contract_ends_on=ends if known else None,
            annual_cost_yen=random.randint(30, 400) * 10_000 if random.random() < 0.4 else None,
            quantity=quantities_of(town).of(unit_of(system_type)) or None,
            network=random.choice(networks).value,
            must_haves=_must_haves(random),
            obstacles=random.choice(_OBSTACLES) if random.random() < 0.3 else "",
        ),
    )


def _must_haves(random: Random) -> tuple[str, ...]:
    chosen = [
        each
        for each in (MustHave.DOMESTIC_DATA, MustHave.DATA_RETURN, MustHave.SINGLE_SIGN_ON)
        if random.random() < 0.4
    ]
    draw = random.random()
    if draw < 0.4:
        chosen.append(MustHave.AS_IT_IS)
    elif draw < 0.5:
        chosen.append(MustHave.OWN_FORMS)
    return tuple(each.value for each in chosen)


def _ask_for_confirmation(session: Session, base: date, now: datetime) -> None:
    """One need the coordinator entered, for a pilot town to confirm."""
    state_need(
        session,
        actor=actor_of(session, PREFECTURE),
        now=now,
        body_code="994014",
        system_type_code="generative_ai",
        answers=NeedAnswers(
            wanted_from=fiscal_year_start(fiscal_year_of(base) + 1),
            quantity=60,
            network=Network.LGWAN.value,
        ),
    )
