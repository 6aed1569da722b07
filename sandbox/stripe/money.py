"""Amounts: integers in the smallest unit, with Stripe's minimum per currency."""

from .errors import StripeError

ZERO_DECIMAL = frozenset({
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv",
    "xaf", "xof", "xpf",
})  # fmt: skip
MINIMUM = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500,
    "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50,
    "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300,
    "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
MAXIMUM = 99_999_999
_SIGNS = {"eur": "€", "usd": "$", "gbp": "£", "jpy": "¥"}


def show(amount: int, currency: str) -> str:
    """For people: `€12.50`, `¥500`, `12.50 CHF`."""
    sign = _SIGNS.get(currency, "")
    minus = "-" if amount < 0 else ""
    if currency in ZERO_DECIMAL:
        number = f"{abs(amount):,}"
    else:
        whole, cents = divmod(abs(amount), 100)
        number = f"{whole:,}.{cents:02d}"
    return f"{minus}{sign}{number}" if sign else f"{minus}{number} {currency.upper()}"


def check_currency(currency: str, param: str = "currency") -> str:
    lowered = currency.lower()
    if lowered not in MINIMUM:
        raise StripeError(
            f"Invalid currency: {lowered}. Stripe currently supports these currencies: " + ", ".join(MINIMUM),
            param=param,
        )
    return lowered


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    minimum = MINIMUM[currency]
    if amount < minimum:
        raise StripeError(
            f"Amount must be at least {show(minimum, currency)} {currency}",
            code="amount_too_small",
            param=param,
        )
    if amount > MAXIMUM:
        raise StripeError(
            f"Amount must be no more than {show(MAXIMUM, currency)} {currency}",
            code="amount_too_large",
            param=param,
        )


def stripe_fee(amount: int) -> int:
    """1.5 % + 25, rounded half up: the standard European card rate."""
    return (amount * 15 + 500) // 1000 + 25
