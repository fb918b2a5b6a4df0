"""The vendor's desk and the review queue in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.answers import answer_text, is_unstated
from catalog.certificates import TABLE, list_expiries
from catalog.criteria import criteria_by_key, criteria_of
from catalog.criterion import Carry, Review
from catalog.desk.changes import Names, plan_words, review_of
from catalog.desk.contents import BASIC, FILES, PRICES, SECTIONS, Section, find_section_of
from catalog.desk.queries import DeskRow, EntryPage, SubmissionRow
from catalog.desk.submissions import Verdict
from catalog.entries import PublicationStatus
from catalog.entry_files import files_of
from catalog.plan_examples import EXAMPLES, ExampleCost, example_costs
from catalog.plan_units import Unit
from catalog.plans import Plan
from catalog.presenters.words import FICTIONAL, label_of
from catalog.renewal import Renewal, is_renewing
from catalog.staleness import list_stale_facts
from foundation.errors import Blocker
from foundation.money import number, yen

DESK = "/desk/vendor/offerings"
_TONES = {
    PublicationStatus.DRAFT: "neutral",
    PublicationStatus.SUBMITTED: "info",
    PublicationStatus.PUBLISHED: "success",
    PublicationStatus.SUSPENDED: "error",
    PublicationStatus.WITHDRAWN: "warning",
}
REVIEW_WORDS = {
    Review.NONE: "提出するとすぐに公開されます。",
    Review.AFTER: "提出するとすぐに公開され、その後に運営者が確認します。",
    Review.BEFORE: "運営者が確認してから公開されます。それまでは公開中の内容が表示されます。",
}
RENEWAL_WORDS = (
    "公開中の内容と同じです。提出すると、運営者を待たずに年次更新が済みます。版は変わりません。"
)
FIRST_WORDS = "はじめての公開なので、運営者が確認してから公開されます。"


@dataclass(frozen=True, kw_only=True)
class DeskItem:
    """An entry in the vendor's list."""

    title: str
    url: str
    public_url: str
    chips: tuple[tuple[str, str], ...]
    meta: tuple[str, ...]
    waits: str


@dataclass(frozen=True, kw_only=True)
class StaleItem:
    """A fact to be looked at again. url: the page that asks it."""

    label: str
    checked_on: date
    url: str


@dataclass(frozen=True, kw_only=True)
class SectionItem:
    """A page of the form, and how much of it is done."""

    label: str
    url: str
    done: str
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PlanItem:
    """A plan of a seller in the draft."""

    name: str
    lines: tuple[str, ...]
    url: str
    remove_url: str


@dataclass(frozen=True, kw_only=True)
class SellerItem:
    """A seller in the draft with its plans."""

    seller_id: int
    name: str
    plans: tuple[PlanItem, ...]
    new_url: str


@dataclass(frozen=True, kw_only=True)
class EstimateRow:
    """What a plan would cost one of the examples."""

    label: str
    once: str
    annual: str
    each: str
    quantities: str


def present_desk_row(row: DeskRow, renewal: Renewal = Renewal.CONFIRMED) -> DeskItem:
    """The entry with its state, whether it is to be renewed and what waits, in words."""
    status = PublicationStatus(row.status)
    chips = [FICTIONAL] if row.fictional else []
    chips.append((status.label, _TONES[status]))
    if renewal.label and status is PublicationStatus.PUBLISHED:
        chips.append((renewal.label, "warning"))
    if row.draft_at is not None and row.version:
        chips.append(("変更の下書きあり", "info"))
    public = row.version and status in (PublicationStatus.PUBLISHED, PublicationStatus.WITHDRAWN)
    return DeskItem(
        title=row.name,
        url=f"{DESK}/{row.id}",
        public_url=f"/offerings/{row.id}" if public else "",
        chips=tuple(chips),
        meta=(row.system_type_name, f"第{row.version}版" if row.version else "未公開"),
        waits=_waits(row),
    )


def _waits(row: DeskRow) -> str:
    newest = row.newest
    if newest is None:
        return ""
    if newest.verdict is None and newest.review == Review.BEFORE.value:
        return "運営者の審査を待っています。"
    if newest.verdict == Verdict.SENT_BACK.value:
        return f"差し戻されました：{newest.reply}"
    return ""


