import pytest

from kit.drafts import read
from kit.errors import Conflict, Invalid, NotFound
from models.addresses import Address
from services import addresses, tenants
from services.addresses import AddressDraft
from tests.cast import CARL, CARLA, PAT, RIVAL, RUDI

HOME = {"first_name": "Carla", "last_name": "Test", "line1": "Rua Um 1", "city": "Lisboa", "postal_code": "1050-100",
        "country": "PT"}  # fmt: skip


def draft(**changes):
    return read(AddressDraft, {**HOME, **changes})


def defaults(who=CARLA):
    return [
        (a.label, a.is_default_shipping, a.is_default_billing)
        for a in addresses.list_addresses(actor=who.actor)
    ]


def test_the_first_address_is_the_default_for_both_uses(roast):
    addresses.create_address(draft(label="home"), actor=CARLA.actor)
    addresses.create_address(draft(label="work"), actor=CARLA.actor)
    assert defaults() == [("home", True, True), ("work", False, False)]


def test_there_is_one_default_per_use_and_person(roast):
    addresses.create_address(draft(label="carl"), actor=CARL.actor)
    addresses.create_address(draft(label="home"), actor=CARLA.actor)
    work = addresses.create_address(draft(label="work", is_default_shipping=True), actor=CARLA.actor)
    assert defaults() == [("work", True, False), ("home", False, True)]
    addresses.update_address(work.id, draft(label="work", is_default_shipping=True, is_default_billing=True),
                             actor=CARLA.actor)  # fmt: skip
    assert defaults() == [("work", True, True), ("home", False, False)]
    assert defaults(CARL) == [("carl", True, True)]


def test_deleting_the_default_promotes_another(roast):
    home = addresses.create_address(draft(label="home"), actor=CARLA.actor)
    addresses.create_address(draft(label="work"), actor=CARLA.actor)
    addresses.delete_address(home.id, actor=CARLA.actor)
    assert defaults() == [("work", True, True)]


def test_the_book_has_twenty_pages(roast, everything):
    for _n in range(Address.PER_CUSTOMER):
        addresses.create_address(draft(), actor=CARLA.actor)
    before = everything()
    with pytest.raises(Conflict) as refusal:
        addresses.create_address(draft(), actor=CARLA.actor)
    assert refusal.value.code == "address-limit-reached"
    assert everything() == before


@pytest.mark.parametrize(("changes", "field", "code"), [
    ({"postal_code": "105"}, "postal_code", "not_a_postcode"), ({"postal_code": ""}, "postal_code", "required"),
    ({"country": "XX"}, "country", "not_a_country"), ({"country": "US", "postal_code": "94103"}, "region", "required"),
    ({"city": " "}, "city", "required"), ({"line1": "x" * 201}, "line1", "too_long"),
    ({"owner": 1}, "owner", "unknown_field"),
])  # fmt: skip
def test_what_is_wrong_is_named(roast, changes, field, code):
    with pytest.raises(Invalid) as refusal:
        draft(**changes)
    assert [(e.field, e.code) for e in refusal.value.errors] == [(field, code)]


def test_a_postcode_is_tidied(roast):
    assert draft(postal_code="1050100").postal_code == "1050-100"
    assert draft(country="gb", postal_code="sw1a1aa").postal_code == "SW1A 1AA"


@pytest.mark.parametrize("thief", [CARL, PAT])
@pytest.mark.parametrize("attempt", ["get", "update", "delete"])
def test_somebody_elses_address_is_unknown(roast, everything, thief, attempt):
    mine = addresses.create_address(draft(), actor=CARLA.actor)
    before = everything()
    with pytest.raises(NotFound):
        _attempt(attempt, mine.id, thief)
    assert everything() == before


@pytest.mark.parametrize("attempt", ["get", "update", "delete"])
def test_another_stores_address_is_unknown(app, everything, attempt):
    with tenants.in_store(RIVAL):
        theirs = addresses.create_address(draft(), actor=RUDI.actor).id
    before = everything()
    with tenants.in_store(CARLA.tenant_id), pytest.raises(NotFound):
        _attempt(attempt, theirs, CARLA)
    assert everything() == before


def _attempt(attempt, address_id, who):
    if attempt == "update":
        return addresses.update_address(address_id, draft(city="Porto"), actor=who.actor)
    return getattr(addresses, f"{attempt}_address")(address_id, actor=who.actor)
