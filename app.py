"""Moyai put together: the only place that knows every part. Nobody imports this module."""

import contextlib
import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask

from accounts.access import init_access
from accounts.panels import register_panel
from accounts.signin import forget_attempts
from accounts.wording import add_wording
from catalog import action_names as catalog_actions
from catalog.body_panel import cases_panel
from catalog.case_desk import tell_of_old_cases
from catalog.case_drafting.review_waits import tell_of_review_waits
from catalog.desk.expiry import tell_of_expiry, tell_of_stale_facts
from catalog.desk.files import tidy_files
from catalog.desk.invitations import forget_invitations
from catalog.desk.renewals import tell_of_renewals
from catalog.importing.case_pages import CASES
from catalog.importing.incoming_work import IMPORTS, work_off
from catalog.importing.offering_pages import OWN, PUBLISHED
from catalog.importing.page_kinds import register_kinds
from catalog.importing.spec_pages import SPECS
from catalog.policy_history import recheck_offerings
from catalog.selection.digest import Digest
from catalog.views.search_setup import init_search
from foundation.addresses import init_addresses
from foundation.db import Database
from foundation.health import init_health
from foundation.jobs_cli import init_jobs
from foundation.static_files import init_static_files
from foundation.uploads.store import FileStore
from foundation.web import init_web, now_of
from procurement import action_names as procurement_actions
from procurement import (
    desk_models,
    import_page,
    lead_models,
    panels,
    requirement_models,
    rfi_models,
    search_source,
)
from procurement.cost_import import PROJECT_COSTS
from procurement.services import project_case
from procurement.services.basis_watch import tell_of_changed_bases
from procurement.services.policy_recheck import recheck_projects
from procurement.services.renewals import end_stays

ROOT = Path(__file__).resolve().parent

