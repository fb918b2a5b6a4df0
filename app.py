"""Moyai put together: the only place that knows every part. Nobody imports this module."""

import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Flask

from foundation.db import Database
from foundation.db_cli import db_group

ROOT = Path(__file__).resolve().parent

# (module, attribute) of every blueprint and command group; order is the order of registration.
BLUEPRINTS = (
    ("accounts.views", "accounts"),
    ("catalog.views.offerings", "offerings"),
    ("procurement.views.home", "home"),
)
COMMANDS = ()


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The whole application.

    config overrides what the environment says; tests give DATABASE_URL and INSTANCE_DIR.
    """
    app = Flask("app", root_path=str(ROOT), instance_path=_instance_dir(config))
    app.config.update(_settings(Path(app.instance_path)))
    app.config.update(config or {})
    app.secret_key = app.config.get("SECRET_KEY") or _secret_key(Path(app.instance_path))
    database = Database(app.config["DATABASE_URL"])
    app.extensions["moyai_database"] = database
    app.cli.add_command(db_group)
    return app


def _instance_dir(config: Mapping[str, Any] | None) -> str:
    chosen = (config or {}).get("INSTANCE_DIR") or os.environ.get("MOYAI_INSTANCE_DIR")
    path = Path(chosen) if chosen else ROOT / "instance"
    path.mkdir(parents=True, exist_ok=True)
    return str(path.resolve())


def _settings(instance: Path) -> dict[str, Any]:
    environment = os.environ
    return {
        "DATABASE_URL": environment.get("DATABASE_URL") or f"sqlite:///{instance / 'moyai.db'}",
        "REDIS_URL": environment.get("REDIS_URL", ""),
        "SEARCH_INDEX_DIR": str(instance / "search"),
        "EXAMPLE_MODE": environment.get("MOYAI_EXAMPLE_MODE", "") == "1",
        "MOYAI_NOW": environment.get("MOYAI_NOW", ""),
        "MAIL_HOST": environment.get("MAIL_HOST", "127.0.0.1"),
        "MAIL_PORT": int(environment.get("MAIL_PORT", "0")),
        "MAIL_FROM": environment.get("MAIL_FROM", "moyai@moyai.example"),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": environment.get("MOYAI_HTTPS", "") == "1",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "MAX_CONTENT_LENGTH": 20 * 1024 * 1024,
        "WTF_I18N_ENABLED": False,
        "JSON_AS_ASCII": False,
    }


def _secret_key(instance: Path) -> str:
    """The installation's own key, made once; two processes starting together agree on one."""
    path = instance / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text()
