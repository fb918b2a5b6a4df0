"""Static files that browsers keep: their addresses change with their content."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask

ONE_YEAR_SECONDS = 365 * 24 * 60 * 60


def init_static_files(app: Flask) -> None:
    """Give each static address its content's hash, so that it may be kept for a year."""
    folder = Path(app.static_folder or "")
    if app.config["SEND_FILE_MAX_AGE_DEFAULT"] is None:
        app.config["SEND_FILE_MAX_AGE_DEFAULT"] = ONE_YEAR_SECONDS

    # By name: of a page's dozen of static addresses each would else be made a path and hashed.
    version_of_name = cache(lambda name: version_of(folder / name))

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            values["v"] = version_of_name(values["filename"])


@cache
def version_of(path: Path) -> str:
    """The first digits of the file's hash; '' where there is no such file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""
