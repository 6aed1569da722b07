"""make bench: pages, API, cart and orders as ratios to a bare Flask hello under the same server in the same run."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import flows, load
from bench.servers import Running, serving
from tests import servers

HOST = {"Host": flows.HOST}
# What we have promised of each line: the least ratio to hello, on (SQLite, PostgreSQL).
PROMISED = {
    "listing, page cache warm": (0.5, 0.5),
    "product page, page cache warm": (0.5, 0.5),
    "listing, 304": (0.5, 0.5),
    "listing, no page cache": (0.08, 0.06),
    "API list of 20": (0.08, 0.08),
    "add to cart": (0.04, 0.04),
    "guest orders, 8 clients": (0.015, 0.015),
}


@dataclass
class Run:
    """One server kind × database × size."""

    database: str
    products: int
    server: str
    hellos: list[float] = field(default_factory=list)  # per second
    figures: dict[str, float] = field(default_factory=dict)  # ratios
    rates: dict[str, float] = field(default_factory=dict)  # per second
    memory_mb: float = 0.0
    start_seconds: float = 0.0
    cold_ms: dict[str, float] = field(default_factory=dict)


def environment(url: str, folder: Path, *, page_cache: bool) -> dict[str, str]:
    return {"DATABASE_URL": url, "INSTANCE_DIR": str(folder), "APP_ENV": "testing", "RATE_LIMITS": "0",
            "PAGE_CACHE": "1" if page_cache else "0", "DEMO": "0"}  # fmt: skip


def prepare(url: str, folder: Path, products: int) -> None:
    """Migrate and fill in a process of its own, so that nothing of it stays in this one."""
    code = ("from app import create_app; from flask_migrate import upgrade; from bench.fill import Filler\n"
            f"app = create_app()\nwith app.app_context(): upgrade(); Filler({products}).fill()")  # fmt: skip
    env = {**os.environ, **environment(url, folder, page_cache=True)}
    subprocess.run([sys.executable, "-c", code], check=True, env=env, stdout=subprocess.DEVNULL)


def measure(
    run: Run, bare: Running, url: str, folder: Path, seconds: float, times: int, step: Callable[[str], None]
) -> None:
    def rate(name: str, call: Callable[[], float]) -> None:
        """The yardstick is taken anew before each time: what else the machine does meanwhile slows both."""
        step(f"{run.database} {run.products}: {name}")
        taken = []
        for _ in range(times):
            run.hellos.append(load.per_second(bare.port, "/", {}, seconds / 2))
            taken.append((call(), run.hellos[-1]))
        run.figures[name] = statistics.median(rate / hello for rate, hello in taken)
        run.rates[name] = statistics.median(rate for rate, _hello in taken)

    def get(path: str, **headers: str) -> Callable[[], float]:
        return lambda: load.per_second(server.port, path, {**HOST, **headers}, seconds)

    with serving("wsgi:app", run.server, environment(url, folder, page_cache=True), "/healthz") as server:
        run.start_seconds = server.start_seconds
        products = json.loads(load.fetch(server.port, "/api/products?page_size=100", HOST)[2])["items"]
        simple = [p["id"] for p in products if not p["variants"]]
        page, etag = (
            f"/products/{products[0]['slug']}",
            load.fetch(server.port, "/products", HOST)[1].get("ETag", ""),
        )
        rate("listing, page cache warm", get("/products"))
        rate("product page, page cache warm", get(page))
        rate("listing, 304", get("/products", **{"If-None-Match": etag}))
        rate("API list of 20, kept", get("/api/products?page_size=20"))
        rate(
            "add to cart", lambda: load.clients(flows.adding(server.port, simple), load.CONNECTIONS, seconds)
        )
        rate("guest orders, 8 clients", lambda: load.clients(flows.ordering(server.port, simple), 8, seconds))
        run.memory_mb = server.memory_mb()
    with serving("wsgi:app", run.server, environment(url, folder, page_cache=False), "/healthz") as server:
        for _ in range(
            8
        ):  # both workers have loaded their code; the counts of the whole shop are not made yet
            load.fetch(server.port, "/categories/category-1", HOST)
        run.cold_ms = {
            "listing from cold counts": _first(server, "/products"),
            "search": _first(server, "/search?q=lamp"),
            "search with a slip": _first(server, "/search?q=lmap"),
        }
        rate("listing, no page cache", get("/products"))
        rate("API list of 20", get("/api/products?page_size=20"))
        rate("product page, no page cache", get(page))
        rate("search, no page cache", get("/search?q=" + quote("serra lamp")))
        rate("search with a slip, no page cache", get("/search?q=" + quote("serra lmap")))
        rate(
            "suggestions, no page cache",
            get("/search/suggest?q=" + quote("serra la"), **{"HX-Request": "true"}),
        )


def _first(server: Running, path: str) -> float:
    began = time.perf_counter()
    load.fetch(server.port, path, HOST)
    return (time.perf_counter() - began) * 1000


def show(console: Console, runs: list[Run]) -> None:
    table = Table(title="Ratio to a bare Flask hello under the same server (more is better)")
    table.add_column("what")
    for run in runs:
        table.add_column(f"{run.database}\n{run.products} products\n{run.server}", justify="right")
    for name in runs[0].figures:
        row = []
        for run in runs:
            ratio = run.figures[name]
            least = PROMISED.get(name)
            short = least and ratio < least[0 if run.database == "sqlite" else 1]
            row.append(
                f"{'[red]' if short else ''}{ratio:.3f}{'[/red]' if short else ''} [dim]{run.rates[name]:.0f}/s[/dim]"
            )
        table.add_row(name, *row)
    table.add_row("hello", *[f"[dim]{statistics.median(run.hellos):.0f}/s[/dim]" for run in runs])
    for name in runs[0].cold_ms:
        table.add_row(f"first answer: {name}", *[f"{run.cold_ms[name]:.0f} ms" for run in runs])
    table.add_row("memory per worker", *[f"{run.memory_mb:.0f} MB" for run in runs])
    table.add_row("start until it answers", *[f"{run.start_seconds:.1f} s" for run in runs])
    console.print(table)
    _growth(console, runs)


def _growth(console: Console, runs: list[Run]) -> None:
    """How much slower with more products: time per answer, largest against smallest store."""
    for database in dict.fromkeys(run.database for run in runs):
        mine = sorted(
            (r for r in runs if r.database == database and r.server == runs[0].server),
            key=lambda r: r.products,
        )
        if len(mine) < 2:
            continue
        small, large = mine[0], mine[-1]
        console.print(
            f"{database}, from {small.products} to {large.products} products, time per answer grows by:"
        )
        for name in small.figures:
            growth = small.figures[name] / large.figures[name]
            console.print(f"  {name:34} {growth:5.2f}× {'█' * min(60, round(growth * 10))}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--products", default="60,10000", help="sizes of the store, with commas (default 60,10000)"
    )
    parser.add_argument("--db", default="sqlite,postgresql", help="sqlite, postgresql or both")
    parser.add_argument("--server", default="gunicorn", help="gunicorn, granian or both")
    parser.add_argument("--seconds", type=float, default=4, help="length of one measurement")
    parser.add_argument("--times", type=int, default=3, help="each figure is the median of so many")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    console, runs = Console(width=160), []
    sizes = [int(n) for n in options.products.split(",")]
    plans = [(d, n, s) for d in options.db.split(",") for n in sizes for s in options.server.split(",")]
    with (
        Progress(console=console, transient=True) as progress,
        tempfile.TemporaryDirectory(prefix="vitrine-bench-") as top,
    ):
        bar = progress.add_task("…", total=len(plans) * 12)

        def step(text: str) -> None:
            progress.update(bar, advance=1, description=text)

        for database, products, server in plans:
            folder = Path(top) / f"{database}-{products}"
            made = folder.exists()
            folder.mkdir(exist_ok=True)
            step(f"{database} {products}: filling the store")
            url = _database(database, folder, products, made)
            if not made:
                prepare(url, folder, products)
            run = Run(database, products, server)
            with serving("bench.hello:app", server) as bare:
                measure(run, bare, url, folder, options.seconds, options.times, step)
            runs.append(run)
    show(console, runs)
    if options.json:
        options.json.write_text(json.dumps([run.__dict__ for run in runs], indent=1))


def _database(kind: str, folder: Path, products: int, made: bool) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder / 'bench.sqlite'}"
    server = servers.shared_postgresql()
    name = f"bench_{products}"
    if not made:
        servers.make_template(server.url, name, lambda url: None)
    return servers.database_url(server.url, name)


if __name__ == "__main__":
    main()
