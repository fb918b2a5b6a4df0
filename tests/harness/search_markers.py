"""Words that no search, suggestion, feed, export or total may give to those they are not for."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import User
from accounts.roles import Role
from catalog.search.outbox import queue
from catalog.selection.saved_models import SavedSearch
from catalog.words.models import MissedSearch
from procurement.models import Project
from tests.harness.builders import (
    NOW,
    TODAY,
    make_case,
    make_offering,
    make_organization,
    make_vendor,
)
from tests.harness.markers import Marker

HIDDEN_STATES = ("draft", "submitted", "suspended", "withdrawn")
# Who reads what only public bodies may read; a judge is a guest and does not.
GOVERNMENT = frozenset(
    {
        Role.MUNICIPAL_STAFF,
        Role.MUNICIPAL_MANAGER,
        Role.PREFECTURE_COORDINATOR,
        Role.MINISTRY_REPORTER,
        Role.OPERATOR,
        Role.AUDITOR,
    }
)
DESK = frozenset({Role.OPERATOR, Role.AUDITOR})
NOBODY: frozenset[Role] = frozenset()

# Invented words of one kind each; no text of the example data has a part of one.
_WORDS = (
    "ヌマガヤ ミズゴケ ツルコケモモ ホロムイソウ モウセンゴケ ワタスゲ ミツガシワ サワギキョウ "
    "タヌキモ トキソウ コバイケイソウ キンコウカ ヒツジグサ オゼコウホネ ヤチヤナギ エゾリンドウ "
    "クロバナロウゲ ホソバノキソチドリ ミカヅキグサ ヤマドリゼンマイ タチギボウシ "
    "カキツバタ ノハナショウブ ザゼンソウ リュウキンカ ミズバショウ オオバタチツボスミレ"
).split()


@dataclass(frozen=True)
class Hidden:
    """Something planted: what it is, its secret, and the address it would have."""

    marker: Marker
    word: str
    address: str = ""


class _Planter:
    def __init__(self, session: Session) -> None:
        self.session = session
        self.words = iter(_WORDS)
        self.planted: list[Hidden] = []

    def hide(
        self,
        name: str,
        readers: frozenset[int] = frozenset(),
        roles: frozenset[Role] = NOBODY,
        address: str = "",
    ) -> str:
        """A fresh word, noted with who may read it; `address` may be completed by number."""
        word = f"秘{next(self.words)}"
        forms = (word.encode(), word.encode("unicode_escape"))
        self.planted.append(Hidden(Marker(name, forms, readers, roles), word, address))
        return word

    def at(self, address: str, count: int) -> None:
        """The last `count` planted words belong to the thing at this address."""
        for n in range(len(self.planted) - count, len(self.planted)):
            self.planted[n] = Hidden(self.planted[n].marker, self.planted[n].word, address)


def plant_for_search(session: Session) -> list[Hidden]:
    """Put something findable-looking in every place that must not be found."""
    planter = _Planter(session)
    for state in HIDDEN_STATES:
        _hide_offering(planter, state)
        _hide_case(planter, state)
    _hide_answers(planter)
    _hide_vendor(planter)
    _hide_projects(planter)
    _hide_searches(planter)
    session.flush()
    return planter.planted


def _hide_offering(planter: _Planter, state: str) -> None:
    session = planter.session
    vendor = make_vendor(session)
    # Its own page, and its vendor's, say what was withdrawn: only finding it is over.
    known = frozenset({vendor.organization_id})
    name = planter.hide(f"{state} offering's name", known, DESK)
    summary = planter.hide(f"{state} offering's summary", known, DESK)
    answer = planter.hide(f"{state} offering's answer", known, DESK)
    offering = make_offering(
        session,
        vendor,
        name=name,
        summary=summary,
        publication_status=state,
        current_version=0 if state in ("draft", "submitted") else 1,
        answers={"applicability_conditions": answer},
    )
    planter.at(f"/offerings/{offering.id}", 3)
    queue(session, "offering", offering.id, now=NOW)


def _hide_case(planter: _Planter, state: str) -> None:
    title = planter.hide(f"{state} case", roles=DESK)
    case = make_case(planter.session, title=title, publication_status=state)
    planter.at(f"/cases/{case.id}", 1)
    queue(planter.session, "case", case.id, now=NOW)


def _hide_answers(planter: _Planter) -> None:
    """A published entry with answers for public bodies only."""
    session = planter.session
    vendor = make_vendor(session)
    own = frozenset({vendor.organization_id})
    measures = planter.hide("security measures", own, GOVERNMENT)
    contact = planter.hide("incident contact", own, GOVERNMENT)
    answers = {"security_measures": measures, "incident_contact": contact}
    offering = make_offering(session, vendor, answers=answers)
    queue(session, "offering", offering.id, now=NOW)


def _hide_vendor(planter: _Planter) -> None:
    name = planter.hide("unpublished vendor", roles=DESK)
    vendor = make_vendor(planter.session, name=name, publication_status="draft")
    planter.at(f"/vendors/{vendor.id}", 1)


def _hide_projects(planter: _Planter) -> None:
    """A draft, and a survey, which is not public before `forming`."""
    session = planter.session
    for name, state, published in (
        ("draft project", "forming", False),
        ("survey", "intention_survey", True),
    ):
        owner = make_organization(session, "council", alternate_key=f"hidden-{state}")
        title = planter.hide(name, frozenset({owner.id}), DESK)
        project = Project(
            title=title,
            system_type_code="generative_ai",
            lead_organization_id=owner.id,
            state=state,
            state_since=NOW,
            published=published,
            created_at=NOW,
            updated_at=NOW,
            fictional=True,
        )
        session.add(project)
        session.flush()
        planter.at(f"/projects/{project.id}", 1)
        queue(session, "project", project.id, now=NOW)


def _hide_searches(planter: _Planter) -> None:
    """What an organisation looks for, what one person does, and what nobody found."""
    session = planter.session
    user = session.scalars(select(User).where(User.email == "taniyui-staff@moyai.example")).one()
    own = user.memberships[0].organization_id
    for name, shared in (("shared search", True), ("own search", False)):
        # A colleague is one of the organisation: the page tests tell the two apart.
        word = planter.hide(name, frozenset({own}))
        session.add(
            SavedSearch(
                organization_id=own,
                user_id=user.id,
                name=word,
                parameters=[["q", word]],
                shared=shared,
                notify=False,
                stop_token=f"hidden-{shared}",
                created_at=NOW,
                checked_on=TODAY,
            )
        )
    word = planter.hide("missed search", roles=DESK)
    session.add(MissedSearch(day=TODAY, text=word, outcome="nothing", times=9))
