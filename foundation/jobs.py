"""Work done beside the pages: mail, and sweeps that put right what a crash left behind.

A job is only ever a reason to look: what is to be done stands in tables, written by the
transaction that wanted it. Losing the queue loses nothing; doing a job twice does no harm.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from foundation.db import Database
from foundation.mail import MailSettings, count_by_state, deliver_pending, has_due_mail

log = logging.getLogger("moyai.jobs")

Sweep = Callable[[Database, datetime], object]


@dataclass(frozen=True, kw_only=True)
class JobSettings:
    """Where the queue lives: a file of this machine, or Redis for several."""

    folder: Path
    secret: str
    redis_url: str = ""


class JobRunner:
    """Wakes the worker after a commit that queued mail, and is the worker.

    Sweeps run once a minute, whether or not anything woke the worker.
    """

    def __init__(
        self,
        database: Database,
        *,
        settings: JobSettings,
        mail: MailSettings,
        clock: Callable[[], datetime],
    ) -> None:
        self.database = database
        self.settings = settings
        self.mail = mail
        self.clock = clock
        self.sweeps: dict[str, Sweep] = {"mail": self._deliver}
        self._own_work = threading.local()
        database.after_commit.append(self.wake)

    def add_sweep(self, name: str, sweep: Sweep) -> None:
        """Run this once a minute; it must be harmless to run again."""
        self.sweeps[name] = sweep

    @cached_property
    def queue(self) -> Any:
        """The huey queue; opened when it is first needed."""
        from huey import RedisHuey, SqliteHuey, crontab
        from huey.serializer import SignedSerializer

        # Signed, because whoever can write a queue's messages could run code in the worker.
        options = {"results": False, "serializer": SignedSerializer(secret=self.settings.secret)}
        if self.settings.redis_url:
            queue = RedisHuey("moyai", url=self.settings.redis_url, **options)
        else:
            file = self.settings.folder / "jobs.sqlite3"
            queue = SqliteHuey("moyai", filename=str(file), **options)
        self._mail_task = queue.task(name="deliver_mail")(self.deliver_now)
        self._sweep_task = queue.task(name="run_sweep")(self.run_sweep)
        queue.periodic_task(crontab(minute="*"), name="sweep")(self.sweep)
        return queue

    def wake(self, database: Database) -> None:
        """After each commit: ask the worker to look if there is mail to be sent."""
        if not self.mail.is_set or getattr(self._own_work, "running", False):
            return
        with database.read_session() as session:
            due = has_due_mail(session, self.clock())
        if due:
            self._enqueue_mail()

    def _enqueue_mail(self) -> None:
        try:
            _ = self.queue
            self._mail_task()
        except Exception:
            # The page that was saved stays saved: the minute's sweep sends the mail.
            log.exception("the job queue did not take a job")

    def ask(self, name: str) -> None:
        """Have that sweep run soon; without a queue, the minute's run does it."""
        try:
            _ = self.queue
            self._sweep_task(name)
        except Exception:
            log.exception("the job queue did not take a job")

    def run_sweep(self, name: str) -> None:
        """Run one sweep now."""
        self._run({name: self.sweeps[name]})

    def deliver_now(self) -> None:
        """Send what is due."""
        self._run({"mail": self.sweeps["mail"]})

    def sweep(self) -> None:
        """Run every sweep; one that fails does not stop the others."""
        self._run(self.sweeps)

    def check(self, _database: Database) -> str | None:
        """For /readyz: None when the queue can be asked."""
        self.queue.pending_count()
        return None

    def status(self) -> dict[str, int]:
        """Mails by state, and jobs waiting in the queue."""
        with self.database.read_session() as session:
            mails = count_by_state(session)
        counts = {f"mail_{state}": count for state, count in sorted(mails.items())}
        return {**counts, "jobs_waiting": int(self.queue.pending_count())}

    def work(self) -> None:
        """Be the worker, until told to stop by a signal."""
        consumer = self.queue.create_consumer(workers=1, worker_type="thread", periodic=True)
        consumer.run()

    def _run(self, sweeps: dict[str, Sweep]) -> None:
        # What the worker itself commits must not wake the worker again.
        self._own_work.running = True
        try:
            for name, sweep in sweeps.items():
                try:
                    sweep(self.database, self.clock())
                except Exception:
                    log.exception("sweep %s failed", name)
        finally:
            self._own_work.running = False

    def _deliver(self, database: Database, now: datetime) -> object:
        return deliver_pending(database, self.mail, now)
