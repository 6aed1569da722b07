"""`flask audit`: is the log of a store still as it was written?"""

import click
from flask.cli import AppGroup

from cli.ground import plainly, store_named
from services import audit, platform, tenants

commands = AppGroup("audit", help="The stores' audit logs.")


@commands.command("verify")
@click.argument("slugs", nargs=-1, metavar="STORE…")
@plainly
def verify(slugs: tuple[str, ...]) -> None:
    """Check the chain of each store's log (default: all stores). Exit code 1 where an entry was tampered with.

    The last number and hash are printed: noted elsewhere, they also prove that no log was written anew.
    """
    broken = []
    for slug in slugs or [store.slug for store in platform.list_all()]:
        with tenants.in_store(store_named(slug)):
            verdict = audit.verify()
        if verdict.is_intact:
            click.echo(f"{slug:<24} intact   {verdict.entries:>8} entries  {verdict.last_hash}")
        else:
            broken.append(slug)
            click.echo(f"{slug:<24} BROKEN   at entry {verdict.broken_at}: {verdict.why}")
    if broken:
        raise click.ClickException(f"The audit log was tampered with: {', '.join(broken)}.")
