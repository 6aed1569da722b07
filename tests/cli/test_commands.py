"""What an operator does: each command says what it did, refuses in one line, and explains itself."""

from datetime import timedelta

import click
import pytest
from sqlalchemy import select

from kit import clock, seal
from kit.db import db, transaction
from kit.ids import uuid7
from kit.tenancy import every_tenant
from models.accounts import SecondFactor
from models.outbox import OutboxMessage
from models.payments import WebhookEvent
from models.tenants import Tenant, TenantStatus
from services import search, tenants
from services.catalog import listing
from tests import cast, make


@pytest.fixture
def flask(app):
    """`flask("tenants", "list")`: the result of the command."""
    return lambda *words, **kw: app.test_cli_runner().invoke(args=list(words), **kw)


def walk(command: click.Command, path: tuple[str, ...] = ()):
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from walk(inner, (*path, name))


OURS = {
    "audit",
    "cache",
    "clock",
    "demo",
    "doctor",
    "keys",
    "outbox",
    "payments",
    "search",
    "tenants",
    "users",
}


def test_every_command_explains_itself_and_its_options(app):
    assert set(app.cli.commands) >= OURS
    for path, command in walk(app.cli):
        if path and path[0] in OURS:
            assert command.help, path
            for option in command.params:
                if (
                    isinstance(option, click.Option)
                    and not option.is_flag
                    and option.name not in {"plan", "role"}
                ):
                    assert option.help, (path, option.name)
            assert app.test_cli_runner().invoke(args=[*path, "--help"]).exit_code == 0


# --- stores -------------------------------------------------------------------------------------------------------


def status_of(slug: str) -> TenantStatus:
    with every_tenant():
        db.session.rollback()
        return db.session.scalars(select(Tenant.status).where(Tenant.slug == slug)).one()


def test_a_store_is_opened_suspended_opened_deleted_and_restored(flask):
    opened = flask("tenants", "create", "third", "--admin", "tom@third.test", "--name", "Third")
    assert opened.exit_code == 0 and "third.localhost is open" in opened.output
    assert "third" in flask("tenants", "list").output
    assert flask("tenants", "suspend", "third", "--reason", "Unpaid").exit_code == 0
    assert status_of("third") is TenantStatus.SUSPENDED and "(Unpaid)" in flask("tenants", "list").output
    assert flask("tenants", "activate", "third").exit_code == 0
    assert flask("tenants", "delete", "third", input="n\n").exit_code == 1
    assert status_of("third") is TenantStatus.ACTIVE
    assert flask("tenants", "delete", "third", "--yes").exit_code == 0
    assert status_of("third") is TenantStatus.DELETED
    assert flask("tenants", "restore", "third").exit_code == 0
    assert status_of("third") is TenantStatus.ACTIVE


@pytest.mark.parametrize("words", [("tenants", "suspend", "nowhere"), ("tenants", "restore", "roast"),
                                   ("tenants", "delete", "nowhere", "--yes"), ("users", "list", "nowhere"),
                                   ("tenants", "create", "roast", "--admin", "a@b.test"),
                                   ("search", "rebuild", "nowhere"), ("cache", "clear", "nowhere"),
                                   ("payments", "replay", "roast", "nonsense"),
                                   ("outbox", "replay", str(uuid7()))])  # fmt: skip
def test_a_refusal_is_one_line_and_changes_nothing(flask, everything, words):
    before = everything()
    result = flask(*words)
    assert result.exit_code == 1 and result.output.startswith("Error: "), result.output
    assert everything() == before


@pytest.mark.parametrize("words", [("outbox", "replay"), ("cache", "clear"), ("clock", "run"),
                                   ("clock", "run", "nothing"), ("payments", "replay", "roast")])  # fmt: skip
def test_too_few_words_are_explained(flask, words):
    assert flask(*words).exit_code == 2


# --- what went wrong ----------------------------------------------------------------------------------------------


def test_dead_messages_are_shown_and_delivered_again(flask):
    with every_tenant(), transaction() as session:
        session.add(OutboxMessage(id=uuid7(), topic="order.paid", payload={}, run_at=clock.now(), dead_at=clock.now(),
                                  created_at=clock.now(), last_error="no route"))  # fmt: skip
    shown = flask("outbox", "list").output
    assert "order.paid" in shown and "no route" in shown
    assert "1 to be delivered again" in flask("outbox", "replay", "--all").output
    assert "No message is dead" in flask("outbox", "list").output


