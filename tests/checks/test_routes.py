"""Every address of the product says who may use it."""

from pathlib import Path

import pytest
from flask import Flask

from accounts.roles import Action
from app import create_app
from foundation.web import PUBLIC


@pytest.fixture(scope="module")
def bare_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application without a database: enough to ask for its addresses."""
    folder: Path = tmp_path_factory.mktemp("routes")
    return create_app({"INSTANCE_DIR": str(folder), "TESTING": True})


def test_every_route_carries_a_permission_mark(bare_app):
    views = {name: view for name, view in bare_app.view_functions.items() if "static" not in name}
    assert len(views) > 10
    unmarked = [
        name
        for name, view in views.items()
        if getattr(view, "permission", None) != PUBLIC
        and not isinstance(getattr(view, "permission", None), Action)
    ]
    assert unmarked == []


def test_only_get_and_post_are_spoken(bare_app):
    """Pages are read by GET and forms sent by POST; nothing else is spoken."""
    odd = {
        rule.rule: sorted(rule.methods - {"GET", "HEAD", "OPTIONS", "POST"})
        for rule in bare_app.url_map.iter_rules()
        if rule.methods - {"GET", "HEAD", "OPTIONS", "POST"}
    }
    assert odd == {}


def test_sign_out_is_a_form(bare_app):
    methods = {
        method
        for rule in bare_app.url_map.iter_rules()
        if rule.rule == "/logout"
        for method in rule.methods
    }
    assert "POST" in methods
    assert "GET" not in methods
