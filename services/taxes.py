"""Tax rules: which rates hold for a class of goods at a place on a day, and what they come to.

Across a border: inside the EU the rates of the country that it goes to, where the store has rules for it, else the
store's own (it is below the threshold there, and a silent 0 would be wrong). A business elsewhere in the EU whose
number is proven pays none (reverse charge), nor does what leaves the EU; where prices include tax, the home rate is
taken out. Another country's own rules always hold: the store says that it is registered there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import select

from kit import clock
from kit.actor import Actor
from kit.cache import Cache
from kit.db import copy_of, db, is_writing, transaction
from kit.drafts import Amount, Country, Day, Draft, Flag, Int, Rate, Text, wrong
from kit.errors import NotFound
from kit.i18n import _
from kit.paging import Page, paginate
from models.catalog import TaxClass
from models.taxes import CrossBorder, TaxRule, TaxTreatment
from services import audit, tenants, vat_numbers
from services.places import PATTERNS_MAX, NoneIsEmpty, Pattern, Place, find_match, same_region
from services.tax_presets import EU_RATES
from services.tax_split import TaxRate, effective_rate, split_tax
from services.vat_numbers import VatProof

UNTAXED = frozenset({TaxClass.ZERO, TaxClass.EXEMPT})


class TaxRuleDraft(Draft):
    """`region` and `postal_codes` narrow the country; `valid_from` and `valid_to` are both included."""

    name: Annotated[str, Text(100, min=1)]
    country: Country
    region: Annotated[str, Text(100)] = ""
    postal_codes: Annotated[list[Pattern], Field(max_length=PATTERNS_MAX), NoneIsEmpty] = []
    tax_class: TaxClass = TaxClass.STANDARD
    rate: Rate
    priority: Annotated[Int, Field(ge=1, le=99)] = 1
    is_compound: Flag = False
    applies_to_shipping: Flag = True
    is_active: Flag = True
    valid_from: Day | None = None
    valid_to: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise wrong("valid_to", "before_start", _("Must not be before “valid from”."))
        return self

    @classmethod
    def of(cls, rule: TaxRule) -> dict[str, Any]:
        current = {name: getattr(rule, name) for name in cls.model_fields}
        return current | {"rate": f"{rule.rate // 100}.{rule.rate % 100:02d}"}


@transaction()
def create_rule(draft: TaxRuleDraft, *, actor: Actor) -> TaxRule:
    rule = TaxRule(**draft.model_dump())
    db.session.add(rule)
    db.session.flush()
    audit.record("create", rule, actor=actor, changes={"name": [None, rule.name], "rate": [None, rule.rate]})
    tenants.touch_catalog()
    return rule


@transaction()
def update_rule(rule_id: UUID, draft: TaxRuleDraft, *, actor: Actor) -> TaxRule:
    """Orders that were placed keep the tax they were placed with."""
    rule = get_rule(rule_id)
    wanted = draft.model_dump()
    before = {name: getattr(rule, name) for name in wanted}
    for name, value in wanted.items():
        setattr(rule, name, value)
    audit.record("update", rule, actor=actor, changes=audit.difference(before, wanted))
    tenants.touch_catalog()
    return rule


@transaction()
def delete_rule(rule_id: UUID, *, actor: Actor) -> None:
    rule = get_rule(rule_id)
    db.session.delete(rule)
    audit.record("delete", rule, actor=actor, changes={"name": [rule.name, None]})
    tenants.touch_catalog()


def get_rule(rule_id: UUID) -> TaxRule:
    rule = db.session.get(TaxRule, rule_id)
    if rule is None:
        raise NotFound(_("There is no such tax rule."))
    return rule


def list_rules(page: int = 1, page_size: int = 100) -> Page[TaxRule]:
    query = select(TaxRule).order_by(TaxRule.country, TaxRule.tax_class, TaxRule.priority, TaxRule.id)
    return paginate(query, page, page_size)


# --- which rates hold -------------------------------------------------------------------------------------------


UNTAXED_SALES = frozenset({TaxTreatment.REVERSE_CHARGE, TaxTreatment.EXPORT})


@dataclass(frozen=True)
class TaxTable:
    """The rules of one place on one day, read once and asked often. `home`: the rules that entered prices were made
    with."""

    place: Place
    rules: tuple[TaxRule, ...]
    treatment: TaxTreatment = TaxTreatment.HOME
    home: tuple[TaxRule, ...] = ()
    proof: VatProof | None = None

    def rules_for(self, tax_class: TaxClass | str, *, shipping: bool = False) -> list[TaxRule]:
        """Of one priority the most specific place wins; different priorities add up."""
        return [] if self.treatment in UNTAXED_SALES else _best(self.rules, tax_class, shipping=shipping)

    def rates(self, tax_class: TaxClass | str, *, shipping: bool = False) -> tuple[TaxRate, ...]:
        return tuple(_as_rate(rule) for rule in self.rules_for(tax_class, shipping=shipping))

    def price(self, amount: int, tax_class: TaxClass | str, *, shipping: bool = False) -> int:
        """What an entered price is for who buys from here. Without tax in it, it is the same everywhere."""
        store = tenants.current()
        if not store.prices_include_tax or self.treatment is TaxTreatment.HOME:
            return amount
        if self.treatment is TaxTreatment.DESTINATION and store.cross_border is CrossBorder.FIXED_GROSS:
            return amount
        at_home = [_as_rate(rule) for rule in _best(self.home, tax_class, shipping=shipping)]
        net, _taxes = split_tax(amount, at_home, included=True)
        _net, added = split_tax(net, self.rates(tax_class, shipping=shipping), included=False)
        return net + sum(part.amount for part in added)


def _best(rules: Iterable[TaxRule], tax_class: TaxClass | str, *, shipping: bool) -> list[TaxRule]:
    if TaxClass(tax_class) in UNTAXED:
        return []
    best: dict[int, TaxRule] = {}
    for rule in rules:
        if rule.tax_class == tax_class and (rule.applies_to_shipping or not shipping):
            rival = best.get(rule.priority)
            if rival is None or _specificity(rule) > _specificity(rival):
                best[rule.priority] = rule
    return [best[priority] for priority in sorted(best)]


def _as_rate(rule: TaxRule) -> TaxRate:
    return TaxRate(rule.name, rule.rate, rule.is_compound, str(rule.id))


def _specificity(rule: TaxRule) -> tuple[bool, bool, date, UUID]:
    """Postcodes before a region before a whole country; then the one that came into force last."""
    return bool(rule.postal_codes), bool(rule.region), rule.valid_from or date.min, rule.id


def table_for(place: Place | None = None, vat_number: str = "") -> TaxTable:
    """The rules that hold at this place today; without one, at home. No query as a rule: rules are kept with the
    store's catalogue version, which every change of a rule moves. `vat_number`: a business's; it counts where its proof
    is at hand (see vat_numbers.prove)."""
    store = tenants.current()
    place = place if place is not None and place.country else Place(store.country)
    rules = _rules_at(place)
    if place.country == store.country:
        return TaxTable(place, rules, TaxTreatment.HOME, rules)
    home = _rules_at(Place(store.country))
    if {place.country, store.country} <= EU_RATES.keys():
        if vat_number and (proof := vat_numbers.find_proof(vat_number, place.country)):
            return TaxTable(place, (), TaxTreatment.REVERSE_CHARGE, home, proof)
        if not rules:
            return TaxTable(place, home, TaxTreatment.HOME, home)
    return TaxTable(place, rules, TaxTreatment.DESTINATION if rules else TaxTreatment.EXPORT, home)


def _rules_at(place: Place) -> tuple[TaxRule, ...]:
    store = tenants.current()
    key = (store.id, store.catalog_version, place.country)
    if is_writing():  # what this transaction has changed itself may yet be undone: nothing of it is kept
        rules = _kept.find(key) or _rules_of(place.country)
    else:
        rules = _kept.remember(key, lambda: [copy_of(rule) for rule in _rules_of(place.country)])
    return tuple(_that_hold(rules, place, clock.today(store.timezone)))


_kept = Cache(2_000)


def _rules_of(country: str) -> list[TaxRule]:
    return list(db.session.scalars(select(TaxRule).where(TaxRule.country == country, TaxRule.is_active)))


def _that_hold(rules: Iterable[TaxRule], place: Place, today: date) -> Iterable[TaxRule]:
    for rule in rules:
        if rule.region and not same_region(rule.region, place.region):
            continue
        if rule.postal_codes and find_match(rule.postal_codes, place.postal_code) is None:
            continue
        if (rule.valid_from or today) <= today <= (rule.valid_to or today):
            yield rule


# --- what it comes to, for display --------------------------------------------------------------------------------


class TaxQuestion(Draft):
    tax_class: TaxClass = TaxClass.STANDARD
    country: Country
    amount: Amount
    region: Annotated[str, Text(100)] = ""
    postal_code: Annotated[str, Text(20)] = ""
    prices_include_tax: Flag | None = None


@dataclass(frozen=True, slots=True)
class TaxAnswer:
    net: int
    tax: int
    gross: int
    rate: int
    by_rule: tuple[tuple[TaxRule, int], ...]

    @property
    def rules(self) -> list[TaxRule]:
        return [rule for rule, _amount in self.by_rule]


def calculate(question: TaxQuestion) -> TaxAnswer:
    """The tax in (or on) an amount. For display; checkout asks again."""
    included = question.prices_include_tax
    if included is None:
        included = tenants.current().prices_include_tax
    table = table_for(Place(question.country, question.region, question.postal_code))
    rules = sorted(table.rules_for(question.tax_class), key=lambda rule: rule.is_compound)
    rates = [_as_rate(rule) for rule in rules]
    net, taxes = split_tax(question.amount, rates, included=included)
    tax = sum(part.amount for part in taxes)
    by_rule = tuple((rule, part.amount) for rule, part in zip(rules, taxes, strict=True))
    return TaxAnswer(net, tax, net + tax, effective_rate(rates), by_rule)


def untaxed_countries(countries: Iterable[str]) -> list[str]:
    """Of these countries those without a rule for the standard class: a warning for staff, never a silent 0."""
    asked = {country for country in countries if country != "*"}
    covered = set(
        db.session.scalars(
            select(TaxRule.country)
            .where(TaxRule.country.in_(asked), TaxRule.is_active, TaxRule.tax_class == TaxClass.STANDARD)
            .distinct()
        )
    )
    return sorted(asked - covered)