def present_stale(page: EntryPage, today: date) -> tuple[StaleItem, ...]:
    """What of the draft, or else of the published content, nobody has looked at for long."""
    return tuple(
        StaleItem(
            label=f"{criteria_by_key()[fact.criterion].label}「{fact.label}」",
            checked_on=fact.checked_on,
            url=f"{DESK}/{page.id}/{find_section_of(fact.criterion)}",
        )
        for fact in list_stale_facts(page.content["answers"], today)
    )


def present_expiries(page: EntryPage, today: date) -> tuple[tuple[str, str], ...]:
    """(what runs out or has, the page that asks it) of the draft, or else of what is public."""
    url = f"{DESK}/{page.id}/{find_section_of(TABLE)}"
    return tuple((one.words, url) for one in list_expiries(page.content["answers"], today))


def list_earlier_answers(page: EntryPage, section: Section) -> tuple[tuple[str, str], ...]:
    """(question, answer of the version) of what a renewal asks again on that page, still open.

    Nobody need remember or look up what was written a year ago.
    """
    if section.group is None or page.shown is None or not is_renewing(page.content):
        return ()
    before, answers = page.shown["answers"], page.content["answers"]
    return tuple(
        (criterion.label, answer_text(criterion, before[criterion.key]))
        for criterion in criteria_of(section.group)
        if criterion.carry is Carry.ASK
        and not is_unstated(before.get(criterion.key))
        and is_unstated(answers.get(criterion.key))
    )


def present_sections(page: EntryPage) -> tuple[SectionItem, ...]:
    """Every page of the form, with the questions still to be answered before publication."""
    return tuple(_section_item(page, section) for section in SECTIONS)


def present_goes(page: EntryPage) -> tuple[tuple[str, str], ...]:
    """What is thrown away with the draft: label and what there is of it."""
    content = page.content
    answered = sum(not is_unstated(value) for value in content["answers"].values())
    plans = [plan["name"] for offer in content["offers"] for plan in offer["plans"]]
    files = [file["title"] for file in files_of(content)]
    return (
        ("掲載の名称", content["name"]),
        ("概要", content["summary"]),
        ("回答", f"{answered}件"),
        ("料金プラン", _counted(plans)),
        ("添付ファイル", _counted(files)),
    )


def _counted(names: Sequence[str]) -> str:
    return f"{len(names)}件（{'、'.join(names)}）" if names else "なし"


def _section_item(page: EntryPage, section: Section) -> SectionItem:
    url = f"{DESK}/{page.id}/{section.key}"
    if section.key == FILES:
        count = len(files_of(page.content))
        return SectionItem(label=section.label, url=url, done=f"{count}件", missing=())
    if section.group is None:
        own = (
            ("offers", "plans") if section.key != BASIC else ("name", "summary", "system_type_code")
        )
        missing = tuple(b.message for b in page.blockers if b.field in own)
        done = _basic_done(page) if section.key == BASIC else _plans_done(page)
        return SectionItem(label=section.label, url=url, done=done, missing=missing)
    asked = criteria_of(section.group)
    keys = {criterion.key for criterion in asked}
    answered = sum(not is_unstated(page.content["answers"].get(key)) for key in keys)
    return SectionItem(
        label=section.label,
        url=url,
        done=f"{answered}／{len(asked)}",
        missing=tuple(b.message for b in page.blockers if b.field in keys),
    )


def _basic_done(page: EntryPage) -> str:
    filled = [bool(page.content[key]) for key in ("name", "summary", "system_type_code")]
    return f"{sum(filled)}／{len(filled)}"


def _plans_done(page: EntryPage) -> str:
    count = sum(len(offer["plans"]) for offer in page.content["offers"])
    return f"{count}件"


def next_section(key: str) -> Section | None:
    """The page after this one; None after the last."""
    keys = [section.key for section in SECTIONS]
    place = keys.index(key) + 1
    return SECTIONS[place] if place < len(SECTIONS) else None


def present_sellers(page: EntryPage) -> tuple[SellerItem, ...]:
    """Sellers and plans of the draft with the addresses of their editors."""
    return tuple(_seller_item(page, offer) for offer in page.content["offers"])


