"""What an installation keeps to itself."""

import stat
from pathlib import Path

from app import create_app
from tests.harness.example import example_config


def test_the_instance_folder_is_its_owners_alone(tmp_path: Path):
    create_app(example_config(tmp_path / "instance"))
    assert stat.S_IMODE((tmp_path / "instance").stat().st_mode) == 0o700


def test_a_made_up_host_is_refused_where_the_sites_names_are_set(tmp_path: Path):
    config = example_config(tmp_path / "instance") | {"TRUSTED_HOSTS": ["moyai.example"]}
    client = create_app(config).test_client()
    assert client.get("/healthz", base_url="http://moyai.example").status_code == 200
    assert client.get("/healthz", base_url="http://evil.example").status_code == 400
