"""What monitors are told: figures without anybody's data, for nobody else; readiness that names what is missing."""

import re

import pytest
import structlog
from redis import Redis
from sqlalchemy import text

from jobs import outbox as handlers
from kit import clock
from kit.db import db, transaction
from kit.ids import uuid7
from kit.tenancy import every_tenant
from models.outbox import OutboxMessage
from services import health, outbox, readiness, tenants
from services.orders import access
from tests import cast, make
from tests.browser_client import Api
from web import watching


@pytest.fixture
def here(app):
    """A browser on the platform's host, from this machine."""
    return Api(app, "localhost")


def value(text: str, name: str, **labels: str) -> float:
    """The figure of this name and these labels, whatever other labels it has; 0 where it was never counted."""
    found = 0.0
    for line in text.splitlines():
        if line.startswith((f"{name}{{", f"{name} ")):
            said = dict(re.findall(r'(\w+)="([^"]*)"', line))
            if labels.items() <= said.items():
                found += float(line.rpartition(" ")[2])
    return found


def test_requests_are_counted_by_view_and_status(here, api, browser):
    asked = {"route": "shop.product", "status": "404", "method": "GET"}
    before = here.get("/metrics")
    assert before.status_code == 200 and before.content_type.startswith("text/plain")
    browser.get("/products/nothing-like-it")
    after = here.get("/metrics").text
    assert value(after, "vitrine_http_requests_total", **asked) - value(
        before.text, "vitrine_http_requests_total", **asked
    ) == 1  # fmt: skip
    name = "vitrine_http_request_seconds_count"
    assert value(after, name, route="shop.product") - value(before.text, name, route="shop.product") == 1
    assert "nothing-like-it" not in after


def test_strange_methods_and_addresses_make_no_new_series(here, browser):
    for path in ("/a-1", "/a-2"):
        browser.request("BREW", path)
    told = here.get("/metrics").text
    assert "BREW" not in told and "a-1" not in told
    assert value(told, "vitrine_http_requests_total", method="OTHER", route="none") >= 2


def test_kept_pages_are_hits(here, browser):
    with tenants.in_store(cast.ROAST):
        path = f"/products/{make.product().slug}"

    def count(result: str) -> float:
        return value(here.get("/metrics").text, "vitrine_page_cache_total", result=result)

    hit, miss = count("hit"), count("miss")
    browser.get(path)
    assert (count("hit"), count("miss")) == (hit, miss + 1)
    browser.get(path)
    assert (count("hit"), count("miss")) == (hit + 1, miss + 1)


def test_messages_and_stores_are_told(here, app):
    now = clock.now()
    with every_tenant(), transaction() as session:
        for dead in (None, now):
            session.add(OutboxMessage(id=uuid7(), topic="order.paid", payload={}, run_at=now, dead_at=dead,
                                      created_at=now))  # fmt: skip
    told = here.get("/metrics").text
    assert value(told, "vitrine_outbox_messages", state="dead") == 1
    assert value(told, "vitrine_outbox_messages", state="waiting") == 1
    assert value(told, "vitrine_stores", status="active") == 2
    assert value(told, "vitrine_up") == 1


def test_jobs_are_counted(here, roast):
    with transaction():
        outbox.post("order.paid", order_id=make.order().id)
    with every_tenant():
        ident = db.session.query(OutboxMessage.id).filter_by(topic="order.paid").scalar()
    before = value(here.get("/metrics").text, "vitrine_jobs_total", topic="order.paid", outcome="done")
    handlers.deliver(handlers.claim(ident))
    assert (
        value(here.get("/metrics").text, "vitrine_jobs_total", topic="order.paid", outcome="done")
        == before + 1
    )


def test_nobody_else_finds_the_figures(here, api, app, monkeypatch):
    assert api.get("/metrics").status_code == 404  # a store's host
    for name in watching.PASSED_ON:
        assert here.get("/metrics", headers={name: "203.0.113.9"}).status_code == 404
    assert here.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404
    object.__setattr__(app.config["VITRINE"], "metrics_token", "a-long-word")
    try:
        assert here.get("/metrics").status_code == 404
        assert here.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
        far = {"headers": {"Authorization": "Bearer a-long-word", "X-Forwarded-For": "203.0.113.9"}}
        assert here.get("/metrics", **far).status_code == 200
    finally:
        object.__setattr__(app.config["VITRINE"], "metrics_token", "")


# --- readiness ----------------------------------------------------------------------------------------------------


def test_ready_and_alive(here, api):
    for host in (here, api):
        assert host.get("/healthz").text == "alive\n"
        assert (host.get("/readyz").status_code, host.get("/readyz").text) == (200, "ready\n")


def _at(revision: str) -> None:
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})


def test_a_database_that_is_behind_is_not_ready_and_one_ahead_is(here):
    head = readiness._head(readiness._migrations)
    try:
        _at("0001")
        answer = here.get("/readyz")
        assert answer.status_code == 503 and "migrations: at 0001" in answer.text
        assert here.get("/healthz").status_code == 200
        _at("9999")
        assert here.get("/readyz").status_code == 200
    finally:
        _at(head)


def test_a_full_disk_and_a_lost_redis_are_named(here, monkeypatch):
    monkeypatch.setattr(health, "_redis", Redis(port=1, socket_connect_timeout=1))
    answer = here.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\nredis: down\n")  # shops sell on
    monkeypatch.setattr(readiness, "LEAST_SPACE", 2**80)
    answer = here.get("/readyz")
    assert answer.status_code == 503
    assert answer.text.splitlines()[0] == "redis: down" and answer.text.splitlines()[1].startswith("disk: ")
    assert here.get("/api/health").json["checks"]["queue"] == "down"


@pytest.mark.postgres_only
def test_policies_that_do_not_bind_are_not_ready(here):
    db.session.rollback()

    def switch(word: str) -> None:
        with db.engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE orders {word} ROW LEVEL SECURITY")

    try:
        switch("DISABLE")
        assert "row-level security: does not bind orders" in here.get("/readyz").text
    finally:
        switch("ENABLE")
    assert here.get("/readyz").status_code == 200


@pytest.mark.postgres_only
def test_connections_are_counted(here):
    told = here.get("/metrics").text
    assert value(told, "vitrine_db_connections", state="open") >= 1
    assert value(told, "vitrine_db_connections", state="in_use") >= 0


def test_a_slow_or_failed_request_is_told_in_the_log_without_its_address(app, browser, monkeypatch):
    with tenants.in_store(cast.ROAST):
        token = access.issue_token(make.paid_order())
    monkeypatch.setattr(watching, "SLOW", 0.0)
    with structlog.testing.capture_logs(processors=structlog.get_config()["processors"][:-1]) as lines:
        assert browser.get(f"/orders/{token}").status_code == 200
    said = next(line for line in lines if line["event"] == "request")
    assert (said["route"], said["store"], said["status"]) == ("shop.order_status", "roast", 200)
    assert said["request_id"] and said["tenant"] == str(cast.ROAST)
    assert token not in repr(lines) and "@" not in repr(lines)
