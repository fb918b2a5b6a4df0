"""The codes of the library with the word shown for each."""

from foundation.labels import LabelledEnum


class SpecKind(LabelledEnum):
    """Kinds of documents to build on (F07)."""

    STANDARD = "standard", "標準仕様書"
    MODEL = "model", "モデル仕様書"
    REFERENCE = "reference", "参考仕様書"
    INTRODUCTION_PROCEDURE = "introduction_procedure", "導入手順書"
    INTRODUCTION_GUIDE = "introduction_guide", "導入の手引き"
    GUIDELINE = "guideline", "ガイドライン"


class ProgramStatus(LabelledEnum):
    """Where a program stands by the source document."""

    OPEN = "open", "資料の時点で実施"
    FORERUNNER = "forerunner", "前身の制度"
    ENDED = "ended", "終了"


class CostKind(LabelledEnum):
    """What a program pays for."""

    INITIAL = "initial", "初期費用"
    ANNUAL = "annual", "経常費用"
    SURVEY = "survey", "調査"
    DEVICE = "device", "端末"


def split(codes: str) -> tuple[str, ...]:
    """The codes of a stored list."""
    return tuple(code for code in codes.split("|") if code)
