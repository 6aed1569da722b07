"""A person's address book. Orders keep copies; nothing here changes an order."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import model_validator
from sqlalchemy import select, update

from kit import countries
from kit.actor import Actor
from kit.db import db, transaction
from kit.drafts import Country, Draft, Flag, Text, wrong
from kit.errors import Conflict, NotFound
from kit.i18n import _
from models.accounts import User
from models.addresses import Address
from services.accounts import people


class AddressFields(Draft):
    """Where a parcel or a bill goes, checked by the customs of its country. Also a checkout's addresses."""

    first_name: Annotated[str, Text(100, min=1)]
    last_name: Annotated[str, Text(100, min=1)]
    company: Annotated[str, Text(200)] = ""
    vat_number: Annotated[str, Text(30)] = ""
    line1: Annotated[str, Text(200, min=1)]
    line2: Annotated[str, Text(200)] = ""
    city: Annotated[str, Text(100, min=1)]
    region: Annotated[str, Text(100)] = ""
    postal_code: Annotated[str, Text(20, min=1)]
    country: Country
    phone: Annotated[str, Text(40)] = ""

    @model_validator(mode="before")
    @classmethod
    def _write_the_postcode_as_its_country_does(cls, data: Any) -> Any:
        if (
            isinstance(data, dict)
            and isinstance(data.get("postal_code"), str)
            and isinstance(data.get("country"), str)
        ):
            found = countries.postcode(data["postal_code"], data["country"].strip().upper())
            return {**data, "postal_code": found} if found else data
        return data

    @model_validator(mode="after")
    def _fits_its_country(self) -> "AddressFields":
        if countries.postcode(self.postal_code, self.country) is None:
            example = countries.postcode_example(self.country)
            text = _("This is no postcode of that country.")
            raise wrong("postal_code", "not_a_postcode", f"{text} ({example})" if example else text)
        if self.country in countries.NEEDS_REGION and not self.region:
            raise wrong("region", "required", _("Addresses in this country need the state or province."))
        return self


class AddressDraft(AddressFields):
    label: Annotated[str, Text(60)] = ""
    is_default_shipping: Flag = False
    is_default_billing: Flag = False

    @classmethod
    def of(cls, address: Address) -> dict[str, Any]:
        return {name: getattr(address, name) for name in cls.model_fields}


def owner_of(actor: Actor) -> User:
    """The store's account behind the one who acts. The platform's people have none in a store."""
    people.insist_in_person(actor)
    if actor.kind != "user":
        raise NotFound(_("You have no account in this store."))
    return people.get_user(actor.id)


def list_addresses(*, actor: Actor) -> list[Address]:
    """One's own, the defaults first."""
    return list_of(owner_of(actor).id)


def list_of(user_id: UUID) -> list[Address]:
    return list(
        db.session.scalars(
            select(Address)
            .where(Address.user_id == user_id)
            .order_by(Address.is_default_shipping.desc(), Address.is_default_billing.desc(), Address.id)
        )
    )


def get_address(address_id: UUID, *, actor: Actor) -> Address:
    """One's own; somebody else's is as unknown as none."""
    address = db.session.get(Address, address_id)
    if address is None or address.user_id != owner_of(actor).id:
        raise NotFound(_("There is no such address."))
    return address


@transaction()
def create_address(draft: AddressDraft, *, actor: Actor) -> Address:
    user = people.get_user(owner_of(actor).id, lock=True)  # two at once must not pass the limit together
    present = list_of(user.id)
    if len(present) >= Address.PER_CUSTOMER:
        raise Conflict(
            _("You can keep %(n)s addresses. Delete one that is no longer needed.", n=Address.PER_CUSTOMER),
            code="address-limit-reached",
        )
    address = Address(user_id=user.id, **draft.model_dump())
    if not present:  # the first one is what the next checkout should propose
        address.is_default_shipping = address.is_default_billing = True
    db.session.add(address)
    db.session.flush()
    _keep_one_default(address)
    return address


@transaction()
def update_address(address_id: UUID, draft: AddressDraft, *, actor: Actor) -> Address:
    address = get_address(address_id, actor=actor)
    for name, value in draft.model_dump().items():
        setattr(address, name, value)
    db.session.flush()
    _keep_one_default(address)
    return address


@transaction()
def delete_address(address_id: UUID, *, actor: Actor) -> None:
    address = get_address(address_id, actor=actor)
    user_id, was_shipping, was_billing = (
        address.user_id,
        address.is_default_shipping,
        address.is_default_billing,
    )
    db.session.delete(address)
    db.session.flush()
    heir = next(iter(list_of(user_id)), None)
    if heir is not None:
        heir.is_default_shipping = heir.is_default_shipping or was_shipping
        heir.is_default_billing = heir.is_default_billing or was_billing


def _keep_one_default(address: Address) -> None:
    for flag in (Address.is_default_shipping, Address.is_default_billing):
        if getattr(address, flag.key):
            db.session.execute(
                update(Address)
                .where(Address.user_id == address.user_id, Address.id != address.id, flag)
                .values({flag.key: False})
            )


def envelope(
    address: Mapping[str, Any] | None, *, with_vat_number: bool = False, with_phone: bool = False
) -> list[str]:
    """The lines of an address as they stand on an envelope, in the reader's language; none where there is none."""
    if not address:
        return []

    def part(name: str) -> str:
        return str(address.get(name) or "").strip()

    country = countries.country_name(part("country")) if part("country") else ""
    lines = [f"{part('first_name')} {part('last_name')}", part("company"), part("line1"), part("line2"),
             f"{part('postal_code')} {part('city')}", part("region"), country,
             part("phone") if with_phone else ""]  # fmt: skip
    if with_vat_number and (number := part("vat_number")):
        lines.append(_("VAT number: %(number)s", number=number))
    return [line.strip() for line in lines if line.strip()]
