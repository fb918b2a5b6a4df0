"""`make run`: prepare what is missing, then serve pages and work off jobs until Ctrl-C.

The processes started here are children of this one; when one of them ends, all end.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
FLASK = (str(BIN / "flask"), "--app", "app")
Child = subprocess.Popen[bytes]
READY_WITHIN_SECONDS = 60
STOP_WITHIN_SECONDS = 10


def main() -> int:
    os.chdir(ROOT)
    set_environment()
    signal.signal(signal.SIGTERM, _leave)
    host = os.environ.get("HOST") or "127.0.0.1"
    port = int(os.environ.get("PORT") or "8000")
    if not is_free(host, port):
        print(f"moyai: {host}:{port} is in use. Choose another: make run PORT=8001")
        return 1
    children: list[Child] = []
    try:
        return serve(host, port, children)
    except KeyboardInterrupt:
        return 0
    finally:
        stop(children)


def set_environment() -> None:
    """Example mode unless told otherwise, and compiled modules kept beside the environment."""
    os.environ.setdefault("MOYAI_EXAMPLE_MODE", "1")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(ROOT / ".venv" / "pycache"))


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def serve(host: str, port: int, children: list[Child]) -> int:
    """Prepare and serve until something ends; every process started is put into `children`."""
    preparation = start_preparation()
    children.append(preparation)
    # What was prepared once can be served at once, while it is looked whether a newer version
    # brings anything.
    if not was_prepared() and preparation.wait():
        return report_failure()
    web = start_web(host, port)
    children.append(web)
    ready = wait_until_ready(f"http://{host}:{port}/healthz", web)
    if preparation.wait():
        return report_failure()
    if ready:
        print(f"\nもやい  http://{host}:{port}/   （Ctrl-C で終了）", flush=True)
    # Only now: on two cores a third process starting along makes the first page wait.
    jobs = start_jobs()
    children.append(jobs)
    while web.poll() is None and jobs.poll() is None:
        time.sleep(0.5)
    return 1


def report_failure() -> int:
    print("moyai: the preparation failed; its reason stands above.")
    return 1


def was_prepared() -> bool:
    """Whether this instance was prepared completely, by this version's newest migration."""
    instance = Path(os.environ.get("MOYAI_INSTANCE_DIR") or ROOT / "instance")
    mark = instance / "prepared"
    newest = max(path.name for path in (ROOT / "migrations" / "versions").glob("*.py"))
    here = os.environ.get("DATABASE_URL") or (instance / "moyai.db").exists()
    return bool(here) and mark.exists() and mark.read_text() == newest


def start_preparation() -> Child:
    return _start((sys.executable, "scripts/prepare.py"))


def start_web(host: str, port: int) -> Child:
    # Not preloaded: the chart renderer hangs in a forked child that inherits it.
    command = (
        str(BIN / "gunicorn"),
        f"--bind={host}:{port}",
        f"--workers={os.environ.get('WEB_CONCURRENCY', '2')}",
        "--worker-class=gthread",
        "--threads=4",
        # 5,000 characters in the search box are 45,000 in the address: the page says the limit.
        "--limit-request-line=0",
        "--log-level=warning",
        "app:create_app()",
    )
    return _start(command)


def start_jobs() -> Child:
    return _start((*FLASK, "jobs", "work"))


def _start(command: tuple[str, ...]) -> Child:
    # A session of its own: Ctrl-C reaches this process only, which then ends them in order.
    return subprocess.Popen(command, start_new_session=True)


def wait_until_ready(address: str, server: Child) -> bool:
    """Whether the address answered in time; False as soon as the server has ended."""
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def stop(children: list[Child]) -> None:
    """End every child: kindly first, then not."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOP_WITHIN_SECONDS
    for child in children:
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
