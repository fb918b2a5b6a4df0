"""`flask jobs …`: the worker beside the pages."""

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from foundation.health import add_readiness
from foundation.jobs import JobRunner, JobSettings
from foundation.mail import MailSettings
from foundation.web import now_of

jobs_group = AppGroup("jobs", help="メール送信などの裏方の仕事を動かします。")


def init_jobs(app: Flask) -> JobRunner:
    """Give the application its job runner; sweeps of other parts are added to it."""
    config = app.config
    runner = JobRunner(
        app.extensions["moyai_database"],
        settings=JobSettings(
            folder=Path(app.instance_path),
            secret=str(app.secret_key),
            redis_url=config.get("REDIS_URL", ""),
        ),
        mail=MailSettings(
            host=config.get("MAIL_HOST", ""),
            port=int(config.get("MAIL_PORT", 0)),
            sender=config.get("MAIL_FROM", "moyai@moyai.example"),
        ),
        clock=lambda: now_of(app),
    )
    app.extensions["moyai_jobs"] = runner
    add_readiness(app, "queue", runner.check)
    return runner


def current_runner() -> JobRunner:
    """The running application's job runner."""
    runner: JobRunner = current_app.extensions["moyai_jobs"]
    return runner


@jobs_group.command("work", help="止められるまで、仕事を続けます。")
def work_command() -> None:
    current_runner().work()


@jobs_group.command("run-once", help="今たまっている仕事を一度だけ行います。")
def run_once_command() -> None:
    runner = current_runner()
    runner.sweep()
    _print_status(runner)


@jobs_group.command("status", help="たまっている仕事の数を示します。")
def status_command() -> None:
    _print_status(current_runner())


def _print_status(runner: JobRunner) -> None:
    for name, count in runner.status().items():
        click.echo(f"{name}\t{count}")
    if not runner.mail.is_set:
        click.echo("メールの送り先（MAIL_HOST・MAIL_PORT）が設定されていません。")
