"""A shopper's own account: opening it, and confirming its address."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from kit import clock, tenancy
from kit.actor import Actor, Role
from kit.db import db, end_reading, transaction
from kit.drafts import Draft, Email, Flag, Text
from kit.errors import Conflict, Invalid, Unauthenticated, Unavailable
from kit.i18n import _, current_locale
from kit.ids import parse_id
from kit.passwords import hash_password
from models.accounts import Person, User
from models.orders import Order
from services import consents, outbox, tenants
from services.accounts import people, tokens
from services.accounts.passwords import NewPassword

CONFIRM_FOR = timedelta(days=7)


class RegisterDraft(Draft):
    email: Email
    password: NewPassword = Field(repr=False)
    first_name: Annotated[str, Text(Person.NAME_MAX, min=1)]
    last_name: Annotated[str, Text(Person.NAME_MAX, min=1)]
    phone: Annotated[str, Text(40)] = ""
    accepts_marketing: Flag = False


def register(draft: RegisterDraft, *, actor: Actor) -> User:
    """Open an account. Conflict `email-taken`, after like time, where there is one."""
    user = _register(draft)
    if user is None:
        raise Conflict(_("There is an account with this e-mail address. Please sign in."), code="email-taken")
    return user


def register_or_tell_owner(draft: RegisterDraft, *, actor: Actor) -> None:
    """For the page: the same answer either way. The owner of a taken address is told by mail."""
    if _register(draft) is None:
        with transaction():
            outbox.post("account.register_repeated", email=draft.email)


def _register(draft: RegisterDraft) -> User | None:
    if not tenants.current().is_open:
        raise Unavailable(_("This store is closed at the moment."), code="store-suspended", retry_after=3600)
    end_reading()
    password_hash = hash_password(draft.password)  # before the address is looked up: like time for both
    try:
        return _open(draft, password_hash)
    except IntegrityError:  # the same address at the same moment
        return None


@transaction()
def _open(draft: RegisterDraft, password_hash: str) -> User | None:
    if people.find_by_email(draft.email) is not None:
        return None
    user = User(
        email=draft.email,
        email_key=people.email_key(draft.email),
        password_hash=password_hash,
        first_name=draft.first_name,
        last_name=draft.last_name,
        phone=draft.phone,
        role=Role.CUSTOMER,
        locale=current_locale(),
        accepts_marketing=draft.accepts_marketing,
        last_login_at=clock.now(),
    )
    db.session.add(user)
    db.session.flush()
    if draft.accepts_marketing:
        consents.note(user.id, {"marketing": True}, source="register")
    outbox.post("account.registered", user_id=user.id)
    return user


def confirm_link_token(user: User) -> str:
    """What the link of the welcome mail carries: that whoever opens it reads this address."""
    return tokens.sign("confirm-email", CONFIRM_FOR, user.id, email=user.email_key)


def confirm_email(token: str) -> User:
    """The address is the person's own: orders placed with it as a guest become theirs. Bears repetition."""
    dead = tokens.dead_link()
    try:
        claims = tokens.read(token, kind="confirm-email")
    except Unauthenticated as error:
        raise dead from error
    if claims["tenant"] != str(tenancy.current_tenant_id()):
        raise dead
    return _confirm(parse_id(str(claims["sub"])), str(claims["email"]), dead)


@transaction()
def _confirm(user_id: object, email_key: str, dead: Invalid) -> User:
    user = db.session.get(User, user_id)
    if user is None or user.erased_at is not None or user.email_key != email_key:
        raise dead
    if user.email_verified_at is None:
        user.email_verified_at = clock.now()
        outbox.post("account.email_verified", user_id=user.id)
    claim_orders(user.id)
    return user


@transaction()
def claim_orders(user_id: object, **_ignored: object) -> int:
    """Give an account the guest orders of its confirmed address. Answers how many; bears repetition."""
    ident = parse_id(user_id) if isinstance(user_id, str) else user_id
    user = db.session.get(User, ident)
    if user is None or user.email_verified_at is None or user.erased_at is not None:
        return 0
    found = db.session.scalars(
        select(Order.id).where(Order.email_key == user.email_key, Order.customer_id.is_(None))
    ).all()
    if found:
        db.session.execute(update(Order).where(Order.id.in_(found)).values(customer_id=user.id))
    return len(found)
