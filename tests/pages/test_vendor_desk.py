"""The vendor's public page and its own desk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from catalog import panels
from foundation.db import Database
from tests.harness.catalog import DRAFT_MARK, SmallCatalog, open_catalog
from tests.harness.client import StrictClient
from tests.harness.example import sign_in
from tests.harness.queries import counted_queries

Opened = tuple[Flask, SmallCatalog]


@pytest.fixture(scope="module")
def opened(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with open_catalog(empty_sqlite, tmp_path_factory.mktemp("vendor-desk")) as opened:
        yield opened


@pytest.fixture
def vendor(opened: Opened) -> StrictClient:
    client = StrictClient(opened[0])
    sign_in(client, opened[1].vendor_email)
    return client


def test_the_desk_lists_own_entries_in_every_state(vendor: StrictClient, opened: Opened) -> None:
    page = vendor.page("/desk/vendor")
    assert DRAFT_MARK in page.text
    assert "下書き" in page.text
    assert "掲載終了" in page.text
    assert "架空ノート" not in page.text
    assert f"/cases/{opened[1].case}" in page.links


def test_the_public_page_has_neither_drafts_nor_withdrawn_entries(opened: Opened) -> None:
    page = StrictClient(opened[0]).page(f"/vendors/{opened[1].vendor}")
    assert DRAFT_MARK not in page.text
    assert "架空旧製品" not in page.text
    assert "架空アシスト2" in page.text
    assert "実データ 0件・架空 1件" in page.text


def test_the_desk_is_for_vendors(opened: Opened) -> None:
    app, catalog = opened
    assert StrictClient(app).get("/desk/vendor").status_code == 302
    staff = StrictClient(app)
    sign_in(staff, catalog.staff_email)
    assert staff.get("/desk/vendor").status_code == 403


def test_notices_and_requests_come_through_the_door(
    vendor: StrictClient, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def source(_session: object, request: panels.PanelRequest) -> panels.Panel:
        asked.append(request.subject_id)
        item = panels.PanelItem(title="見積りの依頼", url="/projects/7", meta=("締切",))
        return panels.Panel(
            key="requests", title="届いている依頼", items=(item,), total=1, fictional=1
        )

    monkeypatch.setattr(panels, "_sources", {})
    panels.register(panels.Place.VENDOR_DESK, "requests", source)
    page = vendor.page("/desk/vendor")
    assert "届いている依頼（実データ 0件・架空 1件）" in page.text
    assert "/projects/7" in page.links
    assert asked == [opened[1].vendor]


def test_few_queries(vendor: StrictClient, opened: Opened) -> None:
    app, catalog = opened
    database: Database = app.extensions["moyai_database"]
    for address in ("/desk/vendor", f"/vendors/{catalog.vendor}"):
        with counted_queries(database.engine) as log:
            vendor.page(address)
        log.at_most(12)
