"""Addresses as JSON."""

from uuid import UUID

from api.schemas.base import Out, Time


class AddressOut(Out):
    id: UUID
    label: str
    first_name: str
    last_name: str
    company: str
    vat_number: str
    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str
    phone: str
    is_default_shipping: bool
    is_default_billing: bool
    created_at: Time
    updated_at: Time
