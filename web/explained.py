"""How a total was reached, ready to read: the rows of templates/shared/_explained.html, for staff and shoppers."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from babel.numbers import format_decimal

from kit.i18n import _, _n, cldr, pgettext
from kit.money import Money, exponent
from services.explained import Account, Off, Step, Tax
from web.filters import money, percent

Row = dict[str, Any]


def steps(account: Account | None, currency: str) -> list[Row]:
    """`level` 1: a part of the row above it; `in_it`: told, but in the amount already."""
    if account is None:
        return []
    till = _Till(account, currency)
    rows = [row for line in account.lines for row in till.line(line)]
    if account.delivery is not None:
        rows += till.delivery(account.delivery)
    return rows + till.sums()


class _Till:
    def __init__(self, account: Account, currency: str):
        self.account, self.currency = account, currency

    def line(self, step: Step) -> list[Row]:
        how = _("%(quantity)s × %(price)s", quantity=step.quantity, price=self.say(step.unit_price))
        return [self.row(step.name, step.line_total, how), *self.parts(step)]

    def delivery(self, step: Step) -> list[Row]:
        how = _("with a fee of %(amount)s", amount=self.say(step.fee)) if step.fee else ""
        return [self.row(step.name or pgettext("cost", "Delivery"), step.line_total, how), *self.parts(step)]

    def parts(self, step: Step) -> list[Row]:
        rows = [self.row(_name(off), -off.amount, level=1) for off in step.offs]
        if step.offs:
            rows.append(self.row(_("After discounts"), step.amount, level=1, in_it=True))
        rows += [self.tax(tax) for tax in step.taxes]
        if step.refunded:
            units = step.refunded_quantity
            how = _n("%(num)d given back", "%(num)d given back", units) if units else ""
            rows.append(self.row(_("Refunded"), -step.refunded, how, level=1, in_it=True))
        return rows

    def tax(self, tax: Tax) -> Row:
        """`in €39.56: 7.3976, rounded`"""
        included = self.account.prices_include_tax
        base = self.say(tax.base)
        if tax.exact is None or tax.exact == tax.amount:
            how = _("in %(amount)s", amount=base) if included else _("on %(amount)s", amount=base)
        elif included:
            how = _("in %(amount)s: %(exact)s, rounded", amount=base, exact=self.exact(tax.exact))
        else:
            how = _("on %(amount)s: %(exact)s, rounded", amount=base, exact=self.exact(tax.exact))
        name = tax.name if "%" in tax.name else f"{tax.name} ({percent(tax.rate)})"
        return self.row(name, tax.amount, how, level=1, in_it=included)

    def sums(self) -> list[Row]:
        account = self.account
        rows = [self.row(_("Subtotal"), account.subtotal)]
        if account.discount_total:
            rows.append(self.row(_("Discounts"), -account.discount_total))
        if account.delivery is not None:
            rows.append(self.row(pgettext("cost", "Delivery"), account.shipping_total))
        if account.tax_total:
            rows.append(self.row(_("Tax in it") if account.prices_include_tax else _("Tax"), account.tax_total,
                                 in_it=account.prices_include_tax))  # fmt: skip
        rows.append(self.row(_("Total"), account.total) | {"is_total": True})
        if account.refunded:
            free = account.refunded_freely
            how = _("of that %(amount)s for no line", amount=self.say(free)) if free > 0 else ""
            rows.append(self.row(_("Refunded so far"), -account.refunded, how))
        return rows

    def row(self, label: str, amount: int, detail: str = "", *, level: int = 0, in_it: bool = False) -> Row:
        return {
            "label": label,
            "detail": detail,
            "amount": self.say(amount),
            "level": level,
            "in_it": in_it,
        }

    def say(self, minor: int) -> str:
        return ("−" if minor < 0 else "") + money(Money(abs(minor), self.currency))

    def exact(self, minor: Fraction) -> str:
        """Two digits more than the currency has."""
        digits = exponent(self.currency) + 2
        value = Decimal(round(minor * 100)).scaleb(-digits)
        return format_decimal(value, format="0." + "0" * digits, locale=cldr())


def _name(off: Off) -> str:
    return _("Discount %(code)s", code=off.code) if off.code else off.name
