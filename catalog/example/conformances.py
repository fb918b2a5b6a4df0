"""What fictional products say of the specifications of their kind; every verifier is invented."""

from random import Random
from typing import Any

from catalog.conformance import ConformanceStatus
from catalog.example.tables import catalog_table

# Specifications the sources say exist; those still to be written have nothing built to them.
_WRITTEN = ("disaster-model", "ishikawa-victims-spec", "education-security-guideline")
_GAPS = {
    "disaster-model": ("避難所の混雑状況の配信", "多言語の画面", "ほかの自治体への応援要請の記録"),
    "ishikawa-victims-spec": ("広域避難者の名寄せ", "県への一括提供", "紙の名簿の読み取り"),
    "education-security-guideline": ("児童生徒の多要素認証", "端末の紛失時の遠隔消去"),
}
_EARLIER = "改訂前の版"
_VERIFIER = "架空県情報政策課（架空）"
_SAYS_NOTHING_PERCENT = 25
_WEIGHTS = {
    ConformanceStatus.SELF_DECLARED: 60,
    ConformanceStatus.VERIFIED: 22,
    ConformanceStatus.NOT_CONFORMING: 18,
}


def make_conformances(system_type: str, name: str) -> list[dict[str, Any]]:
    """The answer of the product of that name; it draws by itself, so no other answer moves."""
    random = Random(f"conformance/{name}")
    return [
        _conformance(row["key"], row["version"], random)
        for row in catalog_table("spec_documents")
        if row["key"] in _WRITTEN
        and system_type in row["system_types"].split("|")
        and random.randrange(100) >= _SAYS_NOTHING_PERCENT
    ]


def _conformance(spec: str, version: str, random: Random) -> dict[str, Any]:
    status = random.choices(list(_WEIGHTS), weights=list(_WEIGHTS.values()))[0]
    gaps = _GAPS[spec]
    fewest = 1 if status is ConformanceStatus.NOT_CONFORMING else 0
    count = 0 if status is ConformanceStatus.VERIFIED else random.randint(fewest, 2)
    earlier = bool(version) and random.random() < 0.3
    return {
        "spec": spec,
        "version": _EARLIER if earlier else version,
        "status": status.value,
        "verified_by": _VERIFIER if status is ConformanceStatus.VERIFIED else "",
        "gaps": [gap for gap in gaps if gap in random.sample(gaps, count)],
    }
