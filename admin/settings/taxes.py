"""Tax rules, and an example to try them with."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for

from admin import bp
from admin.form_page import ask_first, deletion, form_page
from admin.frame import page
from admin.wording import word
from forms.catalog import TAX_CLASSES
from forms.taxes import TaxQuestionForm, TaxRuleForm
from kit.actor import Role
from kit.countries import country_name
from kit.errors import Invalid
from kit.i18n import _, _n
from models.taxes import TaxRule
from services import shipping, tax_presets, taxes
from web.access import allow
from web.auth import actor
from web.filters import day, money, percent
from web.htmx import go
from web.saving import Saved, save
from web.tenant import current_store


def _trail(*more: tuple[str, str | None]) -> list[tuple[str, str | None]]:
    return [(_("Settings"), url_for("admin.settings")), (_("Taxes"), url_for("admin.tax_settings")), *more]


@bp.get("/settings/taxes")
@allow(Role.ADMIN)
def tax_settings() -> Response:
    start = {"country": current_store().country, "tax_class": "standard", "amount": "100"}
    question = TaxQuestionForm(request.args or None, start).offer()
    try:
        answer = taxes.calculate(question.checked() if request.args else TaxQuestionForm(start).checked())
    except Invalid:
        answer = None
    shown = answer and {"net": money(answer.net), "tax": money(answer.tax), "gross": money(answer.gross),
                        "rate": percent(answer.rate), "rules": [rule.name for rule in answer.rules]}  # fmt: skip
    served = [country for country in shipping.served_countries() if country in tax_presets.EU_RATES]
    bare = [country for country in taxes.untaxed_countries(served) if country != current_store().country]
    return page("admin/settings/taxes.html", bare=[country_name(country) for country in bare],
                eu={"source": tax_presets.SOURCE, "as_of": day(tax_presets.AS_OF)},
                no_home=bool(taxes.untaxed_countries([current_store().country])),
                rules=[_row(rule) for rule in taxes.list_rules(page_size=500).items], question=question, answer=shown,
                trail=_trail()[:2])  # fmt: skip


@bp.post("/settings/taxes/eu")
@allow(Role.ADMIN)
def add_eu_taxes() -> Response:
    added = tax_presets.install_eu(actor=actor())
    if added:
        flash(_n("The rates of %(num)d country were added.", "The rates of %(num)d countries were added.", len(added)),
              "success")  # fmt: skip
    else:
        flash(_("Every member state has rules already; nothing was changed."), "info")
    return go("admin.tax_settings")


def _row(rule: TaxRule) -> dict[str, Any]:
    where = country_name(rule.country) + (f", {rule.region}" if rule.region else "")
    codes = ", ".join(rule.postal_codes or ())
    return {
        "name": rule.name,
        "where": where,
        "codes": codes,
        "tax_class": word(TAX_CLASSES, rule.tax_class),
        "rate": percent(rule.rate),
        "is_active": rule.is_active,
        "url": url_for("admin.edit_tax", rule_id=rule.id),
    }


@bp.route("/settings/taxes/new", methods=["GET", "POST"])
@allow(Role.ADMIN)
def new_tax() -> Response:
    first = {"country": current_store().country, "tax_class": "standard", "priority": 1, "applies_to_shipping": True,
             "is_active": True}  # fmt: skip
    form = TaxRuleForm(request.form if request.method == "POST" else None, first).offer()
    if request.method == "GET":
        return _rule_page(form, _("New tax rule"))
    saved = save(form, lambda draft: taxes.create_rule(draft, actor=actor()))
    if not saved:
        return _rule_page(form, _("New tax rule"), saved)
    flash(_("The tax rule is saved."), "success")
    return go("admin.tax_settings")


@bp.route("/settings/taxes/<uuid:rule_id>", methods=["GET", "POST"])
@allow(Role.ADMIN)
def edit_tax(rule_id: UUID) -> Response:
    rule = taxes.get_rule(rule_id)
    if request.method == "GET":
        return _rule_page(TaxRuleForm.of(rule).offer(), rule.name, rule_id=rule_id)
    form = TaxRuleForm(request.form).offer()
    saved = save(form, lambda draft: taxes.update_rule(rule_id, draft, actor=actor()))
    if not saved:
        return _rule_page(form, rule.name, saved, rule_id=rule_id)
    flash(_("Saved. Orders that were placed keep their tax."), "success")
    return go("admin.tax_settings")


def _rule_page(
    form: TaxRuleForm, heading: str, saved: Saved | None = None, *, rule_id: UUID | None = None
) -> Response:
    return form_page(
        form,
        heading,
        [
            {
                "title": _("Rate"),
                "fields": [form.name, form.tax_class, form.rate, form.applies_to_shipping, form.is_active],
            },
            {
                "title": _("Where"),
                "text": _("The most specific place wins."),
                "fields": [form.country, form.region, form.postal_codes],
            },
            {
                "title": _("When"),
                "text": _("Both days are included. Empty: always."),
                "fields": [form.valid_from, form.valid_to],
            },
            {
                "title": _("Together with others"),
                "text": _("Rules of different priorities add up."),
                "fields": [form.priority, form.is_compound],
            },
        ],
        _trail((heading, None)),
        saved=saved,
        delete=_deletion(rule_id, heading) if rule_id else None,
    )


@bp.get("/settings/taxes/<uuid:rule_id>/delete")
@allow(Role.ADMIN)
def ask_delete_tax(rule_id: UUID) -> Response:
    rule = taxes.get_rule(rule_id)
    return ask_first(_deletion(rule_id, rule.name), back=url_for("admin.edit_tax", rule_id=rule_id))


def _deletion(rule_id: UUID, name: str) -> dict[str, str]:
    text = _("New orders are placed without this tax. Orders that were placed keep theirs.")
    return deletion("tax", name, text, rule_id=rule_id)


@bp.post("/settings/taxes/<uuid:rule_id>/delete")
@allow(Role.ADMIN)
def delete_tax(rule_id: UUID) -> Response:
    taxes.delete_rule(rule_id, actor=actor())
    flash(_("The tax rule is deleted."), "success")
    return go("admin.tax_settings")
