"""Who may do what: the one table of domain §8, as data.

The table says which roles may attempt an action and within which scope. Whether this
very object lies inside the scope is asked by `in_scope`; a project's own roles (lead,
secretariat, …) are asked where the project is known, in procurement.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a user is in an organisation."""

    VISITOR = "visitor"
    MUNICIPAL_STAFF = "municipal_staff"
    MUNICIPAL_MANAGER = "municipal_manager"
    PREFECTURE_COORDINATOR = "prefecture_coordinator"
    VENDOR_STAFF = "vendor_staff"
    VENDOR_MANAGER = "vendor_manager"
    MINISTRY_REPORTER = "ministry_reporter"
    JUDGE = "judge"
    OPERATOR = "operator"
    AUDITOR = "auditor"


ROLE_LABELS: dict[Role, str] = {
    Role.VISITOR: "一般",
    Role.MUNICIPAL_STAFF: "市区町村 担当者",
    Role.MUNICIPAL_MANAGER: "市区町村 決裁者",
    Role.PREFECTURE_COORDINATOR: "都道府県 取りまとめ担当",
    Role.VENDOR_STAFF: "事業者 担当者",
    Role.VENDOR_MANAGER: "事業者 管理者",
    Role.MINISTRY_REPORTER: "制度所管府省庁 報告者",
    Role.JUDGE: "審査委員",
    Role.OPERATOR: "運営者",
    Role.AUDITOR: "監査",
}


class OrganizationKind(StrEnum):
    """The kinds of organisation that act here."""

    PREFECTURE = "prefecture"
    MUNICIPALITY = "municipality"
    ASSOCIATION = "association"
    COUNCIL = "council"
    VENDOR = "vendor"
    MINISTRY = "ministry"
    OPERATOR = "operator"


ORGANIZATION_KIND_LABELS: dict[OrganizationKind, str] = {
    OrganizationKind.PREFECTURE: "都道府県",
    OrganizationKind.MUNICIPALITY: "市区町村",
    OrganizationKind.ASSOCIATION: "一部事務組合・広域連合",
    OrganizationKind.COUNCIL: "協議会",
    OrganizationKind.VENDOR: "事業者",
    OrganizationKind.MINISTRY: "府省庁",
    OrganizationKind.OPERATOR: "運営者",
}


class Scope(StrEnum):
    """How far a permission reaches."""

    EVERYTHING = "everything"
    OWN_ORGANIZATION = "own_organization"
    OWN_PREFECTURE = "own_prefecture"
    OWN_PROJECTS = "own_projects"


class Action(StrEnum):
    """The things that can be permitted, named as the office names them."""

    READ_PUBLIC = "read_public"
    READ_GOVERNMENT = "read_government"
    SIGN_IN = "sign_in"
    USE_OWN_ACCOUNT = "use_own_account"
    SAVE_SEARCH = "save_search"
    READ_RECORDS = "read_records"
    LOCK_RECORD = "lock_record"
    ASK_CONTACT_OFFICE = "ask_contact_office"
    ASK_HELP = "ask_help"
    COMPARE_WITH_OWN_SIZE = "compare_with_own_size"
    STATE_INTEREST = "state_interest"
    PREPARE_JOIN = "prepare_join"
    REQUEST_JOIN_ON_BEHALF = "request_join_on_behalf"
    ENTER_COSTS_ON_BEHALF = "enter_costs_on_behalf"
    JOIN = "join"
    CONSENT = "consent"
    SET_INTERNAL_CEILING = "set_internal_ceiling"
    PRINT_APPROVAL_SHEET = "print_approval_sheet"
    OPEN_PROJECT = "open_project"
    INVITE = "invite"
    EDIT_PROJECT = "edit_project"
    MOVE_PROJECT = "move_project"
    FIX_SHARE_VERSION = "fix_share_version"
    LAPSE_CONSENT = "lapse_consent"
    READ_MEMBER_FIGURES = "read_member_figures"
    READ_DECLARED_STANDALONE = "read_declared_standalone"
    ASK_QUESTION = "ask_question"
    PROPOSE = "propose"
    EDIT_OFFERING = "edit_offering"
    READ_VENDOR_DESK = "read_vendor_desk"
    MANAGE_VENDOR = "manage_vendor"
    PUBLISH_OFFERING = "publish_offering"
    REPORT_PROGRESS = "report_progress"
    MANAGE_REFERENCE = "manage_reference"
    IMPORT_FILE = "import_file"
    READ_AUDIT = "read_audit"
    READ_BODY_DESK = "read_body_desk"
    READ_PREFECTURE_DESK = "read_prefecture_desk"


