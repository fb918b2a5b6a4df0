"""244 fictional vendors. Their names grow from invented place names, so none is a real firm."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from accounts.codes import corporate_check_digit
from catalog.entries import OfferingEntry, VendorEntry
from catalog.example.bodies import ExampleBody
from catalog.example.tables import Row, catalog_table, list_texts

VENDOR_COUNT = 244
SIZE_BASIS_SME = "中小企業基本法の定義による自己申告（架空）"
SIZE_BASIS_STARTUP = "設立10年未満・独自技術の自己申告（架空）"
_KANA_SUFFIX = {"city": "し", "town": "ちょう", "village": "むら"}
# Name with {} for the place, its reading, the ending of the host name.
_FORMS = (
    ("株式会社{}システムズ", "{}しすてむず", "systems"),
    ("{}情報サービス株式会社", "{}じょうほうさーびす", "joho"),
    ("{}計算センター株式会社", "{}けいさんせんたー", "keisan"),
    ("株式会社{}デジタルワークス", "{}でじたるわーくす", "works"),
    ("{}ソフトウェア合同会社", "{}そふとうぇあ", "software"),
    ("株式会社{}データラボ", "{}でーたらぼ", "datalab"),
    ("{}電子工業株式会社", "{}でんしこうぎょう", "denshi"),
    ("株式会社{}行政支援研究所", "{}ぎょうせいしえんけんきゅうじょ", "gyosei"),
    ("{}クラウド株式会社", "{}くらうど", "cloud"),
    ("合同会社{}まちの道具箱", "{}まちのどうぐばこ", "dogubako"),
    ("株式会社{}ネットワークス", "{}ねっとわーくす", "networks"),
)


@dataclass(frozen=True, kw_only=True)
class Stem:
    """The invented place a vendor takes its name from."""

    name: str
    kana: str
    romaji: str


def make_vendors(
    bodies: Sequence[ExampleBody], base: date, random: Random
) -> tuple[VendorEntry, ...]:
    """244 vendors; a vendor's place in the tuple plus 1 is the number offerings refer to."""
    towns = bodies[1:]
    stems = list_stems()
    return tuple(
        _vendor(number, stems, towns[number * 7 % len(towns)], base, random)
        for number in range(VENDOR_COUNT)
    )


def list_stems() -> tuple[Stem, ...]:
    """The 60 invented place names without 市, 町 and 村."""
    rows = [row for row in catalog_table("example_bodies") if row["kind"] != "prefecture"]
    return tuple(_stem(row) for row in rows)


def _stem(row: Row) -> Stem:
    kana = row["kana"].removesuffix(_KANA_SUFFIX[row["kind"]])
    return Stem(name=row["name"][:-1], kana=kana, romaji=row["romaji"])


def _vendor(
    number: int, stems: Sequence[Stem], town: ExampleBody, base: date, random: Random
) -> VendorEntry:
    stem = stems[number % len(stems)]
    # 3 and 5 share no factor with 11: a stem never meets the same form twice.
    name, kana, ending = _FORMS[(number % len(stems) * 3 + number // len(stems) * 5) % len(_FORMS)]
    startup = random.random() < 0.16
    sme = startup or random.random() < 0.62
    rest = f"9999{number + 1:08d}"
    return VendorEntry(
        name=name.format(stem.name),
        kana=kana.format(stem.kana),
        corporate_number=f"{corporate_check_digit(rest)}{rest}",
        prefecture_code="99",
        address=f"{town.name}架空{random.randint(1, 9)}丁目{random.randint(1, 30)}番地",
        website=f"https://{stem.romaji}-{ending}.example/",
        sme=sme,
        startup=startup,
        size_basis=SIZE_BASIS_STARTUP if startup else SIZE_BASIS_SME if sme else "",
        fictional=True,
        registered_on=base - timedelta(days=random.randint(30, 900)),
    )


def introduce(
    vendors: Sequence[VendorEntry], offerings: Sequence[OfferingEntry], random: Random
) -> tuple[VendorEntry, ...]:
    """The vendors saying what they make or sell, as their products show it."""
    made: dict[int, list[str]] = {}
    sold: dict[int, list[str]] = {}
    for offering in offerings:
        made.setdefault(offering.maker_id, []).append(offering.system_type_code)
        for offer in offering.offers:
            sold.setdefault(offer.seller_id, []).append(offering.system_type_code)
    return tuple(
        replace(
            vendor,
            introduction=_introduction(vendor, made.get(number, []), sold.get(number, []), random),
        )
        for number, vendor in enumerate(vendors, start=1)
    )


def _introduction(
    vendor: VendorEntry, made: Sequence[str], sold: Sequence[str], random: Random
) -> str:
    kind = "intro" if made else "intro_seller" if sold else "intro_only"
    names = {row["code"]: row["name"] for row in catalog_table("system_types")}
    types = [names[code].partition("（")[0] for code in dict.fromkeys(made or sold)]
    area = vendor.address.partition("架空")[0]
    text = random.choice(list_texts(kind)).format(area=area, types="と".join(types[:2]))
    return f"{text}。架空の事業者です。"
