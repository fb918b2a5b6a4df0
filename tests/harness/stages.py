"""A first stage as tests record it: in 広島県's way, tried and with its result."""

from datetime import date

from procurement.domain.two_stages import StagePattern, Stages

TRIED = Stages(
    pattern=StagePattern.HIROSHIMA,
    stage1_starts_on=date(2026, 9, 1),
    stage1_amount_yen=987_654,
    stage1_result="議事録の作成が月18時間短くなった。",
    stage1_result_on=date(2026, 11, 10),
)
