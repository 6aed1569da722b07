"""Assembly: the only place that knows every room."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import admin
import api
import console
import jobs
import models  # noqa: F401
import shop
from config import ROOT, Config, share_metrics
from gateways import dns, mail, storage, stripe, vies
from kit import drafts, log, meters, pool, seal
from kit.db import db
from services import carts, downloads, notifications, readiness, tenants
from services import health as well_being
from services.accounts import tokens
from services.orders import access as order_access
from web import (
    apart,
    assets,
    attempts,
    auth,
    cache,
    cors,
    counters,
    crosssite,
    errors,
    filters,
    front,
    guest,
    headers,
    health,
    limits,
    media,
    parts,
    tenant,
    themes,
    urls,
    visitor,
    watching,
)


def create_app(config: Config | None = None, *, with_commands: bool = True) -> Flask:
    """`with_commands`: also what the terminal asks for, which a server that is starting need not wait for."""
    config = config or Config.from_env()
    app = Flask("vitrine", root_path=str(ROOT), static_folder=None, template_folder="templates")
    app.config.update(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(config),
        MAX_CONTENT_LENGTH=11 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        VITRINE=config,
    )
    log.configure(config.env)
    share_metrics(config)
    db.init_app(app)
    configure_services(config)
    # In the order in which a request passes them.
    for room in (apart, themes, headers, errors, cors, tenant, urls, crosssite, auth, limits, attempts, guest,
                 filters, assets, cache, parts, visitor, media, health, counters):  # fmt: skip
        room.init_app(app)
    for face in (shop, admin, console, api, jobs):
        face.init_app(app)
    if with_commands:
        _add_commands(app)
    front.init_app(app)
    watching.init_app(app)
    if proxies := config.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    return app


def _add_commands(app: Flask) -> None:
    from flask_migrate import Migrate

    import cli

    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    cli.init_app(app)


def configure_services(config: Config) -> None:
    """Services and gateways know no app: what they need of the settings is handed in once."""
    meters.configure(config.metrics_folder)
    drafts.accept_test_domains = not config.is_production
    tenants.configure(config.platform_domain)
    well_being.configure(config)
    readiness.configure(config, ROOT / "migrations")
    for signer in (tokens, order_access, carts, downloads):
        signer.configure(config.secret_key)
    newest, *older = config.credentials_keys
    seal.configure(
        newest, (*older, config.secret_key)
    )  # the last: what was sealed before there was a key for it
    for gateway in (notifications, stripe, vies, dns, mail, storage):
        gateway.configure(config)


def _engine_options(config: Config) -> dict[str, object]:
    if config.database_url.startswith("sqlite"):
        return {"connect_args": {"check_same_thread": False, "timeout": 15}}
    return {
        "pool_size": 8,
        "max_overflow": 8,
        "pool_use_lifo": True,
        "pool_events": pool.EVENTS,
        # What a row holds does not belong into the log with the statement's error.
        "hide_parameters": config.is_production,
    }
