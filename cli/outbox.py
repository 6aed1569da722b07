"""`flask outbox`: what waits, what died and why, and trying it again."""

import click
from flask.cli import AppGroup

from cli.ground import plainly
from kit.ids import parse_id
from services import deliveries

commands = AppGroup("outbox", help="Messages that are to be delivered after commit.")


@commands.command("list")
@click.argument("state", type=click.Choice(deliveries.STATES), default="dead")
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, 1000), help="How many at most."
)
def list_messages(state: str, limit: int) -> None:
    """Show messages that are dead (the default), waiting, done or dropped, the latest first."""
    found = deliveries.list_messages(state, limit)
    for message in found:
        when = message.dead_at or message.done_at or message.run_at
        click.echo(f"{message.id}  {when:%Y-%m-%d %H:%M:%S}  {message.topic:<24} tries {message.attempts}")
        if message.dropped_because:
            click.echo(f"    dropped by {message.dropped_by}: {message.dropped_because}")
        if message.last_error:
            click.echo("    " + message.last_error.replace("\n", "\n    "))
    if not found:
        click.echo(f"No message is {state}.")


@commands.command("replay")
@click.argument("message_ids", nargs=-1, metavar="ID…")
@click.option("--all", "every", is_flag=True, help="All dead messages.")
@plainly
def replay(message_ids: tuple[str, ...], every: bool) -> None:
    """Deliver dead messages again, from the handler that failed on."""
    ids = [parse_id(text) for text in message_ids]
    if every:
        ids = [message.id for message in deliveries.list_messages("dead", 10_000)]
    if not ids and not every:
        raise click.UsageError("Name messages by their ids, or say --all.")
    for text, ident in zip(message_ids or ids, ids, strict=True):
        if ident is None:
            raise click.ClickException(f"{text} is no message's id.")
        deliveries.replay(ident)
    click.echo(f"{len(ids)} to be delivered again; the worker takes them up at once.")


@commands.command("drop")
@click.argument("message_id", metavar="ID")
@click.option("--reason", required=True, help="Why it is never to be delivered.")
@plainly
def drop(message_id: str, reason: str) -> None:
    """Give a dead message up."""
    ident = parse_id(message_id)
    if ident is None:
        raise click.ClickException(f"{message_id} is no message's id.")
    deliveries.drop(ident, reason, by="terminal")
    click.echo("Dropped; it is not delivered any more.")
