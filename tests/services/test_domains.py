"""Domains of the store's own: added, proven, made the address, given up; looked at again by the clock."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from gateways import dns
from kit import clock
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from kit.ids import uuid7
from kit.tenancy import every_tenant
from models.audit import AuditEntry
from models.tenants import Tenant, TenantDomain
from services import domains, tenants
from services.domains import DomainDraft
from tests.cast import ALICE, RITA, RIVAL

BOSS = ALICE.actor


@pytest.fixture
def zone(tmp_path, monkeypatch) -> Path:
    """The stand-in's records, one a line."""
    path = tmp_path / "dns.txt"
    monkeypatch.setattr(dns, "_zone", path)
    return path


@pytest.fixture
def growing(roast, zone):
    with every_tenant(), transaction() as session:
        for tenant in session.query(Tenant):
            tenant.plan = "growth"
    tenants.forget()
    return roast


def add(host: str = "shop.example.com", actor=BOSS) -> TenantDomain:
    return domains.add_domain(read(DomainDraft, {"host": host}), actor=actor)


def prove(zone: Path, host: str, target: str = "") -> None:
    proof = domains.proof_for(host)
    lines = [f'{proof.name} TXT "{proof.value}"', *([f"{host} CNAME {target}."] if target else [])]
    zone.write_text("\n".join(lines))


def test_it_needs_the_plan(roast, everything):
    before = everything()
    with pytest.raises(Forbidden):
        add()
    assert everything() == before


def test_added_proven_and_made_the_address(growing, zone):
    domain = add("Shop.Example.com.")
    assert (domain.host, domain.verified_at, domain.is_primary) == ("shop.example.com", None, False)
    assert tenants.find_by_host("shop.example.com") is None
    with pytest.raises(Conflict) as refusal:
        domains.make_primary(domain.id, actor=BOSS)
    assert refusal.value.code == "domain-not-verified"
    prove(zone, "shop.example.com")
    assert domains.check_domain(domain.id, actor=BOSS).points_here is False
    assert tenants.current().host == "roast.localhost"  # proven is not yet the address
    assert tenants.find_by_host("shop.example.com") is not None
    prove(zone, "shop.example.com", "roast.localhost")
    assert domains.check_domain(domain.id, actor=BOSS).points_here is True
    domains.make_primary(domain.id, actor=BOSS)
    assert tenants.current().host == "shop.example.com"
    domains.make_primary(None, actor=BOSS)
    assert tenants.current().host == "roast.localhost"
    actions = [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.number)]
    assert actions == ["domain.added", "domain.verified", "domain.primary", "domain.primary"]


def test_an_address_in_common_leads_here_too(growing, zone):
    domain = add()
    prove(zone, "shop.example.com")
    zone.write_text(zone.read_text() + "\nshop.example.com A 192.0.2.7\nroast.localhost A 192.0.2.7\n")
    assert domains.check_domain(domain.id, actor=BOSS).points_here is True


def test_without_the_right_record_or_an_answer_nothing_is_proven(growing, zone):
    domain = add()
    for records in (
        None,
        "nonsense",
        f"{domains.proof_for('shop.example.com').name} TXT vitrine-verify=wrong",
    ):
        if records is not None:
            zone.write_text(records)
        with pytest.raises(Conflict) as refusal:
            domains.check_domain(domain.id, actor=BOSS)
        assert refusal.value.code == "domain-not-verified"
        found = domains.get_domain(domain.id)
        assert (found.verified_at, found.points_here) == (None, False) and found.checked_at is not None


def test_the_proof_is_the_stores_own(growing, zone):
    mine = domains.proof_for("shop.example.com")
    with tenants.in_store(RIVAL):
        assert domains.proof_for("shop.example.com").value != mine.value


def test_the_real_resolver_fails_closed(monkeypatch, app):
    import dns.exception
    import dns.resolver

    def silent(*_args, **_kw):
        raise dns.exception.Timeout

    monkeypatch.setattr("gateways.dns._zone", None)
    monkeypatch.setattr(dns.resolver, "resolve", silent)
    from gateways import dns as gateway

    assert gateway.find_txt("_vitrine.shop.example.com") == []
    assert gateway.points_to("shop.example.com", "roast.localhost") is False


