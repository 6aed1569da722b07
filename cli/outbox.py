"""`flask outbox`: what waits, what died and why, and trying it again."""

from uuid import UUID

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
    if not message_ids and not every:
        raise click.UsageError("Name messages by their ids, or say --all.")
    for ident in [_id(text) for text in message_ids]:  # one that is no id leaves the others, too
        deliveries.replay(ident)
    count = len(message_ids) + (deliveries.replay_all() if every else 0)
    click.echo(f"{count} to be delivered again; the worker takes them up at once.")


@commands.command("drop")
@click.argument("message_id", metavar="ID")
@click.option("--reason", required=True, help="Why it is never to be delivered.")
@plainly
def drop(message_id: str, reason: str) -> None:
    """Give a dead message up."""
    deliveries.drop(_id(message_id), reason, by="terminal")
    click.echo("Dropped; it is not delivered any more.")


def _id(text: str) -> UUID:
    if (ident := parse_id(text)) is None:
        raise click.ClickException(f"{text} is no message's id.")
    return ident
