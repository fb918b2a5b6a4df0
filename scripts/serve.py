"""`make run`: prepare what is missing, then serve pages and work off jobs until Ctrl-C.

Web and job processes are children of this one; when any of the three ends, all end.
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
READY_WITHIN_SECONDS = 60
STOP_WITHIN_SECONDS = 10


def main() -> int:
    os.chdir(ROOT)
    os.environ.setdefault("MOYAI_EXAMPLE_MODE", "1")
    host = os.environ.get("HOST") or "127.0.0.1"
    port = int(os.environ.get("PORT") or "8000")
    if not is_free(host, port):
        print(f"moyai: {host}:{port} is in use. Choose another: make run PORT=8001")
        return 1
    if subprocess.run((sys.executable, "scripts/prepare.py"), check=False).returncode:
        print("moyai: the preparation failed; nothing was started.")
        return 1
    return serve(host, port)


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def serve(host: str, port: int) -> int:
    signal.signal(signal.SIGTERM, _leave)
    children = [start_web(host, port)]
    try:
        if wait_until_ready(f"http://{host}:{port}/healthz", children):
            print(f"\nもやい  http://{host}:{port}/   （Ctrl-C で終了）", flush=True)
        # Only now: on two cores a third process starting along makes the first page wait.
        children.append(start_jobs())
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        stop(children)


def start_web(host: str, port: int) -> subprocess.Popen[bytes]:
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


def start_jobs() -> subprocess.Popen[bytes]:
    return _start((*FLASK, "jobs", "work"))


def _start(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches this process only, which then ends them in order.
    return subprocess.Popen(command, start_new_session=True)


def wait_until_ready(address: str, children: list[subprocess.Popen[bytes]]) -> bool:
    """Whether the address answered in time; False as soon as a child has ended."""
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline and all(child.poll() is None for child in children):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def stop(children: list[subprocess.Popen[bytes]]) -> None:
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