_BODY_STAFF = (Role.MUNICIPAL_STAFF, Role.MUNICIPAL_MANAGER)
_LEADING = (*_BODY_STAFF, Role.PREFECTURE_COORDINATOR)
_GOVERNMENT = (*_LEADING, Role.MINISTRY_REPORTER, Role.OPERATOR, Role.AUDITOR)
_VENDOR = (Role.VENDOR_STAFF, Role.VENDOR_MANAGER)
_SIGNED_IN = tuple(role for role in Role if role is not Role.VISITOR)


def _all(roles: tuple[Role, ...], scope: Scope) -> dict[Role, Scope]:
    return dict.fromkeys(roles, scope)


# Action → role → scope. A role that is not named may not. A coordinator is its prefecture's
# staff and manager in one (domain §8 names no separate manager there).
PERMISSIONS: dict[Action, dict[Role, Scope]] = {
    Action.READ_PUBLIC: _all(tuple(Role), Scope.EVERYTHING),
    Action.READ_GOVERNMENT: _all(_GOVERNMENT, Scope.EVERYTHING),
    Action.SIGN_IN: _all(tuple(Role), Scope.EVERYTHING),
    Action.USE_OWN_ACCOUNT: _all(_SIGNED_IN, Scope.OWN_ORGANIZATION),
    Action.SAVE_SEARCH: _all(_LEADING, Scope.OWN_ORGANIZATION),
    Action.READ_RECORDS: _all(_LEADING, Scope.OWN_ORGANIZATION) | {Role.AUDITOR: Scope.EVERYTHING},
    Action.LOCK_RECORD: _all(_LEADING, Scope.OWN_ORGANIZATION),
    Action.ASK_CONTACT_OFFICE: _all((*_LEADING, Role.MINISTRY_REPORTER), Scope.EVERYTHING),
    Action.ASK_HELP: _all(_LEADING, Scope.OWN_ORGANIZATION),
    Action.COMPARE_WITH_OWN_SIZE: _all(_LEADING, Scope.OWN_ORGANIZATION),
    Action.STATE_INTEREST: _all(_BODY_STAFF, Scope.OWN_ORGANIZATION)
    | {Role.PREFECTURE_COORDINATOR: Scope.OWN_PREFECTURE},
    Action.PREPARE_JOIN: _all(_BODY_STAFF, Scope.OWN_ORGANIZATION),
    Action.REQUEST_JOIN_ON_BEHALF: {Role.PREFECTURE_COORDINATOR: Scope.OWN_PREFECTURE},
    Action.ENTER_COSTS_ON_BEHALF: {Role.PREFECTURE_COORDINATOR: Scope.OWN_PREFECTURE},
    Action.JOIN: {Role.MUNICIPAL_MANAGER: Scope.OWN_ORGANIZATION},
    Action.CONSENT: {Role.MUNICIPAL_MANAGER: Scope.OWN_ORGANIZATION},
    Action.SET_INTERNAL_CEILING: {Role.MUNICIPAL_MANAGER: Scope.OWN_ORGANIZATION},
    Action.PRINT_APPROVAL_SHEET: _all(_BODY_STAFF, Scope.OWN_ORGANIZATION),
    Action.OPEN_PROJECT: _all(_LEADING, Scope.OWN_ORGANIZATION),
    Action.INVITE: _all(_LEADING, Scope.OWN_PROJECTS),
    Action.EDIT_PROJECT: _all(_LEADING, Scope.OWN_PROJECTS),
    Action.MOVE_PROJECT: _all(_LEADING, Scope.OWN_PROJECTS),
    Action.FIX_SHARE_VERSION: {
        Role.MUNICIPAL_MANAGER: Scope.OWN_PROJECTS,
        Role.PREFECTURE_COORDINATOR: Scope.OWN_PROJECTS,
    },
    Action.LAPSE_CONSENT: {
        Role.MUNICIPAL_MANAGER: Scope.OWN_PROJECTS,
        Role.PREFECTURE_COORDINATOR: Scope.OWN_PROJECTS,
    },
    Action.READ_MEMBER_FIGURES: _all(_LEADING, Scope.OWN_PROJECTS)
    | {Role.AUDITOR: Scope.EVERYTHING},
    Action.READ_DECLARED_STANDALONE: _all(_LEADING, Scope.OWN_PROJECTS)
    | {Role.AUDITOR: Scope.EVERYTHING},
    Action.ASK_QUESTION: _all(_VENDOR, Scope.OWN_ORGANIZATION),
    Action.PROPOSE: {Role.VENDOR_MANAGER: Scope.OWN_ORGANIZATION},
    Action.EDIT_OFFERING: _all(_VENDOR, Scope.OWN_ORGANIZATION),
    Action.READ_VENDOR_DESK: _all(_VENDOR, Scope.OWN_ORGANIZATION),
    Action.MANAGE_VENDOR: {Role.VENDOR_MANAGER: Scope.OWN_ORGANIZATION},
    Action.PUBLISH_OFFERING: {Role.OPERATOR: Scope.EVERYTHING},
    Action.REPORT_PROGRESS: {Role.MINISTRY_REPORTER: Scope.OWN_ORGANIZATION},
    Action.MANAGE_REFERENCE: {Role.OPERATOR: Scope.EVERYTHING},
    Action.IMPORT_FILE: _all((*_BODY_STAFF, *_VENDOR), Scope.OWN_ORGANIZATION)
    | {Role.PREFECTURE_COORDINATOR: Scope.OWN_PREFECTURE, Role.OPERATOR: Scope.EVERYTHING},
    Action.READ_AUDIT: {Role.AUDITOR: Scope.EVERYTHING, Role.OPERATOR: Scope.EVERYTHING}
    | _all(_LEADING, Scope.OWN_ORGANIZATION),
    Action.READ_BODY_DESK: _all(_BODY_STAFF, Scope.OWN_ORGANIZATION),
    Action.READ_PREFECTURE_DESK: {Role.PREFECTURE_COORDINATOR: Scope.OWN_PREFECTURE},
}


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts, and for whom: one user in one organisation.

    body_code: six digits for a prefecture or municipality, else None.
    prefecture_code: two digits of the organisation's prefecture, None if it has none.
    """

    user_id: int | None = None
    name: str = ""
    organization_id: int | None = None
    organization_kind: OrganizationKind | None = None
    organization_name: str = ""
    roles: frozenset[Role] = field(default_factory=frozenset)
    body_code: str | None = None
    prefecture_code: str | None = None
    fictional: bool = False

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def label(self) -> str:
        """Name and organisation as the audit chain writes them."""
        return f"{self.name}（{self.organization_name}）" if self.organization_name else self.name

    @property
    def effective_roles(self) -> frozenset[Role]:
        """The roles held, and a visitor's, which everybody has."""
        return self.roles | {Role.VISITOR}


VISITOR = Actor(name="一般")
SYSTEM = Actor(name="システム")


def scopes_for(actor: Actor, action: Action) -> frozenset[Scope]:
    """Every scope in which the actor may attempt the action; empty when it may not at all."""
    table = PERMISSIONS[action]
    return frozenset(table[role] for role in actor.effective_roles if role in table)


def may(actor: Actor, action: Action) -> bool:
    """Whether any of the actor's roles may attempt the action somewhere."""
    return bool(scopes_for(actor, action))


def may_for_body(actor: Actor, action: Action, body_code: str) -> bool:
    """Whether the actor may do this for that local body: its own, or one of its prefecture."""
    scopes = scopes_for(actor, action)
    if Scope.EVERYTHING in scopes:
        return True
    if Scope.OWN_ORGANIZATION in scopes and actor.body_code == body_code:
        return True
    return Scope.OWN_PREFECTURE in scopes and actor.prefecture_code == body_code[:2]


def sees_government(actor: Actor) -> bool:
    """Whether fields of the class `government` are shown to the actor."""
    return may(actor, Action.READ_GOVERNMENT)
