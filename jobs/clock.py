"""`flask clock`: what the clock does by itself, done now by hand."""

import click
from flask.cli import AppGroup

from jobs.schedule import DAY, HOUR, TASKS

commands = AppGroup("clock", help="Tasks that the worker does by the clock: sweeping, expiring, forgetting.")


@commands.command("list")
def list_tasks() -> None:
    """Every task, and how often it comes round."""
    for task in TASKS:
        often = {DAY: "daily", HOUR: "hourly"}.get(task.every, f"every {task.every} s")
        click.echo(f"{often:<12} {task.name}")


@commands.command("run")
@click.argument("names", nargs=-1, metavar="TASK…")
@click.option("--all", "every", is_flag=True, help="All of them.")
def run(names: tuple[str, ...], every: bool) -> None:
    """Do tasks now, each by its name in quotes. A running worker need not be stopped: every task bears to be done
    twice. Exit code 1 where one failed."""
    known = {task.name: task for task in TASKS}
    if unknown := [name for name in names if name not in known]:
        raise click.UsageError(f"There is no task {unknown[0]!r}; `flask clock list` names them.")
    if not names and not every:
        raise click.UsageError("Name tasks, or say --all.")
    failed = []
    for name in names or known:
        try:
            count = known[name].work()
        except Exception as error:
            failed.append(name)
            click.echo(f"{name:<28} FAILED: {type(error).__name__}: {error}", err=True)
        else:
            click.echo(f"{name:<28} {count or 0}")
    if failed:
        raise click.ClickException(f"Failed: {', '.join(failed)}.")
