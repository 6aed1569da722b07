"""Where a parcel can be followed: the pages of the carriers that are known here, and those of the store's own."""

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, Field

from kit.actor import Actor
from kit.db import transaction
from kit.drafts import Draft, Text, wrong
from kit.errors import Invalid
from kit.i18n import _
from kit.slugs import fold
from models.fulfilment import Fulfillment
from services import audit, tenants

OWN_MAX = 30
PLACEHOLDERS = ("{number}", "{postcode}", "{country}")

# {number} is the parcel's, {postcode} and {country} are the receiver's.
KNOWN: dict[str, str] = {
    "BRT": "https://www.mybrt.it/it/mybrt/my-parcels/search?lang=it&parcelNumber={number}",
    "Chronopost": "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={number}",
    "Colissimo": "https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
    "Correos": "https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number={number}",
    "CTT": "https://appserver.ctt.pt/CustomerArea/PublicArea_Detail"
    "?ObjectCodeInput={number}&SearchInput={number}&IsFromPublicArea=true",
    "CTT Express": "https://www.cttexpress.com/localizador-de-envios/?sc={number}",
    "CTT Expresso": "https://appserver.ctt.pt/CustomerArea/PublicArea_Detail"
    "?ObjectCodeInput={number}&SearchInput={number}&IsFromPublicArea=true",
    "DHL": "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}&submit=1",
    "DPD": "https://tracking.dpd.de/status/en_US/parcel/{number}",
    "DPD Portugal": "https://tracking.dpd.pt/track-and-trace?reference={number}",
    "Evri": "https://www.evri.com/track/parcel/{number}",
    "FedEx": "https://www.fedex.com/fedextrack/?trknbr={number}",
    "GLS": "https://gls-group.com/GROUP/en/parcel-tracking?match={number}",
    "Hermes": "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{number}",
    "InPost": "https://inpost.pl/sledzenie-przesylek?number={number}",
    "La Poste": "https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
    "Mondial Relay": "https://www.mondialrelay.fr/suivi-de-colis/?numeroExpedition={number}&codePostal={postcode}",
    "MRW": "https://www.mrw.es/seguimiento_envios/MRW_resultados_consultas.asp?modo=nacional&envio={number}",
    "Poste Italiane": "https://www.poste.it/cerca/index.html#/risultati-spedizioni/{number}",
    "SEUR": "https://www.seur.com/livetracking/?segOnlineIdentificador={number}",
    "UPS": "https://www.ups.com/track?tracknum={number}",
}
# In this country the carrier has a page of its own.
AT_HOME = {("dpd", "PT"): KNOWN["DPD Portugal"]}


def key_of(name: str) -> str:
    """`ctt  EXPRESSO` and `CTT Expresso` are one."""
    return re.sub(r"[\s._-]+", " ", fold(name)).strip()


_KNOWN = {key_of(name): template for name, template in KNOWN.items()}


def web_address(text: str, never: str = "") -> str:
    """A page that a browser opens safely. `never`: what must not stand in the name of its host."""
    try:
        parts = urlsplit(text)
        is_good = parts.scheme == "https" and bool(parts.hostname) and not set(never) & set(parts.netloc)
    except ValueError:  # brackets that are no address
        is_good = False
    if not is_good:
        raise wrong("", "not_a_url", _("Must be a web address that starts with https://."))
    return text


def _template(text: str) -> str:
    """Https, with the parcel's number in it and nothing else that would have to be filled in."""
    web_address(text, never="@{")
    if "{number}" not in text:
        raise wrong("", "no_number", _("Write {number} where the tracking number goes."))
    if set(re.findall(r"\{[^}]*\}?", text)) - set(PLACEHOLDERS):
        raise wrong("", "unknown_placeholder", _("Only {number}, {postcode} and {country} can be filled in."))
    return text


class CarrierFields(Draft):
    name: Annotated[str, Text(100, min=1)]
    url: Annotated[str, Text(400, min=1), AfterValidator(_template)]


class CarriersDraft(Draft):
    """All the carriers that the store names itself. One of a known name takes that one's place."""

    carriers: Annotated[list[CarrierFields], Field(max_length=OWN_MAX)] = []


def own_carriers() -> list[dict[str, str]]:
    return [dict(one) for one in tenants.row().carriers or ()]


@transaction()
def save_carriers(draft: CarriersDraft, *, actor: Actor) -> list[dict[str, str]]:
    """Parcels that were sent keep the address they got. Invalid where one is named twice."""
    names = [key_of(one.name) for one in draft.carriers]
    for at, name in enumerate(names):
        if name in names[:at]:
            raise Invalid.field(f"carriers.{at}.name", "not_unique", _("This carrier is named twice."))
    row = tenants.row(lock=True)
    before, wanted = list(row.carriers or ()), [one.model_dump() for one in draft.carriers]
    if before != wanted:
        row.carriers = wanted
        audit.record("update", row, actor=actor, changes={"carriers": [before, wanted]})
    return wanted


def names() -> list[str]:
    """Those that can be followed by their number alone: the store's own first."""
    own = [one["name"] for one in own_carriers()]
    taken = {key_of(name) for name in own}
    return own + [name for name in KNOWN if key_of(name) not in taken]


def tracking_url(carrier: str, number: str, receiver: Mapping[str, Any] | None = None) -> str:
    """Where the parcel can be followed; '' where the carrier is unknown. `receiver`: the address it goes to."""
    key, number = key_of(carrier), number.strip()
    if not key or not number:
        return ""
    own = {key_of(one["name"]): one["url"] for one in own_carriers()}
    template = own.get(key) or AT_HOME.get((key, tenants.current().country)) or _KNOWN.get(key, "")
    address = receiver or {}
    fills = {
        "{number}": number,
        "{postcode}": str(address.get("postal_code") or ""),
        "{country}": str(address.get("country") or ""),
    }
    for place, value in fills.items():
        template = template.replace(place, quote(value, safe=""))
    return template if len(template) <= Fulfillment.TRACKING_URL_MAX else ""
