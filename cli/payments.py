"""`flask payments`: comparing the stores' books with Stripe's."""

import click
from flask.cli import AppGroup

from cli.ground import OPERATOR, plainly, store_named
from kit.errors import ShopError
from services import platform, tenants
from services.payments import connect, findings, reconciliation

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
