"""Stripe's words in ours: what it still asks for, movements, payouts, disputes, events, findings."""

import re
from collections.abc import Mapping

from admin.wording import Badge
from kit.i18n import _, mark
from services.payments import comparing, webhooks

# What Stripe asks for, by the end of its code; `individual.dob.day` is found by `dob`.
ASKED = {
    "external_account": mark("Bank account for payouts"),
    "business_profile.url": mark("Web address of the business"),
    "business_profile.mcc": mark("Line of business"),
    "business_profile.product_description": mark("What the business sells"),
    "business_profile.support_phone": mark("Phone number for customers"),
    "business_type": mark("Kind of business"),
    "tos_acceptance": mark("Acceptance of Stripe's terms"),
    "company.name": mark("Name of the company"),
    "company.tax_id": mark("Tax number of the company"),
    "company.vat_id": mark("VAT number of the company"),
    "company.registration_number": mark("Registration number of the company"),
    "company.phone": mark("Phone number of the company"),
    "company.address": mark("Address of the company"),
    "company.structure": mark("Legal form of the company"),
    "company.verification": mark("Document that proves the company"),
    "company.directors_provided": mark("The company's directors"),
    "company.owners_provided": mark("The company's owners"),
    "company.executives_provided": mark("The company's executives"),
    "settings.payments.statement_descriptor": mark("Name on the customers' bank statements"),
    "documents": mark("A document"),
}
PEOPLE = {
    "individual": mark("Owner"), "representative": mark("Representative"), "owners": mark("Owners"),
    "directors": mark("Directors"), "executives": mark("Executives"),
}  # fmt: skip
OF_PERSON = {
    "first_name": mark("first name"), "last_name": mark("last name"), "dob": mark("date of birth"),
    "address": mark("address"), "email": mark("e-mail"), "phone": mark("phone number"),
    "id_number": mark("identity number"), "ssn_last_4": mark("identity number"), "nationality": mark("nationality"),
    "verification.document": mark("identity document"), "verification.additional_document": mark("proof of address"),
    "verification": mark("identity document"), "relationship": mark("position in the company"),
    "political_exposure": mark("political offices"),
}  # fmt: skip
DISABLED = {
    "requirements.past_due": mark("Something that Stripe asked for is overdue."),
    "requirements.pending_verification": mark("Stripe is checking what was given."),
    "under_review": mark("Stripe is looking into the account."),
    "platform_paused": mark("The platform has paused the account."),
    "listed": mark("Stripe holds the account back and is looking into it."),
    "action_required.requested_capabilities": mark("Something has to be agreed to at Stripe."),
}
MOVEMENTS = {
    "charge": mark("Payment"), "payment": mark("Payment"), "refund": mark("Refund"), "payment_refund": mark("Refund"),
    "payout": mark("Payout"), "payout_cancel": mark("Payout cancelled"), "payout_failure": mark("Payout failed"),
    "adjustment": mark("Correction"), "application_fee": mark("Fee"), "stripe_fee": mark("Fee"),
    "refund_failure": mark("Refund failed"), "payment_failure_refund": mark("Payment failed later"),
    "transfer": mark("Transfer"), "topup": mark("Top-up"),
}  # fmt: skip
PAYOUT: dict[str, Badge] = {
    "paid": (mark("Paid out"), "good", "done"),
    "pending": (mark("Planned"), "info", "open"),
    "in_transit": (mark("On its way"), "info", "part"),
    "canceled": (mark("Cancelled"), "neutral", "stop"),
    "failed": (mark("Failed"), "bad", "stop"),
}
CAPABILITY: dict[str, Badge] = {
    "active": (mark("On"), "good", "done"),
    "pending": (mark("Being checked"), "info", "part"),
    "inactive": (mark("Off"), "neutral", "open"),
}
CAPABILITIES = {
    "card_payments": mark("Cards"), "transfers": mark("Transfers"), "multibanco_payments": "Multibanco",
    "mb_way_payments": "MB WAY", "sepa_debit_payments": mark("SEPA direct debit"), "klarna_payments": "Klarna",
    "bancontact_payments": "Bancontact", "ideal_payments": "iDEAL", "eps_payments": "EPS", "p24_payments": "Przelewy24",
    "paypal_payments": "PayPal", "link_payments": "Link",
}  # fmt: skip
DISPUTE: dict[str, Badge] = {
    "open": (mark("Needs an answer"), "bad", "warn"),
    "under_review": (mark("The bank decides"), "info", "part"),
    "won": (mark("Won"), "good", "done"),
    "lost": (mark("Lost"), "neutral", "stop"),
}
REASONS = {
    "fraudulent": mark("The cardholder says: not my payment"),
    "product_not_received": mark("The goods did not arrive"),
    "product_unacceptable": mark("The goods are not as described"),
    "duplicate": mark("Paid twice"),
    "credit_not_processed": mark("A refund was promised and did not come"),
    "unrecognized": mark("The payment is not recognised"),
    "subscription_canceled": mark("Was cancelled before"),
    "general": mark("No reason given"),
    "noncompliant": mark("Against the card scheme's rules"),
    "bank_cannot_process": mark("The bank can't process it"),
    "check_returned": mark("The bank has sent it back"),
    "debit_not_authorized": mark("The debit was not authorised"),
    "insufficient_funds": mark("Not enough money on the account"),
    "incorrect_account_details": mark("Wrong account details"),
    "customer_initiated": mark("The customer has objected"),
}
ORPHAN = {
    "order-cancelled": mark("Its order was cancelled"),
    "order-expired": mark("Its order had expired"),
    "order-draft": mark("Its order is a draft"),
    "paid-already": mark("Its order was paid already"),
    "unknown-order": mark("It names no order of this shop"),
    "unknown-attempt": mark("It names an order that did not ask for it"),
}
RESOLVED: dict[str, Badge] = {
    "": (mark("Waits for a decision"), "warn", "open"),
    "refunded": (mark("Given back"), "neutral", "done"),
    "accepted": (mark("Kept"), "neutral", "done"),
    "attached": (mark("Put to an order"), "good", "done"),
}
EVENT: dict[str, Badge] = {
    "received": (mark("Waits"), "info", "open"),
    webhooks.PROCESSED: (mark("Done"), "good", "done"),
    webhooks.IGNORED: (mark("Left alone"), "neutral", "open"),
    webhooks.FAILED: (mark("Failed"), "bad", "stop"),
}
LEFT_ALONE = {
    webhooks.NOTHING_FOLLOWS: mark("Nothing follows from messages of this kind."),
    webhooks.NO_STORE: mark("No shop has this account."),
    webhooks.UNKNOWN_OBJECT: mark("Stripe itself does not know any more what it is about."),
    webhooks.NOT_OURS: mark("It is about nothing of this shop."),
}
DONE = {
    "account.updated": mark("The account's state was brought up to date"),
    "account.cut-off": mark("The account was cut off: no cards any more"),
    "payment.orphaned": mark("The payment was put with those without an order"),
    "orphan.refunded": mark("The payment without an order was given back"),
    "payment.captured": mark("The payment was taken in"),
    "payment.pending": mark("The payment is on its way"),
    "payment.late": mark("The payment came late and brought the order back"),
    "refund.succeeded": mark("The refund is done"),
    "refund.failed": mark("The refund failed"),
    "payout.pending": mark("The payout is planned"),
    "payout.in_transit": mark("The payout is on its way"),
    "payout.paid": mark("The payout has arrived"),
    "payout.failed": mark("The payout failed: the money is in the balance again"),
    "payout.canceled": mark("The payout was cancelled"),
    "dispute.opened": mark("The order is disputed"),
    "dispute.won": mark("The dispute is won"),
    "dispute.lost": mark("The dispute is lost"),
}
FINDING = {
    comparing.LOST_PAYMENT: mark("A payment we had not heard of"),
    comparing.UNKNOWN_CHARGE: mark("A payment that no order asked for"),
    comparing.REFUND_AT_STRIPE: mark("A refund made at Stripe"),
    comparing.LOST_REFUND: mark("A refund that had gone on without our knowing"),
    comparing.LOST_DISPUTE: mark("A dispute we had not heard of"),
    comparing.UNKNOWN_DISPUTE: mark("A dispute about a payment that we don't know"),
    comparing.AMOUNT_DIFFERS: mark("The amount differs"),
    comparing.REFUNDS_DIFFER: mark("The refunds differ"),
    comparing.MISSING_AT_STRIPE: mark("A payment that Stripe does not know"),
}
FINDING_STATE: dict[str, Badge] = {
    "open": (mark("Needs somebody"), "warn", "warn"),
    "mended": (mark("Put right by itself"), "good", "done"),
    "closed": (mark("Closed"), "neutral", "done"),
}
STEPS = {
    "charges": mark("payments"), "refunds": mark("refunds"), "disputes": mark("disputes"),
    "ours": mark("what is open here"), "findings": mark("what was found before"),
}  # fmt: skip


def missing(codes: list[str] | tuple[str, ...]) -> list[str]:
    """What Stripe asks for, in words, each once: the three parts of a date of birth are one thing."""
    return list(dict.fromkeys(_asked(code) for code in codes))


def _asked(code: str) -> str:
    if words := _longest(ASKED, code):
        return _(words)
    who, _dot, what = code.partition(".")
    person = PEOPLE.get(who) or (mark("Person") if re.match(r"person_|per_", who) else "")
    if person and (words := _longest(OF_PERSON, what)):
        return f"{_(person)}: {_(words)}"
    return code.replace(".", ": ").replace("_", " ").capitalize()


def _longest(table: Mapping[str, str], code: str) -> str:
    """The words of the longest beginning of the code that the table knows."""
    parts = code.split(".")
    keys = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((table[key] for key in keys if key in table), "")


def plainly(code: str) -> str:
    """A code without words of its own: `klarna_payments` → Klarna payments."""
    return code.replace(".", " ").replace("_", " ").strip().capitalize()
