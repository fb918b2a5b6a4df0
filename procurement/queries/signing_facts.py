"""What stands around a contract that is about to be signed."""

from datetime import date
from functools import cached_property

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.roles import OrganizationKind
from procurement.domain.contracts import BUYING, MODEL_RULES, ContractKind, Party
from procurement.domain.signing import Certified, ContractDraft, SigningFacts
from procurement.domain.states import ContractModel, ProcurementMethod, State
from procurement.domain.unit_prices import UnitPrice
from procurement.models import Project, StateChange
from procurement.queries.award_costs import FinalVersion, find_final_version
from procurement.queries.contract_vendors import list_awards, list_candidates
from procurement.queries.contracts import (
    AwardedRow,
    ContractRow,
    ExtensionRow,
    QualificationRow,
    QuoteRow,
    RefusalRow,
    list_contracts,
    list_extensions,
    list_parties,
    list_quotes,
    list_refusals,
    make_awarded,
)
from procurement.queries.unit_prices import list_unit_prices


class Around:
    """Everything of a project that a signature is measured by. Ten queries, once a request."""

    def __init__(self, session: Session, project: Project) -> None:
        self.project = project
        self.model = ContractModel(project.contract_model) if project.contract_model else None
        awards = list_awards(session, project.id)
        last = awards[-1] if awards else None
        self.award: AwardedRow | None = make_awarded(last, last.vendor) if last else None
        self.candidates: tuple[AwardedRow, ...] = (
            list_candidates(session, awards) if self.certifies else ()
        )
        self.contracts: tuple[ContractRow, ...] = list_contracts(session, project.id)
        quoted = self.model is not None and MODEL_RULES[self.model].requote_first
        quotes = list_quotes(session, project.id) if quoted else ()
        self.quotes: dict[str, QuoteRow] = {row.body_code: row for row in quotes}
        self.refusals: tuple[RefusalRow, ...] = list_refusals(session, project.id) if quoted else ()
        self.parties: tuple[Party, ...] = list_parties(session, project.id)
        self.extensions: tuple[ExtensionRow, ...] = list_extensions(session, project.id)
        # Nobody renews before operation: the first term's contracts ask nothing.
        first = project.state == State.CONTRACTING
        self.term = 1 if first else find_term(session, project.id)
        self._session = session

    @cached_property
    def final(self) -> FinalVersion:
        """Whether the final share version stands. At most two queries, in 契約 only."""
        award_id = self.award.id if self.award else None
        return find_final_version(
            self._session,
            self.project,
            award_id,
            taking_part=[party.code for party in self.parties],
            quote_numbers={code: row.number for code, row in self.quotes.items()},
        )

    @cached_property
    def unit_prices(self) -> tuple[UnitPrice, ...]:
        """The award's table; empty for a lump sum. One query, where a sum is awarded."""
        return list_unit_prices(self._session, self.project.id) if self.awards_a_sum else ()

    @property
    def certifies(self) -> bool:
        """Whether products are certified, of one vendor or several, and each body chooses one."""
        return self.model is not None and MODEL_RULES[self.model].in_operation

    @property
    def awards_a_sum(self) -> bool:
        """Whether one price is awarded for all, which a table of unit prices can come to."""
        rule = MODEL_RULES[self.model] if self.model else None
        return rule is not None and rule.names_amount and not rule.requote_first

    @property
    def certified(self) -> tuple[Certified, ...]:
        """The recommended products of the present term, in the order they were certified."""
        rows = [
            row
            for row in self.contracts
            if (row.kind, row.term) == (ContractKind.CERTIFICATION, self.term)
        ]
        return tuple(
            Certified(
                id=row.id,
                vendor_id=row.vendor_id or 0,
                product=row.product,
                starts_on=row.starts_on,
                ends_on=row.changed_end or row.ends_on,
                withdrawn_on=row.changed_end if row.ended else None,
            )
            for row in sorted(rows, key=lambda row: row.part)
        )

    def find_partner(self, draft: ContractDraft) -> AwardedRow | None:
        """With which vendor this document is made; None where it is not said, or nobody's."""
        if not self.certifies:
            return self.award
        wanted = draft.vendor_id
        if draft.kind is not ContractKind.CERTIFICATION:
            chosen = (each for each in self.certified if each.id == draft.certification_id)
            wanted = next((each.vendor_id for each in chosen), None)
        return next((each for each in self.candidates if each.vendor_id == wanted), None)

    def find_product(self, draft: ContractDraft) -> str:
        """The certified product a body's contract is about, '' where there is none."""
        chosen = (each for each in self.certified if each.id == draft.certification_id)
        return next((each.product for each in chosen), "")

    def list_partners(self) -> tuple[AwardedRow, ...]:
        """The vendors that bodies may contract with: the awarded one, or those with a product."""
        if not self.certifies:
            return (self.award,) if self.award else ()
        bound = {each.vendor_id for each in self.certified}
        if not bound and self.award:
            bound = {self.award.vendor_id}
        return tuple(each for each in self.candidates if each.vendor_id in bound)

    def list_recommended(self, today: date) -> tuple[AwardedRow, ...]:
        """As list_partners, without vendors whose certifications were all withdrawn."""
        offered = {each.vendor_id for each in self.certified if each.is_offered(today)}
        partners = self.list_partners()
        if not self.certified:
            return partners
        return tuple(each for each in partners if each.vendor_id in offered)

    def find_signed(self, kind: ContractKind, body_code: str = "") -> ContractRow | None:
        """The document of the present term, if it is signed."""
        return next(
            (
                row
                for row in self.contracts
                if (row.kind, row.body_code, row.term) == (kind, body_code, self.term)
            ),
            None,
        )

    def takes_part(self, body_code: str) -> bool:
        return any(party.code == body_code for party in self.parties)

    def has_refused(self, body_code: str) -> bool:
        """Whether the body said no after its re-quote."""
        return any(row.body_code == body_code for row in self.refusals)

    def wave_of(self, body_code: str) -> int:
        return next((p.wave for p in self.parties if p.code == body_code), 1)

    def contracted_yen(self) -> int:
        """Σ of what the vendor is owed in the present term, tax-excluded."""
        return sum(
            row.current_yen or 0
            for row in self.contracts
            if row.kind in BUYING and row.term == self.term
        )

    def awarded_yen(self) -> int | None:
        """The award with its approved extensions, tax-excluded; None while nobody is awarded."""
        if self.award is None:
            return None
        return self.award.price_yen + sum(row.amount_yen for row in self.extensions)

    def find_own_open(self, body_code: str) -> ContractRow | None:
        """The body's signed document that has not ended, the newest."""
        found = [row for row in self.contracts if row.body_code == body_code and not row.ended]
        return found[-1] if found and body_code else None

    def facts(
        self,
        kind: ContractKind,
        body_code: str,
        *,
        today: date,
        buyer_kind: OrganizationKind | None,
        qualification: QualificationRow,
    ) -> SigningFacts:
        """As the rules read it. Only for a project whose contract model is fixed."""
        assert self.model is not None
        rule = MODEL_RULES[self.model]
        quote = self._find_quote(body_code)
        final = self.final
        asked = final.not_agreed
        return SigningFacts(
            model=self.model,
            state=State(self.project.state),
            method=ProcurementMethod(self.project.procurement_method)
            if self.project.procurement_method
            else None,
            today=today,
            signed=self.find_signed(kind, body_code) is not None,
            refused=self.has_refused(body_code),
            overall_signed=rule.overall is not None and self.find_signed(rule.overall) is not None,
            awarded_yen=self.awarded_yen(),
            renewed=self.term > 1,
            contracted_yen=self.contracted_yen(),
            requote_yen=quote.amount_yen if quote else None,
            votes=self._votes(rule.per_body) if rule.vote_first else {},
            council=buyer_kind is OrganizationKind.COUNCIL,
            qualified_until=qualification.valid_until,
            candidates=frozenset(each.vendor_id for each in self.candidates),
            certified=self.certified,
            final_due=final.due,
            not_agreed={c: n for c, n in asked.items() if not body_code or c == body_code},
        )

    def _find_quote(self, body_code: str) -> QuoteRow | None:
        """The newest re-quote of the vendor that is awarded now, not of one before it."""
        quote, award = self.quotes.get(body_code), self.award
        return quote if quote and award and quote.vendor_id == award.vendor_id else None

    def _votes(self, kind: ContractKind) -> dict[str, date | None]:
        signed = {row.body_code: row.vote_on for row in self.contracts if row.kind is kind}
        return {p.name: signed.get(p.code) for p in self.parties if p.wave == 1}


def find_term(session: Session, project_id: int) -> int:
    """1, and one more with every renewal. One query."""
    renewals = session.scalar(
        select(func.count()).where(
            StateChange.project_id == project_id, StateChange.action == "renew"
        )
    )
    return 1 + (renewals or 0)
