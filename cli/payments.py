"""`flask payments`: comparing the stores' books with Stripe's, and acting on its messages once more."""

import click
from flask.cli import AppGroup

from cli.ground import OPERATOR, plainly, store_named
from kit.errors import ShopError
from kit.ids import parse_id
from services import platform, tenants
from services.payments import connect, findings, reconciliation, webhooks

commands = AppGroup("payments", help="The stores' payments.")


@commands.command("reconcile")
@click.argument("slugs", nargs=-1, metavar="STORE…")
@click.option("--everything", is_flag=True, help="Also what is so young that its webhook may be on its way.")
@plainly
def reconcile(slugs: tuple[str, ...], everything: bool) -> None:
    """Hold the books of each store (default: all that have a Stripe account) against Stripe's, now.

    What a lost webhook would have told is mended; what is left for a person is listed. Exit code 1 where something is
    left, or a store could not be compared.
    """
    failed = []
    for slug in slugs or [store.slug for store in platform.list_all()]:
        with tenants.in_store(store_named(slug)):
            if not slugs and connect.find_account() is None:
                continue
            try:
                _compare(slug, everything)
            except ShopError as error:
                click.echo(f"{slug:<24} FAILED   {error.message}", err=True)
                failed.append(slug)
            if findings.list_open(1):
                failed.append(slug)
    if failed:
        raise click.ClickException(f"To be looked at: {', '.join(dict.fromkeys(failed))}.")


@commands.command("replay")
@click.argument("slug", metavar="STORE")
@click.argument("event_ids", nargs=-1, metavar="ID…")
@click.option("--failed", is_flag=True, help="All of Stripe's messages that could not be acted on.")
@plainly
def replay(slug: str, event_ids: tuple[str, ...], failed: bool) -> None:
    """Act on messages of Stripe once more; the worker does it. The ids are those of the page of messages. What a
    message has done already it does not do twice."""
    ids = []
    for text in event_ids:
        if (ident := parse_id(text)) is None:
            raise click.ClickException(f"{text} is no message's id.")
        ids.append(ident)
    if not ids and not failed:
        raise click.UsageError("Name messages by their ids, or say --failed.")
    with tenants.in_store(store_named(slug)):
        if failed:
            ids += [event.id for event in webhooks.list_events(status="failed", page_size=1000).items]
        for ident in dict.fromkeys(ids):
            webhooks.replay(ident, actor=OPERATOR)
    click.echo(f"{len(set(ids))} to be acted on again.")


def _compare(slug: str, everything: bool) -> None:
    steps: list[str] = []

    def tell(step: str, looked_at: int) -> None:
        """A line per kind of thing, not per page."""
        if step not in steps:
            steps.append(step)
            click.echo(f"{slug:<24} {step:<10} {looked_at:>8} so far")

    grace = reconciliation.NO_GRACE if everything else reconciliation.GRACE
    check = reconciliation.check_now(actor=OPERATOR, grace=grace, tell=tell)
    if check.error:
        raise ShopError(check.error)
    click.echo(f"{slug:<24} {check.looked_at} looked at, {check.mended} mended, {check.open} open")
    for one in findings.list_open(1000):
        ours, theirs = ("–" if side is None else side for side in (one.ours, one.theirs))
        sums = f"{ours} ours, {theirs} theirs"
        click.echo(f"    {one.kind:<20} {one.provider_id:<32} {sums} {one.currency}")
