"""The address book of the one whose token it is."""

from uuid import UUID

from api.contract import Created, Patch, actor, endpoint
from api.schemas.addresses import AddressOut
from services import addresses
from services.addresses import AddressDraft
from web.access import SIGNED_IN

GROUP = "Addresses"


@endpoint("GET", "/addresses", allow=SIGNED_IN, group=GROUP, answer=AddressOut, many=True)
def list_addresses():
    """Your own addresses, the defaults first."""
    return addresses.list_addresses(actor=actor())


@endpoint("POST", "/addresses", allow=SIGNED_IN, group=GROUP, body=AddressDraft, answer=AddressOut, status=201,
          errors=("address-limit-reached",))  # fmt: skip
def create_address(draft: AddressDraft):
    """Add an address; up to 20. The first one becomes the default for both uses."""
    address = addresses.create_address(draft, actor=actor())
    return Created(address, f"/api/addresses/{address.id}")


@endpoint("PUT", "/addresses/<uuid:address_id>", allow=SIGNED_IN, group=GROUP, body=AddressDraft, partial=True,
          answer=AddressOut)  # fmt: skip
def update_address(address_id: UUID, patch: Patch):
    """Change an address of yours. Orders keep the copy they were placed with."""
    address = addresses.get_address(address_id, actor=actor())
    return addresses.update_address(address_id, patch.onto(AddressDraft.of(address)), actor=actor())


@endpoint("DELETE", "/addresses/<uuid:address_id>", allow=SIGNED_IN, group=GROUP, status=204)
def delete_address(address_id: UUID):
    """Delete an address of yours; if it was a default, another one becomes it."""
    addresses.delete_address(address_id, actor=actor())
