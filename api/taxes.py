"""Tax rules, and what they come to."""

from uuid import UUID

from api.contract import Created, PagedQuery, Patch, actor, endpoint
from api.schemas.taxes import TaxAnswerOut, TaxRuleOut
from kit.actor import Role
from services import taxes
from services.taxes import TaxQuestion, TaxRuleDraft
from web.access import PUBLIC

GROUP = "Taxes"


@endpoint("GET", "/taxes", allow=Role.ADMIN, group=GROUP, query=PagedQuery, answer=TaxRuleOut, many=True)
def list_rules(query: PagedQuery):
    """All tax rules, by country and class."""
    return taxes.list_rules(query.page, query.page_size)


@endpoint("POST", "/taxes", allow=Role.ADMIN, group=GROUP, body=TaxRuleDraft, answer=TaxRuleOut, status=201)
def create_rule(draft: TaxRuleDraft):
    """Create a rule. Of one priority the most specific place wins; different priorities add up."""
    rule = taxes.create_rule(draft, actor=actor())
    return Created(rule, f"/api/taxes/{rule.id}")


@endpoint("PUT", "/taxes/<uuid:tax_id>", allow=Role.ADMIN, group=GROUP, body=TaxRuleDraft, partial=True,
          answer=TaxRuleOut)  # fmt: skip
def update_rule(tax_id: UUID, patch: Patch):
    """Change a rule. Orders keep the tax that they were placed with."""
    draft = patch.onto(TaxRuleDraft.of(taxes.get_rule(tax_id)))
    return taxes.update_rule(tax_id, draft, actor=actor())


@endpoint("DELETE", "/taxes/<uuid:tax_id>", allow=Role.ADMIN, group=GROUP, status=204)
def delete_rule(tax_id: UUID):
    """Delete a rule."""
    taxes.delete_rule(tax_id, actor=actor())


@endpoint("POST", "/taxes/calculate", allow=PUBLIC, group=GROUP, body=TaxQuestion, answer=TaxAnswerOut)
def calculate_tax(draft: TaxQuestion):
    """The tax in an amount, or on top of it: for display, checkout asks again."""
    return taxes.calculate(draft)
