"""What officers wrote about a fictional case: background, steps, know-how, effects."""

from collections.abc import Iterable
from random import Random
from typing import Any

from catalog.entries import CaseKind
from catalog.example.tables import list_texts


def case_texts(
    kind: CaseKind, system_type: str, lead: str, count: int, fiscal_year: int, random: Random
) -> dict[str, Any]:
    """The text fields of a CaseEntry. About a fifth of the cases have no know-how."""
    if kind is CaseKind.SINGLE:
        return _single_texts(system_type, random)
    return {
        "background": _background(lead, count, fiscal_year, random),
        "process_steps": _steps(fiscal_year, random),
        "know_how": _paragraph("know_how", system_type, random) if random.random() < 0.8 else "",
        "issues_met": _paragraph("issue", system_type, random) if random.random() < 0.62 else "",
        "measured_effects": _effects(system_type, random),
        "prefecture_borne_cost": _borne(count, random),
    }


def _single_texts(system_type: str, random: Random) -> dict[str, Any]:
    """A purchase alone says nothing about gathering partners."""
    learned = random.sample(list_texts("know_how_single"), 2) if random.random() < 0.6 else []
    return {
        "background": _sentences([random.choice(list_texts("background_single"))]),
        "know_how": _sentences(learned),
        "measured_effects": _effects(system_type, random),
    }


def _background(lead: str, count: int, fiscal_year: int, random: Random) -> str:
    if random.random() < 0.08:
        return ""
    asked = min(60, count + random.randint(2, 18))
    text = random.choice(list_texts("background")).format(
        lead=lead, n=asked, m=count, year=fiscal_year
    )
    return f"{text}。"


def _steps(fiscal_year: int, random: Random) -> str:
    if random.random() < 0.2:
        return ""
    return random.choice(list_texts("step")).format(y0=fiscal_year - 1)


def _paragraph(kind: str, system_type: str, random: Random) -> str:
    """One or two sentences of the system type, and perhaps one that fits any purchase."""
    own = list_texts(kind, system_type)
    chosen = random.sample(own, random.randint(1, min(2, len(own))))
    if random.random() < 0.6:
        chosen.append(random.choice(list_texts(kind)))
    return _sentences(chosen)


def _effects(system_type: str, random: Random) -> tuple[str, ...]:
    if random.random() < 0.4:
        return ()
    own = list_texts("effect", system_type)
    return tuple(random.sample(own, random.randint(1, min(2, len(own)))))


def _borne(count: int, random: Random) -> str:
    return random.choice(list_texts("borne")) if count > 3 and random.random() < 0.4 else ""


def _sentences(parts: Iterable[str]) -> str:
    return "".join(f"{part}。" for part in parts)
