"""Answers a fictional vendor gives: some questions are left open, as real ones do."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from catalog.criteria import CRITERIA, criteria_by_key
from catalog.example.tables import Row, list_texts
from catalog.questions.protection import REASONS

# Types used from the network that carries residents' data or internal documents.
_LGWAN_TYPES = frozenset(
    "generative_ai rpa_ocr municipal_chat groupware document_management financial_accounting "
    "hr_payroll attendance electronic_contract minutes_transcription file_transfer no_code "
    "core_business integrated_address consultation_record asset_ledger".split()
)
_AI_TYPES = frozenset({"generative_ai", "minutes_transcription", "chatbot"})

# Criterion → its choices with weights; the order of the criteria is the order of drawing.
_WEIGHTS: Mapping[str, Mapping[str, int]] = {
    "hosting": {
        "other_cloud": 62,
        "vendor_data_center": 22,
        "government_cloud": 11,
        "on_premises": 5,
    },
    "data_location": {"domestic": 78, "selectable": 17, "overseas": 5},
    "support_hours": {"business_hours": 64, "extended": 24, "always": 12},
    "accessibility": {"aa": 34, "partial": 40, "not_tested": 26},
    "customization_policy": {"none": 24, "config_only": 48, "limited": 21, "custom": 7},
    "api": {"public": 18, "on_request": 46, "none": 36},
    "exit_support": {"included": 30, "paid": 58, "none": 12},
    "deletion_proof": {"yes": 82, "no": 18},
    "trial": {"free": 52, "paid": 18, "none": 30},
}
# Why the details of security should stay with public bodies.
_SECURITY_REASON = {
    "security_measures": {
        "kind": "security",
        "reason": "【架空】対策の詳細が広く知られると、攻撃の手がかりになるため",
    }
}
# Optional criteria and how many in a hundred leave them unanswered.
_OPEN_PERCENT = {
    "technologies": 4,
    "component_kind": 6,
    "applicability_conditions": 30,
    "introduction_effects": 25,
    "introduction_records": 20,
    "lgwan_asp_registration": 22,
    "lgwan_connection": 24,
    "sign_in": 10,
    "processing_location": 35,
    "certification_details": 45,
    "security_measures": 30,
    "incident_contact": 34,
    "sla_availability": 38,
    "support_hours": 8,
    "accessibility": 18,
    "connects_to": 12,
    "api": 20,
    "exit_notice_months": 22,
    "deletion_proof": 20,
    "trial": 10,
    "minimum_term_months": 16,
}


def make_answers(kind: Row, random: Random) -> dict[str, Any]:
    """Criterion key → value for a product of that kind (a row of `example_types`)."""
    system_type = kind["system_type"]
    answers: dict[str, Any] = {
        "purposes": kind["purposes"].split("|"),
        "technologies": kind["technologies"].split("|"),
        "component_kind": kind["component_kind"],
        "delivery_model": "other" if system_type == "giga_device" else "saas",
        "applicability_conditions": random.choice(list_texts("condition")),
        "introduction_effects": random.choice(list_texts("effect", system_type)) + "（架空）",
        "introduction_records": random.choice((0, 1, 2, 3, 5, 8, 12, 20, 35, 60)),
        "sign_in": _sign_in(random),
        "security_measures": random.choice(list_texts("security")),
        "incident_contact": random.choice(list_texts("incident")),
        "sla_availability": random.choice(("99.0", "99.5", "99.9", "99.95")),
        "connects_to": _connections(kind, random),
        "exit_notice_months": random.choice((1, 2, 3, 3, 6)),
        "minimum_term_months": random.choice((0, 6, 12, 12, 36)),
        "export_formats": _formats(random),
        **{key: _draw(weights, random) for key, weights in _WEIGHTS.items()},
        **_lgwan(system_type, random),
        **_certifications(random),
    }
    if system_type in _AI_TYPES:
        weights = {"domestic": 48, "selectable": 36, "overseas": 16}
        answers["processing_location"] = _draw(weights, random)
    left_open = {key for key, percent in _OPEN_PERCENT.items() if random.randrange(100) < percent}
    left_open -= {criterion.key for criterion in CRITERIA if criterion.required}
    if "security_measures" not in left_open:
        answers[REASONS] = _SECURITY_REASON
    return {key: answers[key] for key in criteria_by_key() if _is_given(key, answers, left_open)}


def _is_given(key: str, answers: Mapping[str, Any], left_open: set[str]) -> bool:
    return key in answers and key not in left_open and answers[key] not in ("", [])


def _draw(weights: Mapping[str, int], random: Random) -> str:
    return random.choices(list(weights), weights=list(weights.values()))[0]


def _lgwan(system_type: str, random: Random) -> dict[str, str]:
    """Endpoint, registration and way of connecting are separate questions, yet fit together."""
    reachable = random.random() < (0.68 if system_type in _LGWAN_TYPES else 0.22)
    if not reachable:
        return {
            "lgwan_endpoint": "no",
            "lgwan_asp_registration": "none",
            "lgwan_connection": "internet_only",
        }
    registration = {"registered": 70, "applying": 14, "none": 16}
    connection = {"direct": 58, "relay": 26, "local_breakout": 16}
    return {
        "lgwan_endpoint": "yes",
        "lgwan_asp_registration": _draw(registration, random),
        "lgwan_connection": _draw(connection, random),
    }


def _sign_in(random: Random) -> list[str]:
    extras = ("mfa", "saml", "oidc", "ip_restriction", "client_certificate")
    chosen = random.sample(extras, random.randint(0, 3))
    return _in_order("sign_in", ["password", *chosen])


def _connections(kind: Row, random: Random) -> list[str]:
    possible = [key for key in kind["connects_to"].split("|") if key]
    return [key for key in possible if random.random() < 0.7]


def _formats(random: Random) -> list[str]:
    if random.random() < 0.03:
        return ["none"]
    extras = random.sample(("xlsx", "json", "xml", "pdf"), random.randint(0, 3))
    return _in_order("export_formats", ["csv", *extras])


def _certifications(random: Random) -> dict[str, Any]:
    """A third has none and says so; numbers are visibly invented."""
    if random.random() < 0.3:
        return {"certifications": ["none"]}
    marks = (
        "iso27001",
        "iso27001",
        "iso27017",
        "p_mark",
        "p_mark",
        "ismap",
        "ismap_liu",
        "iso27018",
    )
    chosen = _in_order("certifications", set(random.sample(marks, random.randint(1, 4))))
    labels = criteria_by_key()["certifications"].choice_labels
    number = random.randint(1000, 9999)
    details = f"{labels[chosen[0]]} 登録番号 架空-{number}、対象は本サービスの開発と運用"
    return {"certifications": chosen, "certification_details": details}


def _in_order(key: str, chosen: Sequence[str] | set[str]) -> list[str]:
    return [choice.key for choice in criteria_by_key()[key].choices if choice.key in chosen]
