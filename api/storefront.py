"""How a front end of one's own starts: look, money, language, menu, features."""

from api.catalog._answers import cacheable
from api.contract import endpoint
from api.schemas.storefront import StorefrontBrandingOut
from services import pages, plans, tenants
from services.catalog import categories
from services.settings import METHODS
from web.access import PUBLIC


@endpoint(
    "GET", "/storefront/branding", allow=PUBLIC, group="Storefront (Public)", answer=StorefrontBrandingOut
)
def show_branding():
    """The store's look, and what a front end needs to start."""
    store = tenants.current()
    menu = [{"type": "category", "label": node.name, "slug": node.slug} for node in categories.tree()]
    menu += [{"type": "page", "label": page.title, "slug": page.slug} for page in pages.list_in_menu()]
    methods = [method for method in METHODS if store.offers(method)]
    answer = StorefrontBrandingOut.build(store, menu=menu, methods=methods, features=plans.features_of(store))
    return cacheable(answer, StorefrontBrandingOut)
