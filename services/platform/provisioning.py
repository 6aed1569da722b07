"""Opening a store: the row, what it starts with, and its first admin, in one transaction or not at all."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field
from sqlalchemy import select

from kit import clock
from kit.actor import Actor, Role
from kit.db import db, end_reading, transaction
from kit.drafts import Country, Draft, Email, Flag, Text, wrong
from kit.errors import Conflict
from kit.i18n import _, speaking
from kit.ids import uuid7
from kit.passwords import hash_password
from kit.tenancy import every_tenant
from models.accounts import Person, PlatformUser
from models.tenants import Tenant, TenantStatus
from services import audit, offers, shipping, tax_presets, tenants
from services.accounts import people, roles
from services.accounts.passwords import NewPassword
from services.accounts.roles import InviteDraft
from services.platform import places, samples
from services.settings import Currency, Language

SLUG_KEPT_FOR = timedelta(days=90)  # after a store was deleted
RESERVED = frozenset(
    """
    www admin api app static assets cdn media mail smtp imap pop ftp ns ns1 ns2 dns mx webmail autodiscover
    autoconfig blog help support status docs billing account accounts login auth sso id platform console sysadmin
    root system internal localhost test staging demo-api dashboard shop store stores vitrine security abuse
    postmaster hostmaster webmaster noreply no-reply info contact legal privacy terms health metrics
    """.split()
)


def check_slug(slug: str) -> str:
    """A DNS label of 3 to 40 characters that is not spoken for."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]", slug) or slug[2:4] == "--":
        raise wrong(
            "", "not_a_slug", _("Use 3 to 40 lower-case letters, digits and hyphens, no hyphen at the ends.")
        )
    if slug in RESERVED:
        raise wrong("", "reserved", _("This name is reserved. Please choose another one."))
    return slug


def check_plan(slug: str) -> str:
    known = [plan.slug for plan in offers.list_plans()]
    if slug not in known:
        raise wrong("", "not_a_choice", _("Must be one of: %(expected)s.", expected=", ".join(known)))
    return slug


StoreSlug = Annotated[str, AfterValidator(check_slug)]
PlanSlug = Annotated[str, AfterValidator(check_plan)]


class FirstAdminDraft(Draft):
    """Without a password the admin gets a link to choose one."""

    email: Email
    first_name: Annotated[str, Text(Person.NAME_MAX)] = ""
    last_name: Annotated[str, Text(Person.NAME_MAX)] = ""
    password: NewPassword | None = Field(None, repr=False)


class ProvisionDraft(Draft):
    """Currency, language and time zone are the country's where they are not given."""

    slug: StoreSlug
    name: Annotated[str, Text(Tenant.NAME_MAX, min=1)]
    plan: PlanSlug = offers.DEFAULT
    admin: FirstAdminDraft
    country: Country = "PT"
    currency: Currency | None = None
    locale: Language | None = None
    demo_content: Annotated[Flag, Field(description="Start with a few sample products.")] = False


def provision(draft: ProvisionDraft, *, actor: Actor) -> Tenant:
    """Open the store. Conflict `slug-taken` where the name is in use, also by a store deleted lately."""
    password_hash = hash_password(draft.admin.password) if draft.admin.password else ""
    with every_tenant():
        end_reading()
        return _provision(draft, password_hash, actor)


@transaction()
def _provision(draft: ProvisionDraft, password_hash: str, actor: Actor) -> Tenant:
    insist_slug_is_free(draft.slug)
    locale = draft.locale or places.language_of(draft.country)
    tenant = Tenant(
        id=uuid7(),
        slug=draft.slug,
        name=draft.name,
        plan=draft.plan,
        country=draft.country,
        currency=draft.currency or places.currency_of(draft.country),
        locale=locale,
        languages=[locale],
        timezone=places.zone_of(draft.country),
        contact_email=draft.admin.email,
        notification_email=draft.admin.email,
    )
    db.session.add(tenant)
    db.session.flush()
    tenant_id = tenant.id
    with tenants.in_store(tenant_id), speaking(locale):
        tax_presets.install_defaults(draft.country)
        shipping.install_defaults(draft.country)
        admin = InviteDraft(email=draft.admin.email, first_name=draft.admin.first_name,
                            last_name=draft.admin.last_name, role=Role.ADMIN)  # fmt: skip
        roles.add_colleague(admin, actor=actor, password_hash=password_hash)
        if draft.demo_content:
            samples.fill(actor=actor)
        audit.record("create", ("tenant", tenant_id), actor=actor, changes={"slug": [None, draft.slug]})
        db.session.flush()
    found = db.session.get(Tenant, tenant_id)
    assert found is not None
    return found


def insist_slug_is_free(slug: str) -> None:
    """A deleted store keeps its name for 90 days, so that its visitors don't land in somebody else's."""
    holder = db.session.scalar(select(Tenant).where(Tenant.slug == slug))
    if holder is None:
        return
    if (
        holder.status is TenantStatus.DELETED
        and holder.deleted_at
        and holder.deleted_at < clock.now() - SLUG_KEPT_FOR
    ):
        holder.slug = f"deleted-{holder.id.hex[-24:]}"
        db.session.flush()
        return
    raise Conflict(_("There is a store with this name already."), code="slug-taken")


def ensure_first_sysadmin(email: str, password: str) -> None:
    """The platform's first account; nothing where the platform has people already."""
    with every_tenant():
        if db.session.scalar(select(PlatformUser.id).limit(1)) is not None:
            return
        end_reading()
        password_hash = hash_password(password)
        with transaction() as session:
            session.add(
                PlatformUser(email=email.strip(), email_key=people.email_key(email), password_hash=password_hash,
                             first_name="Platform", last_name="Admin", role=Role.SYSADMIN)
            )  # fmt: skip
