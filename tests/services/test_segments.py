"""Groups made of rules: who is in them, and what is no rule."""

from datetime import timedelta

import pytest

from kit import clock
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict, Invalid, NotFound
from models.accounts import User
from services import addresses, carts, customers, segments, tenants
from services.addresses import AddressDraft
from services.carts import ItemDraft
from services.customers import PreferencesDraft
from services.segments import KINDS, SegmentDraft
from tests import make
from tests.cast import ALICE, CARL, CARLA, MIA, RIVAL, RUDI
from tests.queries import count_queries
from tests.services.test_addresses import HOME
from tests.services.test_customers import bought


def group(*rules: tuple[str, str], name: str = "A group", every: bool = True) -> SegmentDraft:
    return read(SegmentDraft, {"name": name, "matches_all": every,
                               "rules": [{"rule": rule, "value": value} for rule, value in rules]})  # fmt: skip


def members(draft: SegmentDraft) -> set[str]:
    saved = segments.create_segment(draft, actor=MIA.actor)
    found = customers.list_customers(saved=saved, page_size=100)
    assert segments.count_matching(draft) == found.total == len(found.items)
    segments.delete_segment(saved.id, actor=MIA.actor)
    return {one.user.email.partition("@")[0] for one in found.items}


@pytest.fixture
def lives(roast):
    """Carla buys a lot and lives in Portugal; Carl has an account, a full cart and a newsletter."""
    bought(CARLA, days_ago=200, total=5000)
    bought(CARLA, days_ago=3, total=10_000)
    addresses.create_address(read(AddressDraft, HOME), actor=CARLA.actor)
    carts.add_item(ItemDraft(product_id=make.product().id), actor=CARL.actor, token=None)
    customers.update_preferences(
        read(PreferencesDraft, {"newsletter": True, "marketing": True}), actor=CARL.actor
    )
    with transaction():
        carla, carl = db.session.get(User, CARLA.id), db.session.get(User, CARL.id)
        carla.locale, carla.created_at = "pt", clock.now() - timedelta(days=400)
        carl.email_verified_at = clock.now()


@pytest.mark.parametrize(
    ("rule", "value", "who"),
    [
        ("orders_at_least", "2", {"carla"}), ("orders_at_most", "1", {"carl"}),
        ("spent_at_least", "150", {"carla"}), ("spent_at_least", "150.01", set()), ("spent_at_most", "0,00", {"carl"}),
        ("ordered_within", "7", {"carla"}), ("ordered_within", "2", set()), ("not_ordered_for", "2", {"carla"}),
        ("since_within", "30", {"carl"}), ("since_before", "30", {"carla"}),
        ("country", "pt", {"carla"}), ("country", "DE", set()), ("not_country", "PT", {"carl"}),
        ("language", "pt", {"carla"}), ("segment", "new", {"carl"}),
        ("marketing", "", {"carl"}), ("no_marketing", "", {"carla"}), ("newsletter", "", {"carl"}),
        ("cart", "", {"carl"}), ("confirmed", "", {"carl"}),
    ],
)  # fmt: skip
def test_each_rule_finds_its_customers(lives, rule, value, who):
    assert members(group((rule, value))) == who


def test_every_rule_is_tried_above():
    tried = {
        mark.args[1][n][0]
        for mark in test_each_rule_finds_its_customers.pytestmark
        for n in range(len(mark.args[1]))
    }
    assert tried == set(KINDS)


def test_all_rules_or_one_of_them(lives):
    rules = (("orders_at_least", "2"), ("newsletter", ""))
    assert members(group(*rules)) == set()
    assert members(group(*rules, every=False)) == {"carla", "carl"}


@pytest.mark.parametrize(
    ("rule", "value"),
    [("orders_at_least", ""), ("orders_at_least", "-1"), ("orders_at_least", "many"), ("orders_at_least", "²"),
     ("orders_at_least", "9" * 30), ("ordered_within", "3651"), ("spent_at_least", "1.001"), ("spent_at_least", "x"),
     ("spent_at_least", "-1"), ("spent_at_least", "1e999999"), ("spent_at_least", "nan"), ("country", "XX"),
     ("language", "klingon"), ("segment", "rich"), ("drop table", "")],
)  # fmt: skip
def test_what_is_no_rule_is_named(roast, everything, rule, value):
    before = everything()
    with pytest.raises(Invalid) as refusal:
        group(("marketing", ""), (rule, value))
    assert refusal.value.errors[0].field.startswith("rules.1")
    assert everything() == before


def test_a_group_needs_a_rule_and_a_name_of_its_own(roast, everything):
    segments.create_segment(group(("marketing", "")), actor=MIA.actor)
    before = everything()
    with pytest.raises(Invalid):
        group()
    with pytest.raises(Conflict) as refusal:
        segments.create_segment(group(("marketing", ""), name="A GROUP"), actor=MIA.actor)
    assert refusal.value.code == "name-taken"
    assert everything() == before


def test_it_is_changed_by_one_at_a_time(roast, everything):
    made = segments.create_segment(group(("spent_at_least", "10")), actor=MIA.actor)
    assert SegmentDraft.of(made)["rules"] == [{"rule": "spent_at_least", "value": "10.00"}]
    segments.update_segment(made.id, group(("cart", ""), name="Other"), actor=MIA.actor, version=1)
    before = everything()
    with pytest.raises(Conflict) as refusal:
        segments.update_segment(made.id, group(("cart", "")), actor=ALICE.actor, version=1)
    assert refusal.value.code == "stale-version"
    with tenants.in_store(RIVAL):
        for act in (lambda: segments.get_segment(made.id),
                    lambda: segments.update_segment(made.id, group(("cart", "")), actor=ALICE.actor),
                    lambda: segments.delete_segment(made.id, actor=ALICE.actor)):  # fmt: skip
            with pytest.raises(NotFound):
                act()
    assert everything() == before


def test_all_groups_are_counted_by_one_look(lives):
    rules = (("orders_at_least", "2"), ("newsletter", ""), ("country", "PT"), ("segment", "vip"))
    made = [
        segments.create_segment(group(rule, name=f"Group {n}"), actor=MIA.actor)
        for n, rule in enumerate(rules)
    ]
    expected = {one.id: segments.count_matching(read(SegmentDraft, SegmentDraft.of(one))) for one in made}
    groups = segments.list_segments()
    with count_queries() as queries:
        assert segments.sizes_of(groups) == expected
    assert len(queries) == 1, queries
    assert segments.sizes_of([]) == {}


def test_the_other_stores_addresses_and_carts_do_not_count(lives):
    with tenants.in_store(RIVAL):
        assert RUDI.email.partition("@")[0] not in members(
            group(("country", "PT"), ("cart", ""), every=False)
        )