# Tables that only views and commands use: known once the whole application is put together.
TABLES = (desk_models, lead_models, requirement_models, rfi_models)
# Module of each blueprint (attribute `blueprint`), leftmost package last.
BLUEPRINTS: tuple[str, ...] = (
    "procurement.views.routes",
    "procurement.views.dashboard",
    "accounts.views.account",
    "accounts.views.audit",
    "accounts.views.bodies",
    "catalog.views.offerings",
    "catalog.views.compare",
    "catalog.views.cases",
    "catalog.views.case_contact",
    "catalog.views.case_drafts",
    "catalog.views.case_leads",
    "catalog.views.table_check",
    "catalog.views.vendors",
    "catalog.views.desk_entries",
    "catalog.views.desk_plans",
    "catalog.views.handing_in",
    "catalog.views.files",
    "catalog.views.reviews",
    "catalog.views.marks",
    "catalog.views.registration",
    "catalog.views.vendor_changes",
    "catalog.views.vendor_facts",
    "catalog.views.vendor_number",
    "catalog.views.imports",
    "catalog.views.policy",
    "catalog.views.policy_classes",
    "catalog.views.api",
    "catalog.views.open_data",
    "catalog.views.search",
    "catalog.views.search_api",
    "catalog.views.saved_searches",
    "catalog.views.selection",
    "catalog.views.selection_exports",
    "catalog.views.words",
    "catalog.views.guides",
    "catalog.views.library",
    "foundation.gallery",
)
# (module, attribute) of each command group.
COMMANDS: tuple[tuple[str, str], ...] = (
    ("foundation.db_cli", "db_group"),
    ("procurement.seed_cli", "db_group"),  # the same group, with `seed`
    ("foundation.jobs_cli", "jobs_group"),
    ("foundation.audit_cli", "audit_group"),
    ("catalog.views.search_cli", "search_group"),
    ("procurement.cli", "procurement_group"),
    ("accounts.cli", "bodies_group"),
    ("catalog.cli", "catalog_group"),
    ("catalog.views.verify_cli", "catalog_group"),  # the same group, with `verify-record`
)


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The whole application.

    config overrides what the environment says; tests give DATABASE_URL and INSTANCE_DIR.
    """
    app = Flask("app", root_path=str(ROOT), instance_path=_instance_dir(config))
    app.config.update(_settings(Path(app.instance_path)))
    app.config.update(config or {})
    app.secret_key = app.config.get("SECRET_KEY") or _secret_key(Path(app.instance_path))
    database = Database(app.config["DATABASE_URL"])
    init_addresses(app)
    init_web(app, database)
    init_static_files(app)
    init_access(app)
    init_health(app)
    runner = init_jobs(app)
    runner.add_sweep("sign-in attempts", forget_attempts)
    runner.add_sweep("invitations", forget_invitations)
    init_search(app)
    search = app.extensions["moyai_search"]
    runner.add_sweep("search index", lambda _database, _now: search.tidy())
    digest = Digest(app.extensions["moyai_search"], app.config["BASE_URL"])
    runner.add_sweep("saved searches", digest)
    runner.add_sweep("certificates", tell_of_expiry)
    runner.add_sweep("facts not looked at", tell_of_stale_facts)
    runner.add_sweep("yearly renewals", tell_of_renewals)
    runner.add_sweep(IMPORTS, lambda opened, _now: work_off(opened, lambda: now_of(app)))
    runner.add_sweep("old cases", tell_of_old_cases)
    runner.add_sweep("waits for the operator", tell_of_review_waits)
    store = FileStore(Path(app.config["FILES_DIR"]), app.config["MAX_FILE_BYTES"])
    app.extensions["moyai_files"] = store
    runner.add_sweep("files", lambda database, now: tidy_files(database, now, store))
    runner.add_sweep("policy of entries", recheck_offerings)
    runner.add_sweep("policy of projects", recheck_projects)
    runner.add_sweep("cases of projects", project_case.fill_cases)
    runner.add_sweep("ends of use", end_stays)
    runner.add_sweep("bases of estimates", tell_of_changed_bases)
    _register(app)
    return app


def _register(app: Flask) -> None:
    for words in (catalog_actions.WORDING, procurement_actions.WORDING):
        add_wording(words)
    search_source.register()
    panels.register()
    project_case.register()
    register_panel("cases", cases_panel)
    register_kinds((PUBLISHED, OWN, CASES, SPECS, import_page.CONTRACTS, PROJECT_COSTS))
    for module in BLUEPRINTS:
        app.register_blueprint(import_module(module).blueprint)
    for module, attribute in COMMANDS:
        app.cli.add_command(getattr(import_module(module), attribute))


def _instance_dir(config: Mapping[str, Any] | None) -> str:
    chosen = (config or {}).get("INSTANCE_DIR") or os.environ.get("MOYAI_INSTANCE_DIR")
    path = Path(chosen) if chosen else ROOT / "instance"
    path.mkdir(parents=True, exist_ok=True)
    # The database below holds what only some may read: no other user of the machine.
    with contextlib.suppress(PermissionError):
        path.chmod(0o700)
    return str(path.resolve())


def _settings(instance: Path) -> dict[str, Any]:
    environment = os.environ
    return {
        "DATABASE_URL": environment.get("DATABASE_URL") or f"sqlite:///{instance / 'moyai.db'}",
        "REDIS_URL": environment.get("REDIS_URL", ""),
        "SEARCH_BACKEND": environment.get("SEARCH_BACKEND") or "whoosh",
        "SEARCH_INDEX_DIR": str(instance / "search"),
        "FILES_DIR": environment.get("MOYAI_FILES_DIR") or str(instance / "files"),
        "MAX_FILE_BYTES": int(environment.get("MOYAI_MAX_FILE_MB", "10")) * 1024 * 1024,
        "EXAMPLE_MODE": environment.get("MOYAI_EXAMPLE_MODE", "") == "1",
        "MOYAI_NOW": environment.get("MOYAI_NOW", ""),
        "MAIL_HOST": environment.get("MAIL_HOST", "127.0.0.1"),
        "MAIL_PORT": int(environment.get("MAIL_PORT", "0")),
        # Where readers reach this site; put before the addresses in mails.
        "BASE_URL": environment.get("MOYAI_BASE_URL", ""),
        "MAIL_FROM": environment.get("MAIL_FROM", "moyai@moyai.example"),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": environment.get("MOYAI_HTTPS", "") == "1",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        # Names this site answers to, separated by spaces; a made-up Host is answered 400.
        "TRUSTED_HOSTS": environment.get("MOYAI_TRUSTED_HOSTS", "").split() or None,
        "MAX_CONTENT_LENGTH": 20 * 1024 * 1024,
        "WTF_I18N_ENABLED": False,
        "JSON_AS_ASCII": False,
    }


def _secret_key(instance: Path) -> str:
    """The installation's own key, made once; two processes starting together agree on one."""
    path = instance / "secret_key"
    if not path.exists():
        own = instance / f"secret_key.{os.getpid()}"
        own.touch(mode=0o600)
        own.write_text(secrets.token_urlsafe(48))
        # A link appears whole or not at all, and the second of two processes is refused.
        with contextlib.suppress(FileExistsError):
            os.link(own, path)
        own.unlink()
    return path.read_text()
