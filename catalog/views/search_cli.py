"""`flask search …`: the search index from the command line."""

import click
from flask import current_app
from flask.cli import AppGroup

from catalog.search.service import SearchService
from catalog.search.storage import IndexBusy

search_group = AppGroup("search", help="検索の索引を作り直します。")


@search_group.command("rebuild", help="データベースから検索の索引を作り直します。")
@click.option(
    "--if-needed", is_flag=True, help="索引がないとき、壊れているとき、古いときだけ作ります。"
)
def rebuild_command(if_needed: bool) -> None:
    service: SearchService = current_app.extensions["moyai_search"]
    if if_needed and service.is_whole():
        click.echo("検索の索引は最新です。")
        return
    progress = _Progress()
    try:
        service.rebuild(progress.start, progress.step)
    except IndexBusy as busy:
        raise click.ClickException("ほかの処理が索引を書いています。") from busy
    finally:
        progress.finish()
    click.echo(f"検索の索引を作り直しました（{progress.done:,}件）。")


class _Progress:
    """A bar whose length is known once the database has been asked."""

    def __init__(self) -> None:
        self.done = 0
        self._bar: click._termui_impl.ProgressBar[int] | None = None

    def start(self, total: int) -> None:
        self._bar = click.progressbar(length=total, label="索引を作成中")
        self._bar.render_progress()

    def step(self) -> None:
        self.done += 1
        if self._bar:
            self._bar.update(1)

    def finish(self) -> None:
        if self._bar:
            self._bar.render_finish()
