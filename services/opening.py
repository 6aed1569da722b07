"""Closing the shop for a while, with a password for those who shall see it meanwhile; and the notice for holidays."""

import hashlib
from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator

from kit.actor import Actor
from kit.db import transaction
from kit.drafts import Day, Draft, Flag, Text, blank_to_none, wrong
from kit.i18n import _
from kit.passwords import hash_password, verify_password
from models.tenants import Tenant
from services import settings, tenants

PASSWORD_MIN, PASSWORD_MAX = 6, 100
DayOrNone = Annotated[Day | None, BeforeValidator(blank_to_none)]


class OpeningDraft(Draft):
    """`maintenance_password` is written only: an empty one keeps what there is, `drop_password` takes it away."""

    maintenance_mode: Flag = False
    maintenance_password: Annotated[str, Text(PASSWORD_MAX)] = ""
    drop_password: Flag = False
    holiday_notice: Annotated[str, Text(300)] = ""
    holiday_from: DayOrNone = None
    holiday_until: DayOrNone = None

    @model_validator(mode="after")
    def _makes_sense(self) -> "OpeningDraft":
        if 0 < len(self.maintenance_password) < PASSWORD_MIN:
            raise wrong("maintenance_password", "too_short",
                        _("Use at least %(count)s characters.", count=PASSWORD_MIN))  # fmt: skip
        if self.holiday_from and self.holiday_until and self.holiday_until < self.holiday_from:
            raise wrong("holiday_until", "before_start", _("The last day is before the first."))
        return self

    @classmethod
    def of(cls, tenant: Tenant) -> dict[str, Any]:
        names = ("maintenance_mode", "holiday_notice", "holiday_from", "holiday_until")
        return {name: getattr(tenant, name) for name in names}


def update_opening(draft: OpeningDraft, *, actor: Actor, version: int | None = None) -> Tenant:
    hashed = (
        hash_password(draft.maintenance_password) if draft.maintenance_password else None
    )  # slow: outside
    return _update(draft, hashed, actor, version)


@transaction()
def _update(draft: OpeningDraft, hashed: str | None, actor: Actor, version: int | None) -> Tenant:
    tenant = tenants.row(lock=True)
    settings.check_version(tenant, version)
    before = {**OpeningDraft.of(tenant), "maintenance_password": tenant.maintenance_password}
    for name in OpeningDraft.of(tenant):
        setattr(tenant, name, getattr(draft, name))
    if draft.drop_password:
        tenant.maintenance_password = ""
    elif hashed:
        tenant.maintenance_password = hashed
    after = {**OpeningDraft.of(tenant), "maintenance_password": tenant.maintenance_password}
    settings.changed(tenant, before, after, actor=actor)
    return tenant


def has_password() -> bool:
    return bool(tenants.row().maintenance_password)


def is_password(typed: str) -> bool:
    """May who typed this come in? In like time whether there is a password or not."""
    stored = tenants.row().maintenance_password
    return verify_password(stored, typed.strip()[:PASSWORD_MAX]) and bool(stored)


def seal_of_password() -> str:
    """Stands for the password in what is handed to who has typed it; another password has another. Empty: none."""
    stored = tenants.row().maintenance_password
    return hashlib.sha256(stored.encode()).hexdigest()[:24] if stored else ""
