"""Who may enter. Every view carries a label; a view without one is a bug, found at the first request and by a test."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, current_app, g, request

from kit.actor import Actor, Role
from kit.errors import Forbidden, NotFound, Unauthenticated
from kit.i18n import _
from web.auth import actor
from web.tenant import is_platform_host

View = TypeVar("View", bound=Callable[..., Any])


class Level(StrEnum):
    PUBLIC = "public"
    OPTIONAL = "optional"  # as public; the API's word for "a token is honoured"
    SIGNED_IN = "bearer"
    HOLDER = "holder"  # signed in, or the holder of an order's token


PUBLIC, OPTIONAL, SIGNED_IN, HOLDER = Level.PUBLIC, Level.OPTIONAL, Level.SIGNED_IN, Level.HOLDER


def allow(level: Level | Role) -> Callable[[View], View]:
    """The label: `@allow(Role.MANAGER)`."""

    def label(view: View) -> View:
        view.__access__ = level  # type: ignore[attr-defined]
        return view

    return label


def level_of(view: Callable[..., Any]) -> Level | Role | None:
    return getattr(view, "__access__", None)


def before_second_factor(view: View) -> View:
    """Open to those who still have to set their second factor up: the page for it, and the way out."""
    view.__before_second_factor__ = True  # type: ignore[attr-defined]
    return view


def require(level: Level | Role, *, second_factor: bool = True) -> None:
    """Raise where the one who is there may not enter."""
    if level in (PUBLIC, OPTIONAL):
        # Who sends a token means it: a bad one is refused here too, and an order's link opens its order only.
        if "Authorization" in request.headers and actor().kind == "order":
            raise Forbidden(_("This link is good for its order only."))
        return
    who = actor()
    if level is Role.SYSADMIN and not is_platform_host() and not who.is_at_least(Role.SYSADMIN):
        raise NotFound(_("There is nothing here."))  # the platform's doors are not shown on a store's host
    if level is HOLDER and who.kind == "order":
        return
    if who.kind == "order":
        raise Forbidden(_("This link is good for its order only."))
    if who.role is None:
        raise Unauthenticated(_("Please sign in."))
    if isinstance(level, Role) and not who.role.covers(level):
        raise Forbidden(_("Your role does not allow this."))
    if second_factor and isinstance(level, Role) and level.covers(Role.STAFF) and _lacks_second_factor(who):
        raise Forbidden(
            _("Two-factor sign-in is asked of everybody who works here. Set it up in your account first."),
            code="second-factor-required",
        )


def _lacks_second_factor(who: Actor) -> bool:
    """Asked for by the store of its staff, and by the installation of the platform's people."""
    if who.kind == "platform":
        return current_app.config["VITRINE"].platform_two_factor and not who.has_second_factor
    store = g.get("store")
    return who.kind == "user" and store is not None and store.require_two_factor and not who.has_second_factor


def guard(blueprint: Blueprint) -> None:
    """Check the label of every view of this blueprint before it runs."""

    @blueprint.before_request
    def check() -> None:
        view = current_app.view_functions[request.endpoint or ""]
        level = level_of(view)
        if level is None:
            raise RuntimeError(f"{request.endpoint} has no @allow")
        if not getattr(view, "__reads_own_token__", False):
            require(level, second_factor=not getattr(view, "__before_second_factor__", False))
