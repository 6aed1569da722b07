"""Where it is sent, how, and for how much."""

import pytest

from kit import drafts
from kit.errors import Invalid, NotFound
from services import shipping, tenants
from services.places import Place
from services.shipping.quotes import ShippingQuestion
from tests import cast

ALICE = cast.ALICE.actor


def zone(name, countries, postal_codes=(), **fields):
    draft = drafts.read(shipping.ZoneDraft, {"name": name, "countries": list(countries),
                                             "postal_codes": list(postal_codes), **fields})  # fmt: skip
    return shipping.create_zone(draft, actor=ALICE)


def method(of, **fields):
    draft = drafts.read(shipping.MethodDraft, {"name": "CTT", "type": "flat_rate", **fields})
    return shipping.create_method(of.id, draft, actor=ALICE)


def price(of, weight=0, amount=0):
    return shipping.price_of(of, shipping.Parcel(weight, amount))


def names():
    return [z.name for z in shipping.list_zones()]


def won(country, postal_code=""):
    match = shipping.find_zone(shipping.list_zones(), Place(country, postal_code=postal_code))
    return match and match.zone.name


def test_a_new_zone_is_placed_by_how_specific_it_is(roast):
    zone("world", ["*"])
    zone("Portugal", ["PT"])
    zone("Azores", ["PT"], ["95*"])
    zone("Spain", ["ES"])
    assert names() == ["Azores", "Portugal", "Spain", "world"]


def test_the_first_match_in_the_stores_order_wins(roast):
    zone("world", ["*"])
    zone("Portugal", ["PT"])
    zone("Lisbon", ["PT"], ["1000-000...1999-999"])
    assert won("PT", "1050-100") == "Lisbon"
    assert won("PT", "4000-123") == "Portugal"
    assert won("PT") == "Portugal"
    assert won("US", "1050") == "world"
    shipping.update_zone(
        shipping.list_zones()[1].id, drafts.read(shipping.ZoneDraft, {
            **shipping.ZoneDraft.of(shipping.list_zones()[1]), "position": 0}), actor=ALICE,
    )  # fmt: skip
    assert names() == ["Portugal", "Lisbon", "world"]
    assert won("PT", "1050-100") == "Portugal"


def test_an_inactive_zone_is_passed_over_and_without_any_nothing_is_sent(roast):
    zone("Portugal", ["PT"], is_active=False)
    assert won("PT") is None
    quote = shipping.options_for(Place("PT"), shipping.Parcel(0, 0))
    assert (quote.zone, quote.items) == (None, ())


@pytest.mark.parametrize(("pattern", "code", "fits"), [
    ("10*", "1050-100", True),
    ("10*", "1100-100", False),
    ("SW1*", "sw1a 1aa", True),
    ("1000-000...1999-999", "1000-000", True),
    ("1000-000...1999-999", "1999-999", True),
    ("1000-000...1999-999", "2000-000", False),
    ("1000-000...1999-999", "1050", True),
    ("1000...1999", "1050-100", True),
    ("1050-100", "1050100", True),
    ("1050-100", "1050-101", False),
])  # fmt: skip
def test_postcode_patterns(roast, pattern, code, fits):
    zone("here", ["PT"], [pattern])
    assert won("PT", code) == ("here" if fits else None)


def test_free_above_is_reached_at_equality(roast):
    flat = method(zone("PT", ["PT"]), price="4.90", free_above="50.00")
    assert [price(flat, amount=n) for n in (4999, 5000, 5001)] == [490, 0, 0]


def test_weight_steps_are_inclusive_and_end_with_the_last(roast):
    by_weight = method(zone("PT", ["PT"]), type="weight_based",
                       rates=[{"up_to": "1", "price": "3.00"}, {"up_to": "5.5", "price": "6.00"}])  # fmt: skip
    assert [price(by_weight, weight=g) for g in (0, 1000, 1001, 5500, 5501)] == [300, 300, 600, 600, None]


def test_price_steps_look_at_the_amount(roast):
    by_price = method(zone("PT", ["PT"]), type="price_based",
                      rates=[{"up_to": "20.00", "price": "5.00"}, {"up_to": "99.99", "price": "2.50"}])  # fmt: skip
    assert [price(by_price, amount=n) for n in (2000, 2001, 9999, 10_000)] == [500, 250, 250, None]


def test_limits_are_inclusive(roast):
    limited = method(
        zone("PT", ["PT"]), price="4.00", min_weight="1", max_weight="2", min_total="10", max_total="20"
    )
    assert price(limited, 1000, 1000) == price(limited, 2000, 2000) == 400
    for parcel in ((999, 1000), (2001, 1000), (1000, 999), (1000, 2001)):
        assert price(limited, *parcel) is None


def test_free_and_pickup(roast):
    here = zone("PT", ["PT"])
    assert price(method(here, type="free", price="9.00")) == 0
    assert price(method(here, type="pickup")) == 0


@pytest.mark.parametrize("fields", [
    {"type": "weight_based"},
    {"type": "weight_based", "rates": [{"up_to": "2", "price": "1"}, {"up_to": "1", "price": "2"}]},
    {"type": "weight_based", "rates": [{"up_to": "0.0001", "price": "1"}]},
    {"type": "price_based", "rates": [{"up_to": "1.001", "price": "1"}]},
    {"type": "price_based", "rates": [{"up_to": "-1", "price": "1"}]},
    {"min_weight": "2", "max_weight": "1"},
    {"price": "-1"},
    {"type": "teleport"},
    {"colour": "red"},
])  # fmt: skip
def test_a_method_that_makes_no_sense_is_refused(roast, everything, fields):
    here = zone("PT", ["PT"])
    before = everything()
    with pytest.raises(Invalid):
        method(here, **fields)
    assert everything() == before


def test_an_update_keeps_the_steps_that_are_not_sent(roast):
    made = method(zone("PT", ["PT"]), type="weight_based", rates=[{"up_to": "2.500", "price": "3.10"}])
    merged = {**shipping.MethodDraft.of(made), "name": "DPD"}
    changed = shipping.update_method(made.id, drafts.read(shipping.MethodDraft, merged), actor=ALICE)
    assert (changed.name, changed.rates) == ("DPD", [{"up_to": 2500, "price": 310}])


def test_the_tester_says_why(roast):
    zone("world", ["*"])
    zone("Lisbon", ["PT"], ["10*"])

    def ask(**question):
        return shipping.tester(drafts.read(ShippingQuestion, question))

    assert "10*" in ask(country="PT", postal_code="1050").reason
    assert "rest of the world" in ask(country="US").reason


def test_a_new_store_sends_to_its_own_country(roast):
    made = shipping.install_defaults("PT")
    assert (made.name, won("PT"), won("ES")) == ("Portugal", "Portugal", None)


def test_another_stores_zones_are_not_there(app, everything):
    with tenants.in_store(cast.ROAST):
        made = zone("PT", ["PT"])
        ours = method(made)
    before = everything()
    with tenants.in_store(cast.RIVAL):
        assert shipping.list_zones() == []
        for attempt in (
            lambda: shipping.delete_zone(made.id, actor=cast.RITA.actor),
            lambda: shipping.delete_method(ours.id, actor=cast.RITA.actor),
            lambda: method(made),
        ):
            with pytest.raises(NotFound):
                attempt()
    assert everything() == before


def test_by_the_number_of_things(roast):
    by_item = method(zone("Portugal", ["PT"]), type="per_item", price="1.50")
    assert [shipping.price_of(by_item, shipping.Parcel(0, 0, count)) for count in (1, 2, 7)] == [
        150,
        300,
        1050,
    ]
