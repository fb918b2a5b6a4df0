"""What fictional cases record of the programs that paid a part; each says it is invented."""

from random import Random

# System type → (from this fiscal year on, in so many of a hundred cases, what is recorded).
_OWN = {
    "giga_device": (2024, 60, "端末の費用の一部に、GIGA端末の都道府県基金を充てた"),
    "school_administration": (2025, 50, "初期費用の一部に、次世代校務DX環境整備の補助を充てた"),
    "core_business": (2023, 50, "移行の費用の一部に、デジタル基盤改革支援基金を充てた"),
}
_GENERAL = (
    (2025, 18, "費用の一部に、新しい地方経済・生活環境創生交付金を充てた"),
    (2024, 10, "費用の一部に、デジタル田園都市国家構想交付金 TYPESを充てた"),
)


def funding_facts(key: str, system_type: str, fiscal_year: int) -> str:
    """A sentence for the case's costs, or ''. It draws by itself, so nothing else moves."""
    random = Random(f"funding/{key}")
    for first_year, percent, text in (_OWN[system_type],) if system_type in _OWN else _GENERAL:
        if fiscal_year >= first_year:
            return f"{text}（架空）。" if random.randrange(100) < percent else ""
    return ""
