"""Where a parcel can be followed."""

from urllib.parse import urlsplit

import pytest

from kit.drafts import read
from kit.errors import Invalid
from services import carriers, fulfilment, tenants
from services.carriers import CarriersDraft
from services.fulfilment import ParcelDraft, TrackingDraft
from tests import make
from tests.cast import ALICE, MIA, RIVAL

ADDRESS = {"postal_code": "59 000", "country": "FR"}


@pytest.mark.parametrize("name", carriers.KNOWN)
def test_every_known_carrier_has_a_page_with_the_number_encoded(roast, name):
    url = carriers.tracking_url(name, " AB 1/2&3? ", ADDRESS)
    parts = urlsplit(url)
    assert parts.scheme == "https" and parts.hostname and "." in parts.hostname
    assert "AB%201%2F2%263%3F" in url and "{" not in url and " " not in url
    assert read(CarriersDraft, {"carriers": [{"name": name, "url": carriers.KNOWN[name]}]})


@pytest.mark.parametrize(
    ("name", "number", "url"),
    [
        ("ctt expresso", "DA123", "https://appserver.ctt.pt/CustomerArea/PublicArea_Detail"
         "?ObjectCodeInput=DA123&SearchInput=DA123&IsFromPublicArea=true"),
        ("DPD", "09", "https://tracking.dpd.pt/track-and-trace?reference=09"),  # the store is in Portugal
        ("Mondial-Relay", "12", "https://www.mondialrelay.fr/suivi-de-colis/?numeroExpedition=12&codePostal=59%20000"),
        ("la poste", "6A", "https://www.laposte.fr/outils/suivre-vos-envois?code=6A"),
        ("Nobody Ltd", "1", ""), ("", "1", ""), ("UPS", "  ", ""),
    ],
)  # fmt: skip
def test_a_carrier_is_known_however_it_is_written(roast, name, number, url):
    assert carriers.tracking_url(name, number, ADDRESS) == url


def own(*pairs):
    draft = read(CarriersDraft, {"carriers": [{"name": name, "url": url} for name, url in pairs]})
    return carriers.save_carriers(draft, actor=ALICE.actor)


def test_a_store_names_its_own_and_may_take_a_known_ones_place(roast):
    own(("Bikers", "https://bikers.test/{country}/{number}"), ("ups", "https://my.ups.test/?n={number}"))
    assert carriers.tracking_url("BIKERS", "7/8", ADDRESS) == "https://bikers.test/FR/7%2F8"
    assert carriers.tracking_url("UPS", "1Z") == "https://my.ups.test/?n=1Z"
    assert carriers.names()[:2] == ["Bikers", "ups"] and "UPS" not in carriers.names()
    with tenants.in_store(RIVAL):
        assert carriers.tracking_url("Bikers", "7") == "" and carriers.own_carriers() == []
    own()
    assert carriers.tracking_url("Bikers", "7") == ""


@pytest.mark.parametrize(
    ("url", "code"),
    [("http://a.test/{number}", "not_a_url"), ("javascript:alert({number})", "not_a_url"),
     ("https://{number}.test/", "not_a_url"), ("https://a@b.test/{number}", "not_a_url"),
     ("https://[b/{number}", "not_a_url"),
     ("https://a.test/", "no_number"), ("https://a.test/{number}/{secret}", "unknown_placeholder"),
     ("https://a.test/{number}{", "unknown_placeholder")],
)  # fmt: skip
def test_what_is_no_good_page_is_refused(roast, everything, url, code):
    before = everything()
    with pytest.raises(Invalid) as refused:
        own(("Bad", url))
    assert [(e.field, e.code) for e in refused.value.errors] == [("carriers.0.url", code)]
    assert everything() == before


def test_one_carrier_twice_is_refused(roast, everything):
    before = everything()
    with pytest.raises(Invalid) as refused:
        own(("Bikers", "https://a.test/{number}"), ("BIKERS", "https://b.test/{number}"))
    assert refused.value.errors[0].field == "carriers.1.name" and everything() == before


def test_a_parcel_gets_the_page_of_its_carrier_unless_another_is_named(roast):
    order = make.paid_order(make.Line(make.product("Mug"), quantity=4))
    line = {"order_item_id": str(order.items[0].id), "quantity": 1}

    def send(**fields):
        return fulfilment.fulfil_order(
            order.id, read(ParcelDraft, {"items": [line], **fields}), actor=MIA.actor
        )

    assert send(carrier="UPS", tracking_number="1Z").tracking_url == "https://www.ups.com/track?tracknum=1Z"
    named = send(carrier="UPS", tracking_number="1Z", tracking_url="https://x.test/1")
    assert named.tracking_url == "https://x.test/1"
    assert send(carrier="The neighbour", tracking_number="1").tracking_url == ""
    long = send(carrier="CTT", tracking_number="ä" * 100)
    assert long.tracking_url == "", "an address that is too long is none"


def test_another_number_leads_to_another_page(roast):
    order = make.paid_order()
    parcel = fulfilment.fulfil_order(
        order.id, read(ParcelDraft, {"carrier": "UPS", "tracking_number": "1Z"}), actor=MIA.actor
    )

    def follow(**fields):
        return fulfilment.update_tracking(
            parcel.id, read(TrackingDraft, fields), actor=MIA.actor
        ).tracking_url

    page = "https://www.ups.com/track?tracknum="
    # The form sends back the address that it showed.
    assert follow(carrier="UPS", tracking_number="2Z", tracking_url=page + "1Z") == page + "2Z"
    assert follow(carrier="FedEx", tracking_number="3").endswith("trknbr=3")
    by_hand = "https://x.test/3"
    assert follow(carrier="FedEx", tracking_number="4", tracking_url=by_hand) == by_hand
    assert follow(carrier="FedEx", tracking_number="5", tracking_url=by_hand) == by_hand
