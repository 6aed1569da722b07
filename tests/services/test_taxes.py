"""Which tax holds where, and when."""

from datetime import date

import pytest

from kit import drafts
from kit.errors import Invalid, NotFound
from services import tax_presets, taxes, tenants
from services.places import Place
from tests import cast


def rule(**fields):
    fields = {"name": "IVA", "country": "PT", "rate": "23.00", **fields}
    return taxes.create_rule(drafts.read(taxes.TaxRuleDraft, fields), actor=cast.ALICE.actor)


def rates(place=None, tax_class="standard", **options):
    return [(rate.name, rate.rate) for rate in taxes.table_for(place).rates(tax_class, **options)]


def test_without_a_place_it_is_the_tax_at_home(roast):
    rule()
    rule(country="ES", rate="21.00")
    assert rates() == [("IVA", 2300)]
    assert rates(Place("ES")) == [("IVA", 2100)]
    assert rates(Place("FR")) == [
        ("IVA", 2300)
    ]  # a member state without rules here: the store's own, never a silent 0
    assert rates(Place("US")) == []


def test_the_most_specific_place_of_one_priority_wins(roast):
    rule(name="country")
    rule(name="region", region="Açores", rate="16.00")
    rule(name="postcode", postal_codes=["9500-000...9999-999"], rate="15.00")
    assert rates(Place("PT", "Lisboa", "1050-100")) == [("country", 2300)]
    assert rates(Place("PT", "acores", "1050-100")) == [("region", 1600)]
    assert rates(Place("PT", "Açores", "9500-321")) == [("postcode", 1500)]


def test_different_priorities_add_up_and_compound_ones_apply_on_top(roast):
    rule(name="state", rate="5.00")
    rule(name="city", rate="2.00", priority=2)
    rule(name="luxury", rate="10.00", priority=3, is_compound=True)
    answer = taxes.calculate(drafts.read(taxes.TaxQuestion, {
        "country": "PT", "amount": "100.00", "prices_include_tax": False}))  # fmt: skip
    assert (answer.net, answer.tax, answer.gross, answer.rate) == (10_000, 1770, 11_770, 1770)
    assert [r.name for r in answer.rules] == ["state", "city", "luxury"]


def test_the_stores_setting_says_whether_an_amount_includes_tax(roast):
    rule()
    answer = taxes.calculate(drafts.read(taxes.TaxQuestion, {"country": "PT", "amount": "123.00"}))
    assert (answer.net, answer.tax, answer.gross) == (10_000, 2300, 12_300)


@pytest.mark.parametrize(("fields", "holds"), [
    ({"valid_to": "2026-06-30"}, True),
    ({"valid_to": "2026-06-29"}, False),
    ({"valid_from": "2026-06-30"}, True),
    ({"valid_from": "2026-07-01"}, False),
    ({"is_active": False}, False),
])  # fmt: skip
def test_a_rule_holds_from_its_first_to_its_last_day(roast, monkeypatch, fields, holds):
    rule(**fields)
    monkeypatch.setattr("services.taxes.clock.today", lambda zone: date(2026, 6, 30))
    assert bool(rates()) is holds


def test_of_two_like_rules_the_one_that_came_into_force_last_holds(roast):
    rule(name="new", rate="24.00", valid_from="2025-01-01")
    rule(name="old")
    assert rates() == [("new", 2400)]


def test_zero_and_exempt_goods_are_never_taxed(roast):
    rule(tax_class="zero", rate="5.00")
    assert rates(tax_class="zero") == rates(tax_class="exempt") == []


def test_a_rule_may_leave_shipping_out(roast):
    rule(applies_to_shipping=False)
    assert rates() == [("IVA", 2300)]
    assert rates(shipping=True) == []


def test_a_new_store_in_portugal_knows_the_islands(roast):
    tax_presets.install_defaults("PT")
    assert rates(Place("PT", postal_code="1050-100"))[0][1] == 2300
    assert rates(Place("PT", postal_code="9000-017"))[0][1] == 2200
    assert rates(Place("PT", postal_code="9500-321"))[0][1] == 1600
    assert rates(Place("PT", postal_code="9500-321"), "reduced")[0][1] == 400
    assert rates(Place("PT"), "intermediate")[0][1] == 1300


def test_a_country_of_unknown_rates_gets_none_and_is_named(roast):
    assert tax_presets.install_defaults("US") == []
    tax_presets.install_defaults("DE")
    assert taxes.untaxed_countries(["US", "DE", "*"]) == ["US"]


def test_an_update_keeps_what_is_not_sent_and_an_order_of_dates(roast):
    made = rule(valid_from="2026-01-01", rate="13.50")
    merged = {**taxes.TaxRuleDraft.of(made), "name": "VAT"}
    changed = taxes.update_rule(made.id, drafts.read(taxes.TaxRuleDraft, merged), actor=cast.ALICE.actor)
    assert (changed.name, changed.rate, changed.valid_from) == ("VAT", 1350, date(2026, 1, 1))
    with pytest.raises(Invalid) as refusal:
        drafts.read(taxes.TaxRuleDraft, {**merged, "valid_to": "2025-12-31"})
    assert refusal.value.errors[0].field == "valid_to"


@pytest.mark.parametrize("pattern", ["", "1*0", "2000...1000", "10...1000", "…", "1000...x!"])
def test_a_postcode_pattern_that_means_nothing_is_refused(roast, pattern):
    with pytest.raises(Invalid):
        rule(postal_codes=[pattern])


def test_another_stores_rule_is_not_there(app, everything):
    with tenants.in_store(cast.ROAST):
        made = rule()
    before = everything()
    with tenants.in_store(cast.RIVAL):
        assert rates() == []
        with pytest.raises(NotFound):
            taxes.delete_rule(made.id, actor=cast.RITA.actor)
    assert everything() == before
