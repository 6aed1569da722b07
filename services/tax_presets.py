"""What a new store starts with: the VAT rates of its country, in hundredths of a percent.

A starting point that the store checks and may change; rates move by law, rules carry a validity for that.
"""

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from kit.actor import Actor
from kit.db import db, transaction
from models.catalog import TaxClass
from models.taxes import TaxRule
from services import audit, tenants

STANDARD, INTERMEDIATE, REDUCED, SUPER = (
    TaxClass.STANDARD, TaxClass.INTERMEDIATE, TaxClass.REDUCED, TaxClass.SUPER_REDUCED)  # fmt: skip

# standard, and where the country has them: intermediate, reduced, super-reduced
EU_RATES: dict[str, dict[TaxClass, int]] = {
    "AT": {STANDARD: 2000, INTERMEDIATE: 1300, REDUCED: 1000},
    "BE": {STANDARD: 2100, INTERMEDIATE: 1200, REDUCED: 600},
    "BG": {STANDARD: 2000, REDUCED: 900},
    "CY": {STANDARD: 1900, INTERMEDIATE: 900, REDUCED: 500},
    "CZ": {STANDARD: 2100, REDUCED: 1200},
    "DE": {STANDARD: 1900, REDUCED: 700},
    "DK": {STANDARD: 2500},
    "EE": {STANDARD: 2400, REDUCED: 900},
    "ES": {STANDARD: 2100, REDUCED: 1000, SUPER: 400},
    "FI": {STANDARD: 2550, INTERMEDIATE: 1400, REDUCED: 1000},
    "FR": {STANDARD: 2000, INTERMEDIATE: 1000, REDUCED: 550, SUPER: 210},
    "GR": {STANDARD: 2400, INTERMEDIATE: 1300, REDUCED: 600},
    "HR": {STANDARD: 2500, INTERMEDIATE: 1300, REDUCED: 500},
    "HU": {STANDARD: 2700, INTERMEDIATE: 1800, REDUCED: 500},
    "IE": {STANDARD: 2300, INTERMEDIATE: 1350, REDUCED: 900, SUPER: 480},
    "IT": {STANDARD: 2200, INTERMEDIATE: 1000, REDUCED: 500, SUPER: 400},
    "LT": {STANDARD: 2100, INTERMEDIATE: 900, REDUCED: 500},
    "LU": {STANDARD: 1700, INTERMEDIATE: 1400, REDUCED: 800, SUPER: 300},
    "LV": {STANDARD: 2100, INTERMEDIATE: 1200, REDUCED: 500},
    "MT": {STANDARD: 1800, INTERMEDIATE: 700, REDUCED: 500},
    "NL": {STANDARD: 2100, REDUCED: 900},
    "PL": {STANDARD: 2300, INTERMEDIATE: 800, REDUCED: 500},
    "PT": {STANDARD: 2300, INTERMEDIATE: 1300, REDUCED: 600},
    "RO": {STANDARD: 2100, REDUCED: 1100},
    "SE": {STANDARD: 2500, INTERMEDIATE: 1200, REDUCED: 600},
    "SI": {STANDARD: 2200, REDUCED: 950, SUPER: 500},
    "SK": {STANDARD: 2300, INTERMEDIATE: 1900, REDUCED: 500},
}
# Parts of a country with rates of their own: name, postcodes, rates.
REGIONS: dict[str, list[tuple[str, list[str], dict[TaxClass, int]]]] = {
    "PT": [
        ("Madeira", ["9000-000...9499-999"], {STANDARD: 2200, INTERMEDIATE: 1200, REDUCED: 400}),
        ("Açores", ["9500-000...9999-999"], {STANDARD: 1600, INTERMEDIATE: 900, REDUCED: 400}),
    ],
}
VAT_NAMES = {
    "AT": "USt.", "BE": "TVA/BTW", "BG": "ДДС", "CY": "ΦΠΑ", "CZ": "DPH", "DE": "MwSt.", "DK": "Moms", "EE": "KM",
    "ES": "IVA", "FI": "ALV", "FR": "TVA", "GR": "ΦΠΑ", "HR": "PDV", "HU": "ÁFA", "IE": "VAT", "IT": "IVA",
    "LT": "PVM", "LU": "TVA", "LV": "PVN", "MT": "VAT", "NL": "Btw", "PL": "VAT", "PT": "IVA", "RO": "TVA",
    "SE": "Moms", "SI": "DDV", "SK": "DPH",
}  # fmt: skip


# Where the rates above are published; they were last compared on this day.
SOURCE = "https://europa.eu/youreurope/business/taxation/vat/vat-rules-rates/index_en.htm"
AS_OF = date(2026, 1, 1)


@transaction()
def install_eu(*, actor: Actor) -> list[str]:
    """The usual rates of every member state that the store has no rule for yet; the countries that got some. What is
    there stays as it is, so that a second press changes nothing."""
    have = set(db.session.scalars(select(TaxRule.country).distinct()))
    added = [country for country in EU_RATES if country not in have]
    for country in added:
        install_defaults(country)
    if added:
        audit.record(
            "create", ("tax_rules", None), actor=actor, changes={"countries": [None, ", ".join(added)]}
        )
        tenants.touch_catalog()
    return added


@transaction()
def install_defaults(country: str) -> list[TaxRule]:
    """The country's usual rules. None for a country we have no rates of: the store is told to enter its own.

    Part of setting up a store, which writes the audit entry.
    """
    rules = [_rule(country, "", [], tax_class, rate) for tax_class, rate in EU_RATES.get(country, {}).items()]
    for region, postal_codes, rates in REGIONS.get(country, []):
        rules += [_rule(country, region, postal_codes, tax_class, rate) for tax_class, rate in rates.items()]
    db.session.add_all(rules)
    db.session.flush()
    return rules


def _rule(country: str, region: str, postal_codes: list[str], tax_class: TaxClass, rate: int) -> TaxRule:
    percent = f"{Decimal(rate).scaleb(-2).normalize():f} %"
    name = " ".join(part for part in (VAT_NAMES[country], region, percent) if part)
    # The region is told by its postcodes alone: shoppers rarely fill in a region, and spell it in many ways.
    return TaxRule(name=name, country=country, postal_codes=postal_codes, tax_class=tax_class, rate=rate)