def _seller_item(page: EntryPage, offer: Mapping[str, Any]) -> SellerItem:
    seller_id = offer["seller_id"]
    base = f"{DESK}/{page.id}/plans/{seller_id}"
    return SellerItem(
        seller_id=seller_id,
        name=page.names.vendors.get(seller_id, f"事業者{seller_id}"),
        plans=tuple(
            PlanItem(
                name=plan["name"],
                lines=plan_words(plan),
                url=f"{base}/{place}",
                remove_url=f"{base}/{place}/remove",
            )
            for place, plan in enumerate(offer["plans"])
        ),
        new_url=f"{base}/new",
    )


def content_sellers(
    content: Mapping[str, Any], names: Names
) -> tuple[tuple[str, str, tuple[tuple[str, tuple[str, ...]], ...]], ...]:
    """(seller, terms, its plans as (name, lines)) of a content handed in."""
    return tuple(
        (
            names.vendors.get(offer["seller_id"], f"事業者{offer['seller_id']}"),
            offer["contract_conditions"],
            tuple((plan["name"], plan_words(plan)) for plan in offer["plans"]),
        )
        for offer in content["offers"]
    )


def review_words(page: EntryPage) -> str:
    """What will happen to the draft when it is handed in."""
    if not page.version:
        return FIRST_WORDS
    if is_renewal_alike(page):
        return RENEWAL_WORDS
    if page.status != PublicationStatus.PUBLISHED.value:
        return REVIEW_WORDS[Review.BEFORE]
    return REVIEW_WORDS[review_of(page.changes)]


def says_something(page: EntryPage) -> bool:
    """Whether there is anything to hand in: a change, or a confirmation of what is public."""
    shown = page.status == PublicationStatus.PUBLISHED.value and page.version
    return not shown or bool(page.changes) or is_renewal_alike(page)


def is_renewal_alike(page: EntryPage) -> bool:
    """Whether a renewal confirms what readers see, word for word."""
    shown = page.status == PublicationStatus.PUBLISHED.value
    return shown and not page.changes and is_renewing(page.content)


def blocker_links(page: EntryPage) -> tuple[tuple[str, str], ...]:
    """(reason, address of the page to answer it on) for each reason not to hand in."""
    return tuple((b.message, _place_of(page, b)) for b in page.blockers)


def _place_of(page: EntryPage, blocker: Blocker) -> str:
    for section in SECTIONS:
        keys = [c.key for c in criteria_of(section.group)] if section.group else []
        if blocker.field in keys:
            return f"{DESK}/{page.id}/{section.key}#{blocker.field}"
    return f"{DESK}/{page.id}/{_PAGES.get(blocker.field, BASIC)}"


# Where it is put right what no question asks.
_PAGES = {"offers": PRICES, "plans": PRICES, None: PRICES, "files": FILES}


def present_estimate(plan: Plan | None) -> tuple[EstimateRow, ...]:
    """The plan for the examples; empty while it cannot be computed."""
    if plan is None:
        return ()
    try:
        costs = example_costs(plan)
    except ValueError:
        return ()
    units = {component.unit for component in plan.components} - {Unit.FLAT, Unit.BODY}
    return tuple(_estimate_row(cost, [unit for unit in Unit if unit in units]) for cost in costs)


def _estimate_row(cost: ExampleCost, units: Sequence[Unit]) -> EstimateRow:
    buyer = cost.example.buyers[0]
    words = "、".join(f"{unit.label}{number(buyer.of(unit))}" for unit in units)
    several = len(cost.example.buyers) > 1
    return EstimateRow(
        label=cost.example.label,
        once=yen(cost.once_yen),
        annual=yen(cost.annual_yen),
        each=f"{yen(cost.annual_each_yen)}（1団体当たり）" if several else "—",
        quantities=f"{'各団体 ' if several else ''}{words}" if words else "一式",
    )


def example_labels() -> tuple[str, ...]:
    """The buyers a plan is computed for."""
    return tuple(example.label for example in EXAMPLES)


def submission_state(row: SubmissionRow) -> str:
    """「差し戻し」「審査待ち」…"""
    if row.verdict is not None:
        return label_of(Verdict, row.verdict)
    if row.review == Review.NONE.value:
        return "公開（確認なし）"
    return "公開後の確認待ち" if row.version else "審査待ち"
