"""A look at the whole installation for who runs it: what is set, what answers, what waits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gateways import mail, storage, stripe
from kit.errors import ShopError
from services import readiness
from services.platform.condition import condition

GOOD, ODD, BAD = "good", "odd", "bad"
PROBE = "health/doctor.txt"
LONG = 32  # characters of a key


@dataclass(frozen=True, slots=True)
class Found:
    what: str
    state: str
    says: str


def look(config: Any) -> Iterator[Found]:
    """Line by line, since some of it takes its time. `config`: the settings."""
    yield from _settings(config)
    missing = readiness.unready()
    for name in ("database", "migrations", "row-level security", "redis", "disk"):
        yield Found(name, BAD if name in missing else GOOD, missing.get(name, "fine"))
    yield _asked("files", _files)
    yield _asked("mail", mail.check)
    if "database" not in missing and "migrations" not in missing:
        yield from _messages()


def _either(what: str, is_good: object, good: str, odd: str) -> Found:
    return Found(what, GOOD, good) if is_good else Found(what, ODD, odd)


def _settings(config: Any) -> Iterator[Found]:
    yield _either(
        "environment", config.is_production, config.env, f"{config.env}: APP_ENV=production for real shops"
    )
    if config.is_production:
        yield from _for_production(config)
    alone = config.redis_url or config.web_workers == 1 or not config.is_production
    yield _either(
        "rate limits", alone, "count for all", "are each process's own: REDIS_URL makes them count for all"
    )
    yield _either("payments", stripe.is_configured(), "Stripe", "no STRIPE_SECRET_KEY: shops take no cards")


def _for_production(config: Any) -> Iterator[Found]:
    keys = {"SECRET_KEY": config.secret_key, "CREDENTIALS_KEY": config.credentials_keys[0]}
    short = ", ".join(name for name, key in keys.items() if len(key) < LONG)
    yield _either(
        "keys", not short, "long enough", f"{short}: fewer than {LONG} characters; `flask keys new` makes one"
    )
    if len(config.credentials_keys) > 1:
        yield Found("older keys", ODD, "after `flask keys reseal` they can be taken out of CREDENTIALS_KEY")
    yield _either("database kind", not config.database_url.startswith("sqlite"), "PostgreSQL",
                  "SQLite: one machine, one writer, one wall fewer between the stores")  # fmt: skip
    yield _either("proxy", config.trusted_proxies, f"{config.trusted_proxies} trusted",
                  "TRUSTED_PROXIES=0: behind a proxy all visitors are one, and limits hit all of them")  # fmt: skip
    host = urlsplit(config.public_url).hostname or ""
    yield _either("public address", host.endswith(config.platform_domain), config.public_url,
                  f"{config.public_url} is not at {config.platform_domain}")  # fmt: skip
    yield _either("storage", not config.storage_url.startswith("file:"), "a bucket",
                  "a folder: it serves one machine, and needs a backup of its own")  # fmt: skip


def _asked(what: str, ask: Callable[[], str]) -> Found:
    try:
        return Found(what, GOOD, ask())
    except ShopError as error:
        return Found(what, BAD, error.message)
    except Exception as error:  # each door fails in its own way
        return Found(what, BAD, f"{type(error).__name__}: {error}")


def _files() -> str:
    storage.write(PROBE, b"well")
    was_read = storage.read(PROBE)
    storage.delete(PROBE)
    if was_read != b"well":
        raise OSError("what was written was not read again")
    return "written, read and taken away"


def _messages() -> Iterator[Found]:
    now = condition()
    if now.is_late:
        minutes = now.lag.total_seconds() / 60
        late = f"a message waits for {minutes:.0f} minutes: does `python -m jobs.worker` run?"
        yield Found("worker", BAD, late)
    else:
        yield Found("worker", GOOD, "delivers")
    yield _either("dead letters", not now.dead, "none", f"{now.dead}: `flask outbox list` tells why")
