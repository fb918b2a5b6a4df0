"""Styles and scripts: kept for a year under an address that changes with the content."""

import hashlib
import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"


def test_every_style_is_kept_for_a_year_under_its_contents_hash(client):
    html = client.page("/").html
    found = re.findall(r'"(/static/([^"?]+)\?v=([0-9a-f]{12}))"', html)
    assert {name for _, name, _ in found} >= {"tokens.css", "base.css", "js/site.js"}
    for address, name, version in found:
        assert version == hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
        response = client.get(address)
        assert response.status_code == 200
        assert "max-age=31536000" in response.headers["Cache-Control"]
    assert not re.findall(r'(?:href|src)="/static/[^"?]+"', html)