def test_nobody_is_asked_inside_a_transaction(app):
    with transaction(), pytest.raises(RuntimeError):
        dns.find_txt("_vitrine.shop.example.com")


@pytest.mark.parametrize(
    "host", ["localhost", "x.localhost", "rival.localhost", "no spaces.com", "a..b.com", "10.0.0.1"]
)
def test_reserved_and_strange_hosts_are_refused(growing, everything, host):
    before = everything()
    with pytest.raises(Invalid) as refusal:
        add(host)
    assert [error.field for error in refusal.value.errors] == ["host"]
    assert everything() == before


def test_another_stores_domain_is_refused_without_naming_it(growing, everything):
    add()
    before = everything()
    with tenants.in_store(RIVAL), pytest.raises(Conflict) as refusal:
        add(actor=RITA.actor)
    assert refusal.value.code == "domain-taken"
    assert "roast" not in refusal.value.message.lower()
    assert everything() == before


def test_twice_and_too_many(growing, everything):
    for number in range(domains.DOMAINS_MAX):
        add(f"shop{number}.example.com")
    before = everything()
    with pytest.raises(Invalid):
        add("shop0.example.com")
    with pytest.raises(Conflict) as refusal:
        add("one-more.example.com")
    assert refusal.value.code == "too-many-domains"
    assert everything() == before


def test_the_other_store_finds_nothing(growing, everything):
    domain = add()
    before = everything()
    with tenants.in_store(RIVAL):
        for act in (
            lambda: domains.get_domain(domain.id),
            lambda: domains.check_domain(domain.id, actor=RITA.actor),
            lambda: domains.make_primary(domain.id, actor=RITA.actor),
            lambda: domains.remove_domain(domain.id, actor=RITA.actor),
            lambda: domains.get_domain(uuid7()),
        ):
            with pytest.raises(NotFound):
                act()
        assert domains.list_domains() == []
    assert everything() == before


def test_given_up_it_is_free(growing, zone):
    domain = add()
    prove(zone, "shop.example.com")
    domains.check_domain(domain.id, actor=BOSS)
    domains.make_primary(domain.id, actor=BOSS)
    domains.remove_domain(domain.id, actor=BOSS)
    assert tenants.find_by_host("shop.example.com") is None
    assert tenants.current().host == "roast.localhost"
    with tenants.in_store(RIVAL):
        assert add(actor=RITA.actor).host == "shop.example.com"


def test_the_clock_looks_again(growing, zone):
    domain = add()
    prove(zone, "shop.example.com", "roast.localhost")
    assert domains.look_again() == 1
    assert domains.get_domain(domain.id).verified_at is not None
    assert domains.look_again() == 0  # just looked at
    with clock.at(clock.now() + timedelta(days=1, hours=1)):
        zone.write_text("")
        assert domains.look_again() == 1
        found = domains.get_domain(domain.id)
        assert found.verified_at is not None and found.points_here is False


def test_silent_name_servers_do_not_hold_up_the_clock(growing, zone, monkeypatch):
    hosts = [add(f"shop{n}.example.com").host for n in range(3)]
    monkeypatch.setattr(domains, "LOOKS_FOR", 0.05)
    asked = []
    monkeypatch.setattr(dns, "find_txt", lambda name: (asked.append(name), time.sleep(0.06))[:0])
    assert [domains.look_again() for _ in range(4)] == [1, 1, 1, 0]
    assert sorted(asked) == [f"_vitrine.{host}" for host in hosts]


def test_what_is_claimed_and_never_proven_is_let_go(growing, zone):
    add()
    with clock.at(clock.now() + timedelta(days=13)):
        assert domains.look_again() == 1 and len(domains.list_domains()) == 1
    with clock.at(clock.now() + timedelta(days=15)):
        assert domains.look_again() == 1
    assert domains.list_domains() == []
    assert db.session.query(AuditEntry).order_by(AuditEntry.number.desc()).first().actor_kind == "system"
