"""The fictional world: as many things as announced, coherent, reproducible, and not real."""

import csv
from datetime import date
from pathlib import Path

import pytest

from accounts.codes import BodyKind, is_body_code, is_corporate_number
from catalog.checks import list_case_blockers, list_offering_blockers, list_vendor_blockers
from catalog.example.bodies import quantities_of
from catalog.example.prices import band_prices, list_priced_types, price_for
from catalog.example.world import make_world
from catalog.plans import Plan
from catalog.pricing import Unit, price_plan

BASE = date(2026, 11, 20)
ROOT = Path(__file__).resolve().parents[2]
# field-notes A3: information-system cost per resident of 1,741 municipalities, FY2017.
MEAN_PER_RESIDENT, AT_100_TO_200K, UNDER_20K = 3_742, 3_096, 11_724


def rows(path):
    with (ROOT / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def world():
    return make_world(BASE)


@pytest.fixture(scope="module")
def towns(world):
    return world.bodies[1:]


def test_the_counts_are_those_of_the_policy_document(world):
    assert (len(world.vendors), len(world.offerings), len(world.cases)) == (244, 270, 245)
    assert len(world.bodies) == 61


def test_the_same_base_date_gives_the_same_world(world):
    make_world.cache_clear()
    again = make_world(BASE)
    assert again is not world
    assert again == world


def test_another_base_date_moves_dates_and_nothing_else_about_bodies_and_names(world):
    later = make_world(date(2027, 5, 1))
    assert later.bodies == world.bodies
    assert [v.name for v in later.vendors] == [v.name for v in world.vendors]
    assert max(case.contract_start for case in later.cases) > date(2027, 1, 1)


def test_everything_is_marked_fictional(world):
    assert all(entry.fictional for entry in (*world.vendors, *world.offerings, *world.cases))
    assert all(body.code.startswith("99") for body in world.bodies)


def test_codes_and_corporate_numbers_check_and_are_unique(world):
    assert all(is_body_code(body.code) for body in world.bodies)
    numbers = [vendor.corporate_number for vendor in world.vendors]
    assert all(is_corporate_number(number) and number[1:5] == "9999" for number in numbers)
    numbers += [body.corporate_number for body in world.bodies]
    assert len(set(numbers)) == 244 + 61


def test_no_invented_body_has_the_name_of_a_real_one(world):
    real = {row["name"] for row in rows("accounts/data/local_bodies.csv")}
    assert not real & {body.name for body in world.bodies}


def test_no_invented_vendor_or_product_carries_a_name_of_the_real_cases(world):
    text = " ".join(row["vendor_text"] for row in rows("catalog/data/real_cases.csv"))
    stems = {row["name"][:-1] for row in rows("catalog/data/example_bodies.csv")}
    for vendor in world.vendors:
        assert vendor.name not in text
        assert any(stem in vendor.name for stem in stems)
    kana = {row["kana"][:2] for row in rows("catalog/data/example_bodies.csv")}
    assert all(offering.name[:2] in kana for offering in world.offerings)


def test_names_keys_and_addresses_are_each_given_once(world):
    assert len({vendor.name for vendor in world.vendors}) == 244
    assert len({vendor.website for vendor in world.vendors}) == 244
    assert all(vendor.website.endswith(".example/") for vendor in world.vendors)
    assert len({offering.name for offering in world.offerings}) == 270
    assert len({case.key for case in world.cases}) == 245


def test_every_entry_may_be_published_as_it_is(world):
    assert [b for vendor in world.vendors for b in list_vendor_blockers(vendor)] == []
    assert [b for offering in world.offerings for b in list_offering_blockers(offering)] == []
    assert [b for case in world.cases for b in list_case_blockers(case)] == []


def test_sizes_follow_the_real_distribution(towns):
    for kind in (BodyKind.CITY, BodyKind.TOWN, BodyKind.VILLAGE):
        real = sorted(
            int(row["population_census_2020"])
            for row in rows("accounts/data/local_bodies.csv")
            if row["kind"] == kind
        )
        own = sorted(body.population_census_2020 for body in towns if body.kind is kind)
        middle = own[len(own) // 2]
        assert real[len(real) * 4 // 10] < middle < real[len(real) * 6 // 10]
        assert real[0] < own[0] < own[-1] < real[-1]


def test_the_figures_of_a_body_fit_together(towns):
    for body in towns:
        assert body.households_2020 < body.population_census_2020
        assert body.population_65plus_2020 < body.population_census_2020
        assert body.staff_general_2024 * 20 < body.population_census_2020 * 3
        assert 0 < body.fiscal_strength_index < 2


def test_some_vendors_have_no_product_and_some_products_several_sellers(world):
    makers = {offering.maker_id for offering in world.offerings}
    assert 190 <= len(makers) < 244
    assert any(len(offering.offers) >= 3 for offering in world.offerings)
    assert {s.seller_id for o in world.offerings for s in o.offers} - makers


def test_some_answers_are_left_open_and_some_say_there_is_none(world):
    answers = [offering.answers for offering in world.offerings]
    assert 40 < sum("sla_availability" not in a for a in answers) < 180
    assert any(a["certifications"] == ["none"] for a in answers)
    assert {a["lgwan_endpoint"] for a in answers} == {"yes", "no"}


def test_a_product_without_a_way_in_claims_no_registration(world):
    for offering in world.offerings:
        if offering.answers["lgwan_endpoint"] == "no":
            assert offering.answers.get("lgwan_connection") in (None, "internet_only")
            assert offering.answers.get("lgwan_asp_registration") in (None, "none")


def test_linked_products_are_of_the_case_s_kind_and_exist(world):
    by_key = {offering.key: offering for offering in world.offerings}
    for case in world.cases:
        for key in case.offering_keys:
            assert by_key[key].system_type_code == case.system_type_code
    linked = sum(bool(case.offering_keys) for case in world.cases)
    assert 140 < linked < 210


def test_participants_are_counted_municipalities_of_the_prefecture(world, towns):
    codes = {body.code for body in towns}
    for case in world.cases:
        named = {participant.body_code for participant in case.participants}
        assert named <= codes
        assert len(named) == case.participant_count
    assert {case.participant_count for case in world.cases} >= {1, 2, 60}


def test_dates_lie_before_the_base_date_and_know_how_is_sometimes_missing(world):
    for case in world.cases:
        assert case.contract_start <= BASE
        assert case.first_published_on <= case.last_confirmed_on <= BASE
        assert case.status == ("in_use" if case.contract_end >= BASE else "ended")
    without = sum(not case.know_how for case in world.cases)
    assert 30 < without < 90
    assert not any("{" in f"{case.background}{case.process_steps}" for case in world.cases)


def test_generative_ai_is_not_bought_before_it_existed(world):
    years = [c.fiscal_year_start for c in world.cases if c.system_type_code == "generative_ai"]
    assert min(years) >= 2023


def table_cost(system_types, body):
    """Whole yen a year with 10% tax; initial costs spread over five years."""
    prices = [price_for(system_type, body) for system_type in system_types]
    return sum((p.annual_yen + p.initial_yen // 5) * 11 // 10 for p in prices)


@pytest.mark.parametrize(
    ("least", "below", "limit"),
    [(0, 20_000, UNDER_20K), (100_000, 200_000, AT_100_TO_200K), (0, 10**8, MEAN_PER_RESIDENT)],
)
def test_all_kinds_together_cost_less_per_resident_than_reported(towns, least, below, limit):
    types = list_priced_types()
    group = [body for body in towns if least <= body.population_census_2020 < below]
    people = sum(body.population_census_2020 for body in group)
    assert len(group) >= 4
    assert limit // 2 < sum(table_cost(types, body) for body in group) // people < limit


def test_only_generative_ai_rests_on_real_prices_and_each_says_which():
    table = rows("catalog/data/price_table.csv")
    anchored = [row for row in table if row["basis"] == "real_anchor"]
    assert {row["system_type"] for row in anchored} == {"generative_ai"}
    assert all(row["source_url"].startswith("https://") for row in anchored)
    assert {row["basis"] for row in table} == {"real_anchor", "assumed"}
    assert all("仮定" in row["source"] for row in table if row["basis"] == "assumed")


def test_the_anchored_prices_are_the_published_ceilings_without_tax_and_set_up():
    prices = {band.band: band for band in band_prices("generative_ai")}
    cases = {row["key"]: row for row in rows("catalog/data/real_cases.csv")}
    for band, key in (("from_5000", "koge-2026"), ("from_20000", "gosen-2026")):
        ceiling = int(cases[key]["ceiling_yen"])
        assert prices[band].annual_yen + prices[band].initial_yen == ceiling * 10 // 11
    monthly = max(
        int(row["monthly_ceiling_yen"] or 0) for row in rows("catalog/data/oumi_2026_members.csv")
    )
    assert prices["from_50000"].annual_yen == monthly * 12 * 10 // 11


def test_a_plan_alone_never_costs_more_than_the_table_s_curve(world):
    checked = 0
    for offering in world.offerings:
        bands = band_prices(offering.system_type_code)
        if bands[0].unit is Unit.BODY:
            continue
        plan = Plan.from_dict(offering.offers[0].plans[0].definition)
        for band in bands:
            quantities = {"body": 1, band.unit.value: band.unit_quantity}
            annual = price_plan(plan, type(quantities_of(world.bodies[1])).from_dict(quantities))
            assert annual.annual_yen <= band.annual_yen + 12 * band.unit_quantity // 100
            checked += 1
    assert checked > 500


def test_a_joint_plan_costs_less_together_than_alone(world, towns):
    plans = [
        Plan.from_dict(plan.definition)
        for offering in world.offerings
        for plan in offering.offers[0].plans
        if plan.name == "共同利用プラン"
    ]
    assert len(plans) > 40
    group = [quantities_of(body) for body in towns[:12]]
    together = sum(group[1:], group[0])
    for plan in plans:
        alone = sum(price_plan(plan, quantities).annual_yen for quantities in group)
        assert price_plan(plan, together).annual_yen < alone
