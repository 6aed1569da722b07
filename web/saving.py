"""What a form's view does with a refusal: the form again, with what was typed and what is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forms.base import DraftForm
from kit.errors import Conflict, Invalid, PlanLimit, ShopError


@dataclass(frozen=True, slots=True)
class Saved:
    """`thing` is what was made; without one the form was refused, and `status` says how."""

    thing: Any = None
    status: int = 200

    def __bool__(self) -> bool:
        return self.status == 200


def save(form: DraftForm, act: Callable[[Any], Any], **more: Any) -> Saved:
    """Call `act` with the form's draft. Refusals go into the form; errors of another kind go their way."""
    try:
        return Saved(act(form.checked(**more)))
    except Invalid as error:
        form.absorb(error)
        return Saved(status=422)
    except Conflict as error:
        form.absorb(as_invalid(error))
        form.is_stale = error.code == "stale-version"
        return Saved(status=409)
    except PlanLimit as error:
        form.refuse(error.message)
        return Saved(status=403)


# Which field a conflict speaks of; the others are said on top of the form.
FIELD_OF = {"slug-taken": "slug", "sku-taken": "sku", "code-taken": "code", "email-taken": "email"}


def as_invalid(error: ShopError) -> Invalid:
    field = FIELD_OF.get(error.code, "")
    return (
        Invalid(error.message, errors=error.errors)
        if error.errors
        else Invalid.field(field, error.code, error.message)
    )


@dataclass(frozen=True, slots=True)
class Difference:
    label: str
    mine: str
    theirs: str


def catch_up(mine: DraftForm, theirs: DraftForm | None) -> list[Difference]:
    """After a conflict of versions: what differs. Sent once more, `mine` counts as made from theirs, so it wins."""
    if theirs is None or not mine.is_stale:
        return []
    mine["version"].data = theirs["version"].data
    return differences(mine, theirs)


def differences(mine: DraftForm, theirs: DraftForm) -> list[Difference]:
    """Where what was typed differs from what somebody else saved meanwhile, field by field."""
    found = []
    for field in mine:
        other = theirs[field.name]
        if field.type == "HiddenField":
            continue
        here, there = shown(field), shown(other)
        if here != there:
            found.append(Difference(field.label.text, here, there))
    return found


def shown(field: Any) -> str:
    """The value of a field as words."""
    if field.type == "BooleanField":
        return "✓" if field.data else "–"
    if hasattr(field, "iter_choices"):
        # Nothing chosen is the empty choice, where there is one.
        return ", ".join(
            str(choice[1])
            for choice in field.iter_choices()
            if choice[2] or (choice[0] == "" and not field.data)
        )
    return str(field._value() or "").strip()
