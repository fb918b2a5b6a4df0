"""Answers to the questions asked since the second version of the declaration.

Drawn from numbers of their own: what was drawn before stays as it was.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

from catalog.criteria import criteria_by_key

_WEIGHTS: Mapping[str, Mapping[str, int]] = {
    "incident_recovery": {"within_4h": 18, "same_day": 34, "next_day": 30, "none": 18},
    "ip_terms": {"licence": 70, "deliverables": 20, "negotiable": 10},
    "data_ownership": {"body": 74, "anonymous_use": 18, "other": 8},
    "other_cloud": {"yes": 20, "data_only": 52, "no": 28},
}
_STATES = {"supported": 56, "option": 18, "planned": 8, "unsupported": 18}
_WHEN = ("令和9年4月", "令和9年10月", "令和10年4月")
_OPEN_PERCENT = 25


def more_answers(answers: Mapping[str, Any], seed: str) -> dict[str, Any]:
    """What the product with these answers says to the newer questions; some it leaves open."""
    random = Random(seed)
    drawn: dict[str, Any] = {
        key: random.choices(list(weights), weights=list(weights.values()))[0]
        for key, weights in _WEIGHTS.items()
    }
    drawn["service_started_on"] = f"{random.randint(2012, 2025)}-{random.randint(1, 12):02}-01"
    drawn["functions"] = _functions(random)
    asked = criteria_by_key()
    left_open = {key for key in drawn if random.randrange(100) < _OPEN_PERCENT}
    given = {k: v for k, v in drawn.items() if v and (k not in left_open or asked[k].required)}
    certificates = _certificates(answers.get("certifications", []), random)
    return given | ({"certificates": certificates} if certificates else {})


def _functions(random: Random) -> dict[str, dict[str, str]]:
    table = {}
    for choice in criteria_by_key()["functions"].choices:
        if random.random() < 0.85:
            state = random.choices(list(_STATES), weights=list(_STATES.values()))[0]
            when = {"when": random.choice(_WHEN)} if state == "planned" else {}
            table[choice.key] = {"state": state, **when}
    return table


def _certificates(held: list[str], random: Random) -> dict[str, dict[str, str]]:
    return {
        choice.key: {
            "number": f"架空-{random.randint(1000, 9999)}",
            "scope": "本サービスの開発と運用",
            "valid_to": f"{random.randint(2027, 2029)}-03-31",
        }
        for choice in criteria_by_key()["certificates"].choices
        if choice.key in held and random.random() < 0.7
    }
