"""The audit log's page: filters in the address, before and after, the check, the CSV."""

import pytest

from kit.actor import Actor, Role
from kit.db import transaction
from services import audit
from tests import make
from tests.cast import ALICE, MIA, RITA
from tests.services.test_audit import by_force, write


@pytest.fixture
def alice(browser, roast):
    return browser.as_(ALICE)


def record(action: str, resource, *, actor=MIA.actor, **changes) -> None:
    with transaction():
        audit.record(action, resource, actor=actor, changes=changes)


def test_before_and_after_with_a_link_to_the_thing(alice):
    mug = make.product("Mug")
    record("update", mug, name=["Mug", "<b>Cup</b>"], is_active=[True, False], password=["a", "b"])
    html = alice.get("/admin/audit").text
    assert "<del>Mug</del>" in html and "<ins>&lt;b&gt;Cup&lt;/b&gt;</ins>" in html
    assert "<del>Yes</del>" in html and "<ins>No</ins>" in html
    assert f'href="/admin/products/{mug.id}"' in html
    assert MIA.email in html and "•••" in html


def test_filters_stand_in_the_address(alice):
    record("update", ("page", "p-1"), title=["One", "Two"])
    record("delete", ("tag", "t-1"), actor=ALICE.actor, name=["Red", None])
    for query, there in (
        (f"who={MIA.id}", "Two"), ("what=delete", "Red"), ("kind=tag", "Red"), ("thing=p-1", "Two"),
        ("since=2020-01-01&kind=page", "Two"),
    ):  # fmt: skip
        html = alice.get(f"/admin/audit?{query}").text
        other = "Red" if there == "Two" else "Two"
        assert f">{there}<" in html and f">{other}<" not in html, query
        assert "Remove filter" in html
    assert "No entries match" in alice.get("/admin/audit?until=2020-01-01").text


def test_the_platform_and_the_machine_are_marked(alice):
    record(
        "update",
        ("tenant", "1"),
        actor=Actor("platform", id=ALICE.id, role=Role.SYSADMIN, email="pat@platform.test"),
    )
    record("update", ("order", "1"), actor=Actor("system", name="Vitrine"))
    html = alice.get("/admin/audit").text
    assert "Platform team" in html and "By itself" in html


def test_the_check_says_whether_it_is_intact(alice):
    write(2)
    assert "The log is intact" in alice.get("/admin/audit?check=1").text
    by_force("UPDATE audit_entries SET action = 'nothing' WHERE number = 2")
    assert "The log was tampered with, from entry 2 on." in alice.get("/admin/audit?check=1").text


def test_the_csv_has_what_is_filtered_and_is_an_entry_itself(alice):
    record("update", ("page", "p-1"), title=["One", "=2"])
    record("delete", ("tag", "t-1"))
    answer = alice.get("/admin/audit/export?kind=page")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbfnumber,")
    assert "p-1" in answer.text and "t-1" not in answer.text
    assert "Taken as a file" in alice.get("/admin/audit?what=export").text


def test_the_other_store_reads_its_own(alice, browser):
    record("update", ("page", "p-1"), title=["One", "Two"])
    rita = browser.as_(RITA)
    assert ">Two<" not in rita.get("/admin/audit").text
    assert "p-1" not in rita.get("/admin/audit/export").text
