"""`flask cache`: kept pages of the shops, thrown away or made before the first visitor asks."""

import http.client
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import AppGroup

from cli.ground import plainly, store_named
from kit.db import transaction
from services import platform, tenants
from services.catalog import categories

commands = AppGroup("cache", help="Kept pages of the shops.")
PER_STORE = 50


@commands.command("clear")
@click.argument("slugs", nargs=-1, metavar="STORE…")
@click.option("--all", "every", is_flag=True, help="Of all stores.")
@plainly
def clear(slugs: tuple[str, ...], every: bool) -> None:
    """Have every web process make the pages of these stores anew. Only needed where rows were changed by hand: what
    people change through the program clears its pages itself."""
    if not slugs and not every:
        raise click.UsageError("Name stores, or say --all.")
    for slug in slugs or [store.slug for store in platform.list_all()]:
        with tenants.in_store(store_named(slug)), transaction():
            tenants.touch_catalog()
        click.echo(f"{slug}: pages are made anew.")


@commands.command("warm")
@click.argument("slugs", nargs=-1, metavar="STORE…")
@click.option("--at", metavar="URL", help="Where the web server answers; default: this machine, on PORT.")
@click.option("--rounds", default=4, show_default=True, help="How often each page is asked for: every web process "
              "keeps its own.")  # fmt: skip
@plainly
def warm(slugs: tuple[str, ...], at: str | None, rounds: int) -> None:
    """Ask for the first pages of stores (default: all), so that they are kept when visitors come. Exit code 1 where
    some were not answered."""
    config = current_app.config["VITRINE"]
    door = urlsplit(at or f"http://127.0.0.1:{config.port}")
    failed = 0
    for slug in slugs or [store.slug for store in platform.list_all()]:
        store = store_named(slug)
        with tenants.in_store(store):
            paths = [
                "/",
                "/products",
                *(f"/categories/{node.slug}" for node in categories.flat(categories.tree())[:PER_STORE]),
            ]
        wrong = [path for path in paths for _ in range(rounds) if not _is_answered(door, store.host, path)]
        failed += len(wrong)
        said = f", not answered: {', '.join(dict.fromkeys(wrong))}" if wrong else ""
        click.echo(f"{slug:<24} {len(paths):>4} pages{said}")
    if failed:
        raise click.ClickException(f"{failed} times no page came from {door.netloc}.")


def _is_answered(door, host: str, path: str) -> bool:
    kind = http.client.HTTPSConnection if door.scheme == "https" else http.client.HTTPConnection
    connection = kind(door.hostname or "127.0.0.1", door.port, timeout=30)
    try:
        connection.request("GET", path, headers={"Host": host, "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
        return answer.status in (200, 301, 308)  # a store with a domain of its own sends there
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
