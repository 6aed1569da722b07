"""Groups of customers that the store makes of rules, with the number of those who are in them now."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.customers import SEGMENTS as STANDINGS
from admin.frame import page
from forms.base import version_in
from kit.actor import Role
from kit.countries import CODES, country_name
from kit.drafts import read
from kit.errors import Conflict, Invalid
from kit.i18n import LANGUAGES, _, current_locale
from services import segments
from services.segments import KINDS, SegmentDraft
from services.segments.saved import RULES_MAX
from web.access import allow
from web.auth import actor
from web.filters import number
from web.htmx import go
from web.tenant import current_store

SPARE = 2  # empty lines below those that are filled


@bp.get("/customers/groups", endpoint="segments")
@allow(Role.MANAGER)
def list_segments() -> Response:
    groups = segments.list_segments()
    sizes = segments.sizes_of(groups)
    rows = [{"name": one.name, "url": url_for("admin.edit_segment", segment_id=one.id), "count": number(sizes[one.id]),
             "list_url": url_for("admin.customers", group=one.id),
             "summary": "; ".join(_said(rule) for rule in one.rules)} for one in groups]  # fmt: skip
    return page("admin/customers/groups.html", rows=rows, trail=_trail(_("Groups")))


def _said(rule: dict[str, str]) -> str:
    kind = KINDS[rule["rule"]]
    value = segments.shown_value(rule["rule"], rule["value"])
    words = {
        "country": lambda: country_name(value, current_locale()),
        "language": lambda: LANGUAGES.get(value, value),
        "segment": lambda: _(STANDINGS[value]),
    }
    shown = words[kind.takes]() if kind.takes in words else value
    label = _(kind.label)
    return label.replace("…", shown) if "…" in label else f"{label} {shown}".strip()


@bp.route("/customers/groups/new", methods=["GET", "POST"])
@allow(Role.MANAGER)
def new_segment() -> Response:
    return _edit(None)


@bp.route("/customers/groups/<uuid:segment_id>", methods=["GET", "POST"])
@allow(Role.MANAGER)
def edit_segment(segment_id: UUID) -> Response:
    return _edit(segments.get_segment(segment_id))


@bp.post("/customers/groups/<uuid:segment_id>/delete")
@allow(Role.MANAGER)
def delete_segment(segment_id: UUID) -> Response:
    name = segments.get_segment(segment_id).name
    segments.delete_segment(segment_id, actor=actor())
    flash(_("“%(name)s” is deleted.", name=name), "success")
    return go("admin.segments")


def _edit(found: Any) -> Response:
    """One button counts, the other saves; both send the same form."""
    if request.method == "GET":
        shown = SegmentDraft.of(found) if found else {"name": "", "matches_all": True, "rules": []}
        return _page(found, shown)
    sent = _sent()
    try:
        draft = read(SegmentDraft, sent, form=True)
        if request.form.get("do") == "count":
            return _page(found, sent, count=segments.count_matching(draft))
        if found:
            version = version_in(request.form.get("version"))
            segments.update_segment(found.id, draft, actor=actor(), version=version)
        else:
            segments.create_segment(draft, actor=actor())
    except Invalid as error:
        return _page(found, sent, 422, problems=_problems(error))
    except Conflict as error:
        return _page(found, sent, 409, problems={"": error.message})
    flash(_("Saved."), "success")
    return go("admin.segments")


def _sent() -> dict[str, Any]:
    """Lines without a rule are no rules."""
    form = request.form
    lines = [
        {"rule": form.get(f"rule-{n}", ""), "value": form.get(f"value-{n}", "").strip()}
        for n in range(RULES_MAX)
    ]
    return {"name": form.get("name", ""), "matches_all": form.get("matches", "all") == "all",
            "rules": [line for line in lines if line["rule"]]}  # fmt: skip


def _problems(error: Invalid) -> dict[str, str]:
    """Beside the line (`rules.2.value` → 2) or the name; the rest on top."""
    found: dict[str, str] = {}
    for problem in error.errors:
        first, _dot, rest = problem.field.partition(".")
        key = rest.partition(".")[0] if first == "rules" and rest else "name" if first == "name" else ""
        found.setdefault(key, _("Choose at least one rule.") if problem.field == "rules" else problem.message)
    return found


def _page(found: Any, shown: dict[str, Any], status: int = 200, *, count: int | None = None,
          problems: dict[str, str] | None = None) -> Response:  # fmt: skip
    lines = [*shown["rules"], *({"rule": "", "value": ""} for _n in range(SPARE))][:RULES_MAX]
    kinds = [{"value": name, "label": _(kind.label)} for name, kind in KINDS.items()]
    return page("admin/customers/group.html", status=status, group=found, name=shown["name"], lines=lines, kinds=kinds,
                matches_all=shown["matches_all"], count=count, problems=problems or {}, hints=_hints(),
                version=found.version if found else "", trail=_trail(
                    found.name if found else _("New group"), (_("Groups"), url_for("admin.segments"))))  # fmt: skip


def _hints() -> list[tuple[str, str]]:
    """What the values of lists may be: (value, words)."""
    speaks = current_locale()
    wanted = sorted(((code, country_name(code, speaks)) for code in CODES), key=lambda pair: pair[1])
    languages = [(code, LANGUAGES[code]) for code in current_store().languages]
    return [*languages, *((key, _(label)) for key, label in STANDINGS.items()), *wanted]


def _trail(heading: str, *between: tuple[str, str]) -> list[tuple[str, str | None]]:
    return [(_("Customers"), url_for("admin.customers")), *between, (heading, None)]
