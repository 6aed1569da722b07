"""The shop and its back office with a hundred thousand products against a thousand: lists, filters, search, products.

    python -m bench.storefront [--products 1000,100000] [--db postgresql] [--times 40] [--keep FOLDER]

Two databases in one run, asked in turn, so that whatever else the machine does slows both. No page is kept. `again` is
asked with what a process has counted and remembered before; `first` is asked by one that remembers nothing. Promised
of the p95 of `again`: lists and filters 3 times, search 8 times, product pages 1.2 times what they take in the small
store; the back office's lists, and what is offered while one types, 250 ms; of both, as many queries in either store.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import backoffice
from bench.backoffice import HOST, LIST_MS, PASSWORD, percentile

LISTS, SEARCH, PRODUCT, TYPING, OFFICE = "lists", "search", "product", "typing", "office"
PROMISED = {LISTS: 3.0, SEARCH: 8.0, PRODUCT: 1.2}
PART = {"HX-Request": "true"}
FACETS = "option=colour:navy&option=size:m&min_price=20&max_price=90&in_stock=1"
PAGES = {
    LISTS: {
        "home": "/",
        "listing": "/products",
        "listing, last page": "/products?page={last}",
        **{f"listing, by {sort}": f"/products?sort={sort}"
           for sort in ("popular", "rating", "price", "price-desc", "name", "name-desc")},
        "listing, by price, page 20": "/products?sort=price&page=20",
        "category": "/categories/category-3",
        "category, by name": "/categories/category-3?sort=name",
        "listing, one colour": "/products?option=colour:navy",
        "listing, every facet": f"/products?{FACETS}",
        "category, every facet": f"/categories/category-3?{FACETS}",
        "category, favourites of 4 stars": "/categories/category-3?featured=1&rating=4&sort=popular",
    },
    SEARCH: {
        "search: a common word": "/search?q=lamp",
        "search: a rare word": "/search?q=B-000777",
        "search: two words": "/search?q=serra+lamp",
        "search: two words, by price": "/search?q=serra+lamp&sort=price",
        "search: a slip": "/search?q=serra+lmap",
        "search: nothing": "/search?q=xyzzyq",
        "search: in a category": "/categories/category-3?q=lamp",
        "search: every facet": f"/search?q=lamp&{FACETS}",
    },
    TYPING: {f"offers for: {typed}": f"/search/suggest?q={typed.replace(' ', '+')}"
             for typed in ("s", "se", "lamp", "serra la", "lmap", "b-0007", "xyzzyq")},
    PRODUCT: {"product": "/products/{plain}", "product with variants": "/products/{varied}"},
    OFFICE: {**{f"office, {name}": path for name, path in backoffice.PAGES.items()},
             "office, inventory": "/admin/inventory", "office, inventory, by word": "/admin/inventory?q=serra",
             "office, orders": "/admin/orders"},
}  # fmt: skip
KINDS = {name: kind for kind, pages in PAGES.items() for name in pages}


# --- the side that is measured: a process of its own for each database ----------------------------------------------


def _addresses(products: int) -> dict[str, Iterator[Any]]:
    """What stands for the names in braces: other products each time, and the last page that a shopper can ask for."""
    from sqlalchemy import select

    from bench.fill import NINE_IN
    from kit.db import db
    from models.catalog import Product

    chosen = [n * products // 30 for n in range(30)]
    skus = {f"B-{n - n % NINE_IN + place:06d}": place for n in chosen for place in (0, 1)}
    found = db.session.execute(
        select(Product.sku, Product.slug).where(Product.sku.in_(skus), Product.review_count > 0)
    ).all()
    by_place = [[row.slug for row in found if skus[row.sku] == place] for place in (0, 1)]
    return {"varied": itertools.cycle(by_place[0]), "plain": itertools.cycle(by_place[1]),
            "last": itertools.repeat(min(1000, -(-products // 24)))}  # fmt: skip


def asking(app: Any, products: int) -> Callable[[str, bool, bool], float]:
    """A function that asks for a page by its name: milliseconds, or the number of queries that it took."""
    from bench.backoffice import manager
    from kit import cache
    from services import tenants
    from tests.queries import count_queries

    store = tenants.find_by_host(HOST.removeprefix("http://"))
    assert store is not None
    with tenants.in_store(store.id):
        email = manager().email
        words = _addresses(products)
    visitor, staff = app.test_client(use_cookies=False), app.test_client()
    came = staff.post("/login", base_url=HOST, data={"email": email, "password": PASSWORD},
                      headers={"Sec-Fetch-Site": "same-origin"})  # fmt: skip
    if came.status_code != 303:
        raise SystemExit(f"signing in answered {came.status_code}")

    def ask(name: str, afresh: bool, counted: bool) -> float:
        kind = KINDS[name]
        path = PAGES[kind][name].format(**{word: next(found) for word, found in words.items()})
        client = staff if kind == OFFICE else visitor
        headers = PART if kind in {OFFICE, TYPING} else {}
        if afresh:
            cache.clear_all()
            client.get("/robots.txt", base_url=HOST)  # who the store is does not count
        with count_queries() as queries:
            began = time.perf_counter()
            answer = client.get(path, base_url=HOST, headers=headers)
            took = (time.perf_counter() - began) * 1000
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        return len(queries) if counted else took

    return ask


def serve() -> None:
    """Reads [page, afresh, counted] as lines of JSON, and answers a number to each."""
    from app import create_app

    app = create_app()
    with app.app_context():
        ask = asking(app, int(os.environ["BENCH_PRODUCTS"]))
        for line in sys.stdin:
            print(json.dumps(ask(*json.loads(line))), flush=True)


# --- the side that asks -----------------------------------------------------------------------------------------------


def made(database: str, products: int, folder: Path, stack: ExitStack, keeps: bool) -> str:
    """The url of a filled database; one that was kept is not filled again."""
    from bench.__main__ import prepare
    from tests import servers

    if database == "sqlite":
        path = folder / f"bench-{products}.sqlite"
        if not path.exists():
            draft = folder / f"draft-{products}.sqlite"
            prepare(f"sqlite:///{draft}", folder, products)
            draft.rename(path)
        return f"sqlite:///{path}"
    server, name = servers.shared_postgresql(), f"bench_shop_{products}"
    servers.make_template(server.url, name, lambda url: prepare(url, folder, products))
    if not keeps:
        stack.callback(servers.drop_database, server.url, name)
    return servers.database_url(server.url, name)


class Side:
    def __init__(self, process: subprocess.Popen):
        self.process = process

    def ask(self, name: str, *, afresh: bool = False, counted: bool = False) -> float:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps([name, afresh, counted]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"the process ended at {name!r}")
        return float(json.loads(answer))


@contextmanager
def side(url: str, products: int, folder: Path) -> Iterator[Side]:
    from bench.__main__ import environment

    env = {**os.environ, **environment(url, folder, page_cache=False), "BENCH_PRODUCTS": str(products)}
    process = subprocess.Popen([sys.executable, "-m", "bench.storefront", "--serve"], env=env, text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        yield Side(process)
    finally:
        process.terminate()
        process.wait()


def compare(sides: list[Side], name: str, times: int, firsts: int) -> dict[str, Any]:
    """Of both sides, asked in turn: milliseconds of the first answer (median), p50, p95, and queries both ways."""
    first = [[one.ask(name, afresh=True) for one in sides] for _ in range(firsts)]
    for one in sides:
        one.ask(name)
    again = [[one.ask(name) for one in sides] for _ in range(times)]
    return {
        "first": [statistics.median(took) for took in zip(*first, strict=True)] or [0.0 for _ in sides],
        "p50": [percentile(list(took), 0.5) for took in zip(*again, strict=True)],
        "p95": [percentile(list(took), 0.95) for took in zip(*again, strict=True)],
        # The least of eight: what is kept for a minute may have ended just now.
        "queries": [min(one.ask(name, counted=True) for _ in range(8)) for one in sides],
        "first queries": [one.ask(name, afresh=True, counted=True) for one in sides],
    }


def broken(name: str, found: dict[str, Any], promised: dict[str, float]) -> list[str]:
    """The columns in which a promise is not kept."""
    few, many = found["p95"]
    kind = KINDS[name]
    late = (kind in promised and many > promised[kind] * few) or (kind in {TYPING, OFFICE} and many > LIST_MS)
    return [
        *(["p95"] if late else []),
        *(one for one in ("queries", "first queries") if len(set(found[one])) > 1),
    ]


def show(console: Console, title: str, figures: dict[str, Any], promised: dict[str, float]) -> bool:
    """Is every promise kept?"""
    table = Table("what", "first", "p50", "p95", "times", "queries", "first", title=title)
    kept = True
    for name, found in figures.items():
        bad = broken(name, found, promised)
        kept = kept and not bad

        def pair(column: str, form: str, found: Any = found, bad: list[str] = bad) -> str:
            return ("[red]" if column in bad else "") + " → ".join(format(n, form) for n in found[column])

        few, many = found["p95"]
        growth = f"{'[red]' if 'p95' in bad else ''}{many / few:.2f}"
        table.add_row(name, pair("first", ".0f"), pair("p50", ".1f"), pair("p95", ".1f"), growth,
                      pair("queries", ".0f"), pair("first queries", ".0f"))  # fmt: skip
    console.print(table)
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.storefront", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument(
        "--products", default="1000,100000", help="the small store and the large (%(default)s)"
    )
    parser.add_argument("--db", default="postgresql", help="sqlite, postgresql or both (%(default)s)")
    parser.add_argument("--times", type=int, default=40, help="answers per page and store (%(default)s)")
    parser.add_argument("--firsts", type=int, default=3, help="of them first ones (%(default)s)")
    parser.add_argument("--only", default="", help="pages whose name has this in it")
    parser.add_argument(
        "--promise", default="3,8,1.2", help="how many times lists, search and products may take"
    )
    parser.add_argument("--keep", type=Path, help="fill the stores once: they stay in this folder, or on the "
                        "PostgreSQL server that TEST_DATABASE_URL names")  # fmt: skip
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return 0
    promised = dict(zip(PROMISED, map(float, options.promise.split(",")), strict=True))
    sizes = [int(n) for n in options.products.split(",")]
    console, written, kept = Console(width=140), {}, True
    for database in options.db.split(","):
        with tempfile.TemporaryDirectory(prefix="vitrine-bench-") as top, ExitStack() as stack:
            folder = options.keep or Path(top)
            folder.mkdir(parents=True, exist_ok=True)
            urls = [made(database, n, folder, stack, options.keep is not None) for n in sizes]
            sides = [stack.enter_context(side(url, n, folder)) for url, n in zip(urls, sizes, strict=True)]
            figures = {}
            for name in (name for name in KINDS if options.only in name):
                print(f"{database}: {name}", file=sys.stderr)
                figures[name] = compare(sides, name, options.times, options.firsts)
        title = f"{database}, milliseconds with {' → '.join(map(str, sizes))} products"
        kept = show(console, title, figures, promised) and kept
        written[database] = figures
    if options.json:
        options.json.write_text(json.dumps(written, indent=1))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
