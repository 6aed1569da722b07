"""`flask tenants`: open stores, list them, close and open them again, delete and restore them."""

import secrets

import click
from flask.cli import AppGroup

from cli.ground import OPERATOR, plainly, store_named
from kit.drafts import read
from services import platform

commands = AppGroup("tenants", help="The platform's stores.")


@commands.command("list")
def list_tenants() -> None:
    """Every store with its state."""
    for store in platform.list_all():
        reason = f"  ({store.suspended_reason})" if store.suspended_reason else ""
        click.echo(f"{store.slug:<24} {store.status:<10} {store.plan:<10} {store.name}{reason}")


@commands.command("create")
@click.argument("slug")
@click.option("--name", help="As shoppers see it; default: the slug.")
@click.option("--admin", "email", required=True, metavar="EMAIL", help="The first admin's address.")
@click.option(
    "--country", default="PT", show_default=True, help="Two letters; sets currency, taxes and language."
)
@click.option("--plan", default="starter", show_default=True)
@plainly
def create(slug: str, name: str | None, email: str, country: str, plan: str) -> None:
    """Open a store. Prints the first admin's password, which is to be changed."""
    password = f"{secrets.token_urlsafe(12)}-A1a"
    draft = {
        "slug": slug,
        "name": name or slug,
        "plan": plan,
        "country": country,
        "admin": {"email": email, "password": password},
    }
    platform.provision(read(platform.ProvisionDraft, draft), actor=OPERATOR)
    store = store_named(slug)
    click.echo(f"{store.host} is open. {email} signs in at /admin with the password {password}")


@commands.command("suspend")
@click.argument("slug")
@click.option("--reason", default="", help="Shown to the store's staff.")
@plainly
def suspend(slug: str, reason: str) -> None:
    """Close a store to shoppers; its staff can still read."""
    draft = read(platform.SuspendDraft, {"reason": reason})
    platform.suspend(store_named(slug).id, draft, actor=OPERATOR)
    click.echo(f"{slug} is suspended.")


@commands.command("delete")
@click.argument("slug")
@click.option("--yes", is_flag=True, help="Don't ask.")
@plainly
def delete(slug: str, yes: bool) -> None:
    """Take a store from the net. For 30 days `flask tenants restore` brings it back, without its own domain."""
    store = store_named(slug)
    if not yes:
        click.confirm(f"Take {store.host} ({store.name}) from the net?", abort=True)
    platform.delete_store(store.id, actor=OPERATOR)
    click.echo(f"{slug} is deleted; `flask tenants restore {slug}` brings it back within 30 days.")


@commands.command("restore")
@click.argument("slug")
@plainly
def restore(slug: str) -> None:
    """Bring a deleted store back, within 30 days."""
    gone = platform.list_stores(search=slug, status="deleted", page_size=100).items
    found = next((view.tenant for view in gone if view.tenant.slug == slug), None)
    if found is None:
        raise click.ClickException(f"There is no deleted store {slug!r}.")
    platform.activate(found.id, actor=OPERATOR)
    click.echo(f"{slug} is open again.")


@commands.command("activate")
@click.argument("slug")
@plainly
def activate(slug: str) -> None:
    """Open a suspended store again."""
    platform.activate(store_named(slug).id, actor=OPERATOR)
    click.echo(f"{slug} is open.")
