"""Alive, ready, measured: the three addresses an operator's machine asks."""

import time
from collections.abc import Callable

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from foundation.db import Database
from foundation.web import PUBLIC, get_database

# Gives None when all is well, else what is wrong, in words without secrets.
ReadinessCheck = Callable[[Database], str | None]

blueprint = Blueprint("system", __name__)


class Measures:
    """Figures of this process; each application has its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "moyai_requests", "Answers by view and status", ["view", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "moyai_request_seconds", "Time to answer by view", ["view"], registry=self.registry
        )


def init_health(app: Flask) -> None:
    """Measure every request and answer /healthz, /readyz and /metrics."""
    app.extensions["moyai_measures"] = Measures()
    app.extensions.setdefault("moyai_readiness", {})["database"] = _check_database
    app.before_request(_start_clock)
    app.after_request(_measure)
    app.register_blueprint(blueprint)


def add_readiness(app: Flask, name: str, check: ReadinessCheck) -> None:
    """Ask this too before the program says it is ready."""
    app.extensions.setdefault("moyai_readiness", {})[name] = check


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers; nothing else is asked."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether each part answers; 503 while one does not."""
    checks: dict[str, ReadinessCheck] = current_app.extensions["moyai_readiness"]
    results = {name: _ask(check) for name, check in sorted(checks.items())}
    ready = all(result == "ok" for result in results.values())
    return jsonify(status="ok" if ready else "unavailable", checks=results), 200 if ready else 503


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Prometheus text of this process: views, statuses and times; no addresses, no names."""
    measures: Measures = current_app.extensions["moyai_measures"]
    return Response(generate_latest(measures.registry), content_type=CONTENT_TYPE_LATEST)


for _view in (healthz, readyz, metrics):
    _view.permission = PUBLIC  # type: ignore[attr-defined]


def _ask(check: ReadinessCheck) -> str:
    try:
        return check(get_database()) or "ok"
    except Exception:
        # The reason may hold an address or a password: it goes to the log, not to the reader.
        current_app.logger.exception("readiness check failed")
        return "failed"


def _check_database(database: Database) -> str | None:
    with database.read_session() as session:
        session.execute(text("SELECT 1"))
    return None


def _start_clock() -> None:
    g.started = time.perf_counter()


def _measure(response: Response) -> Response:
    measures: Measures = current_app.extensions["moyai_measures"]
    view = request.endpoint or "unknown"
    measures.requests.labels(view=view, status=str(response.status_code)).inc()
    if "started" in g:
        measures.seconds.labels(view=view).observe(time.perf_counter() - g.started)
    return response
