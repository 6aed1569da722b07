"""Ways to pay: Stripe's published test cards and the delayed methods."""

from dataclasses import dataclass

DELAYED = {"mb_way": "MB WAY", "multibanco": "Multibanco", "sepa_debit": "SEPA Direct Debit"}
WAITS_FOR_BUYER = ("mb_way", "multibanco")
OFFERED = ("card", *DELAYED)

# Decline code → (error code, message), as Stripe words them.
DECLINES = {
    "generic_decline": ("card_declined", "Your card was declined."),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "lost_card": ("card_declined", "Your card was declined."),
    "stolen_card": ("card_declined", "Your card was declined."),
    "expired_card": ("expired_card", "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", "Your card's security code is incorrect."),
    "processing_error": (
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    "incorrect_number": ("incorrect_number", "Your card number is incorrect."),
    "fraudulent": ("card_declined", "Your card was declined."),
}


@dataclass(frozen=True)
class Instrument:
    """`decline`: the decline code it ends in, or "". `challenge`: asks the buyer first.
    `refund`: "" | "slow" | "fails". `dispute`: the charge is disputed at once."""

    number: str
    brand: str = "visa"
    decline: str = ""
    challenge: bool = False
    refund: str = ""
    dispute: bool = False
    method: str = "card"

    @property
    def last4(self) -> str:
        return self.number[-4:]


_CARDS = [
    Instrument("4242424242424242"),
    Instrument("4000056655665556"),
    Instrument("5555555555554444", "mastercard"),
    Instrument("5200828282828210", "mastercard"),
    Instrument("378282246310005", "amex"),
    Instrument("6011111111111117", "discover"),
    Instrument("4000006200000007"),
    Instrument("4000000000000077"),
    Instrument("4000000000000002", decline="generic_decline"),
    Instrument("4000000000009995", decline="insufficient_funds"),
    Instrument("4000000000009987", decline="lost_card"),
    Instrument("4000000000009979", decline="stolen_card"),
    Instrument("4000000000000069", decline="expired_card"),
    Instrument("4000000000000127", decline="incorrect_cvc"),
    Instrument("4000000000000119", decline="processing_error"),
    Instrument("4100000000000019", decline="fraudulent"),
    Instrument("4000002500003155", challenge=True),
    Instrument("4000002760003184", challenge=True),
    Instrument("4000000000003220", challenge=True),
    Instrument("4000008400001629", challenge=True, decline="generic_decline"),
    Instrument("4000000000000259", dispute=True),
    Instrument("4000000000007726", refund="slow"),
    Instrument("4000000000005126", refund="fails"),
]
CARDS = {card.number: card for card in _CARDS}
TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_visa_debit": "4000056655665556",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_amex": "378282246310005",
    "pm_card_pt": "4000006200000007",
    "pm_card_bypassPending": "4000000000000077",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedLostCard": "4000000000009987",
    "pm_card_chargeDeclinedStolenCard": "4000000000009979",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeDeclinedIncorrectCvc": "4000000000000127",
    "pm_card_chargeDeclinedProcessingError": "4000000000000119",
    "pm_card_chargeDeclinedFraudulent": "4100000000000019",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_threeDSecure2Required": "4000000000003220",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_refundFail": "4000000000005126",
    "pm_card_pendingRefund": "4000000000007726",
}


def card(number: str) -> Instrument:
    """By number (spaces and dashes are fine); any other number ends in a refusal."""
    digits = "".join(char for char in number if char.isdigit())
    return CARDS.get(digits) or Instrument(digits[-19:] or "0000", decline="incorrect_number")


def named(name: str) -> Instrument | None:
    """A method ("multibanco"), a test payment method ("pm_card_visa") or a card number."""
    if name in DELAYED:
        return Instrument("0000", brand="", method=name)
    if name in TOKENS:
        return CARDS[TOKENS[name]]
    return card(name) if name[:1].isdigit() else None
