"""A draft shown to somebody outside: by a signed link, for some days, until it is withdrawn or the product is in the
shop."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field

from kit import tenancy
from kit.actor import Actor
from kit.db import transaction
from kit.drafts import Draft, Int
from kit.errors import Conflict, NotFound, Unauthenticated
from kit.i18n import _
from kit.ids import uuid7
from models.catalog import Product
from services import audit
from services.accounts import tokens
from services.catalog.products import get_product, lock_product

DAYS, DAYS_MAX = 7, 30
_KIND = "draft-link"


class LinkDraft(Draft):
    days: Annotated[Int, Field(ge=1, le=DAYS_MAX)] = DAYS


@transaction()
def make(product_id: UUID, draft: LinkDraft, *, actor: Actor) -> str:
    """The token of a link. Conflict `not-a-draft` where everybody sees the product anyway."""
    product = lock_product(product_id)
    if product.is_active:
        raise Conflict(_("It is in the shop: its address can be passed on as it is."), code="not-a-draft")
    if product.preview_key is None:
        product.preview_key = uuid7().hex
    audit.record("draft_link.made", product, actor=actor, changes={"days": [None, draft.days]})
    return tokens.sign(_KIND, timedelta(days=draft.days), product.id, holds=product.preview_key)


@transaction()
def withdraw(product_id: UUID, *, actor: Actor) -> None:
    """All links to this draft end."""
    product = lock_product(product_id)
    if product.preview_key is not None:
        product.preview_key = None
        audit.record("draft_link.withdrawn", product, actor=actor)


def read(token: str) -> Product:
    """The product that the link shows; it may be in the shop by now. NotFound where the link has ended, was withdrawn,
    or is another store's."""
    gone = NotFound(_("This preview is no longer there. Ask the shop for a new link."))
    try:
        claims = tokens.read(token, kind=_KIND)
    except Unauthenticated as error:
        raise gone from error
    if claims.get("tenant") != str(tenancy.current_tenant_id()):
        raise gone
    try:
        product = get_product(str(claims["sub"]))
    except NotFound as error:
        raise gone from error
    if not product.preview_key or product.preview_key != claims.get("holds"):
        raise gone
    return product