def test_failed_messages_of_stripe_are_acted_on_again(flask):
    with every_tenant(), transaction() as session:
        session.add(WebhookEvent(provider_id="evt_1", type="charge.succeeded", tenant_id=cast.ROAST, status="failed",
                                 payload={}, received_at=clock.now()))  # fmt: skip
    assert "1 to be acted on again" in flask("payments", "replay", "roast", "--failed").output
    with every_tenant():
        assert db.session.scalar(select(WebhookEvent.status)) == "received"


# --- the rest -----------------------------------------------------------------------------------------------------


def test_the_index_is_written_anew_with_progress(flask):
    with tenants.in_store(cast.ROAST):
        mug = make.product("Mug")
        with transaction():
            search.remove([mug.id])
    result = flask("search", "rebuild", "roast")
    assert result.exit_code == 0 and "1 products can be found" in result.output
    with tenants.in_store(cast.ROAST):
        assert [card.name for card in listing.read_cards(listing.Filters(search="mug"))] == ["Mug"]


def test_clearing_pages_moves_the_version(flask):
    with tenants.in_store(cast.ROAST) as store:
        before = store.catalog_version
    assert flask("cache", "clear", "roast").exit_code == 0
    with tenants.in_store(cast.ROAST) as store:
        assert store.catalog_version == before + 1
    with tenants.in_store(cast.RIVAL) as store:
        assert store.catalog_version == before


def test_warming_where_nobody_answers_fails(flask):
    result = flask("cache", "warm", "roast", "--at", "http://127.0.0.1:9", "--rounds", "1")
    assert result.exit_code == 1 and "not answered: /" in result.output


def test_what_the_clock_does_can_be_done_now(flask):
    listed = flask("clock", "list").output
    assert "sweep holds" in listed and "hourly" in listed
    done = flask("clock", "run", "sweep holds", "forget tokens")
    assert done.exit_code == 0 and done.output.splitlines()[0].split() == ["sweep", "holds", "0"]


def test_a_task_that_fails_is_named(flask, monkeypatch):
    from jobs import clock as by_hand
    from jobs.schedule import Task

    def broken() -> None:
        raise RuntimeError("no disk")

    monkeypatch.setattr(by_hand, "TASKS", (Task("sweep", 60, broken), Task("rest", 60, lambda: 2)))
    result = flask("clock", "run", "--all")
    assert result.exit_code == 1
    assert "FAILED: RuntimeError: no disk" in result.output and "rest" in result.output


def test_keys_are_changed_and_the_old_one_thrown_away(flask, app):
    config = app.config["VITRINE"]
    seal.configure("the old key", ())
    with tenants.in_store(cast.ROAST), transaction() as session:
        session.add(
            SecondFactor(user_id=cast.ALICE.id, sealed_secret=seal.seal("ABC"), created_at=clock.now())
        )
    seal.configure("the new key", ("the old key",))
    result = flask("keys", "reseal")
    assert result.exit_code == 0 and "1 secrets are sealed" in result.output
    seal.configure("the new key")
    with tenants.in_store(cast.ROAST):
        assert seal.unseal(db.session.scalar(select(SecondFactor.sealed_secret))) == "ABC"
    seal.configure("a third key")
    assert flask("keys", "reseal").exit_code == 1
    seal.configure(config.credentials_keys[0])
    assert len(flask("keys", "new").output.strip()) >= 43


def test_the_doctor_looks_at_everything(flask, monkeypatch, tmp_path):
    result = flask("doctor")
    assert result.exit_code == 0, result.output
    for name in (
        "database",
        "migrations",
        "row-level security",
        "disk",
        "files",
        "mail",
        "worker",
        "dead letters",
    ):
        assert f"ok    {name}" in result.output, name
    assert "APP_ENV=production" in result.output
    assert flask("doctor", "--strict").exit_code == 1


def test_the_doctor_names_what_is_bad(flask, monkeypatch):
    from gateways import mail
    from services import readiness

    monkeypatch.setattr(readiness, "LEAST_SPACE", 2**80)
    monkeypatch.setattr(mail, "_url", "smtp://127.0.0.1:9")
    with every_tenant(), transaction() as session:
        session.add(OutboxMessage(id=uuid7(), topic="order.paid", payload={}, created_at=clock.now(),
                                  run_at=clock.now() - timedelta(hours=1)))  # fmt: skip
    result = flask("doctor")
    assert result.exit_code == 1
    for name in ("disk", "mail", "worker"):
        assert f"BAD   {name}" in result.output, result.output
