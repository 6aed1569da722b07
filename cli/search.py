"""`flask search`: what products are found by, written anew."""

import click
from flask.cli import AppGroup

from cli.ground import plainly, store_named
from services import platform, search, tenants

commands = AppGroup("search", help="The index of the stores' products.")


@commands.command("rebuild")
@click.argument("slugs", nargs=-1, metavar="STORE…")
@plainly
def rebuild(slugs: tuple[str, ...]) -> None:
    """Index the products of stores (default: of all) anew, while the shops go on. For after a restore from a backup,
    or when search and list differ."""
    for slug in slugs or [store.slug for store in platform.list_all()]:
        with tenants.in_store(store_named(slug)):

            def tell(done: int, slug: str = slug) -> None:
                click.echo(f"{slug:<24} {done:>8} so far", err=True)

            number = search.rebuild(tell=tell)
        click.echo(f"{slug:<24} {number:>8} products can be found")
