"""What the doors of shop, back office and platform share: the password, then the code where it is switched on. Each
door has its own pages, and says who may come in and what comes after."""

from dataclasses import dataclass
from typing import Any

from flask import request

from forms.accounts import CodeForm, SignInForm
from kit.actor import Role
from kit.errors import Invalid, ShopError, TooMany, Unauthenticated
from models.accounts import PlatformUser, User
from services.accounts import signing_in
from services.accounts.signing_in import CodeNeeded
from web.attempts import count_wrong, insist_on_patience, remember_device
from web.auth import actor, await_code, first_step_proved, start_session


@dataclass(frozen=True, slots=True)
class Attempt:
    """`person` may come in; `awaits_code`: the password was right. Else the form says what is wrong."""

    person: User | PlatformUser | None = None
    awaits_code: bool = False
    status: int = 422


def try_password(form: SignInForm, kind: str, least: Role = Role.CUSTOMER) -> Attempt:
    """Who is below `least` is answered like somebody unknown."""
    try:
        draft = form.checked()
        insist_on_patience(draft.email)
        person = signing_in.sign_in(draft.email, draft.password, actor=actor(), least=least)
    except CodeNeeded as needed:
        remember_device(draft.email)
        await_code(kind, needed.person)
        return Attempt(awaits_code=True)
    except Unauthenticated as error:
        count_wrong(draft.email)
        form.refuse(error.message)
        return Attempt()
    except TooMany as error:
        form.refuse(error.message)
        return Attempt(status=429)
    except Invalid:
        return Attempt()
    return Attempt(person)


def code_form() -> CodeForm:
    return CodeForm(
        request.form if request.method == "POST" else None, values={"next": request.args.get("next", "")}
    )


def try_code(form: CodeForm, person: User | PlatformUser) -> Attempt:
    """The second step: the app's code, or a recovery code. A page that is only asked for (GET) tries nothing."""
    if request.method != "POST":
        return Attempt(status=200)
    try:
        return Attempt(signing_in.sign_in_by_code(person, form.checked(), actor=actor()))
    except (Unauthenticated, TooMany) as error:
        form.refuse(error.message, "code")
        return Attempt(status=429 if isinstance(error, TooMany) else 422)
    except Invalid:
        return Attempt()


def come_in(kind: str, person: User | PlatformUser) -> None:
    start_session(kind, person, proved=first_step_proved())
    remember_device(person.email)


def refuse_code(form: CodeForm, error: ShopError) -> Any:
    """The form with what was wrong about the code."""
    return form.absorb(error) if isinstance(error, Invalid) else form.refuse(error.message, "code")
