"""Which plans are about a site, a set or a customer, as PostgreSQL conditions over what each found and did."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, any_, cast, exists, func, literal, or_
from sqlalchemy.dialects.postgresql import JSONPATH

from authsvc.infra.regrouping_schema import regrouping_moves, regrouping_plans
from authsvc.regrouping.plans import PlanFilter

_FOUND, _DONE = regrouping_plans.c.findings, regrouping_plans.c.outcome

# Sets that sites come from or go to, and that were or become the default.
_SETS_OF_FACTS = """$.facts.keyvalue() ? (@.key starts with "site:" || @.key == "defaultCustomerSet")
.value[*] ? (@ == $code)"""
_SETS_OF_MOVES = "$.moves[*] ? (@.from_set == $code || @.to_set == $code)"
# A commit may take more along than was found: sites made in a set that goes.
_SETS_OF_OUTCOME = "$.sites.*[*] ? (@ == $code)"


def plan_conditions(tenant_id: int, wanted: PlanFilter) -> Iterator[ColumnElement[bool]]:
    """Yield what a plan of the tenant must meet, to be one of those that are `wanted`."""
    if wanted.site_id is not None:
        yield or_(
            _FOUND["facts"].has_key(f"site:{wanted.site_id}"),
            _DONE["sites"].has_key(str(wanted.site_id)),
        )
    if wanted.customer_set is not None:
        code = wanted.customer_set.strip().lower()
        yield or_(
            _FOUND["facts"].has_key(f"customer_set:{code}"),
            _names(_FOUND, _SETS_OF_FACTS, code),
            _names(_FOUND, _SETS_OF_MOVES, code),
            _names(_DONE, _SETS_OF_OUTCOME, code),
        )
    if wanted.account_id is not None:
        yield or_(
            _FOUND["listed"].has_key(str(wanted.account_id)), _moved(tenant_id, wanted.account_id)
        )
    if wanted.by:
        name = wanted.by.strip().lower()
        yield or_(
            *(
                func.strpos(func.lower(func.coalesce(column, "")), name) > 0
                for column in (
                    regrouping_plans.c.asked_by,
                    regrouping_plans.c.committed_by,
                    regrouping_plans.c.rolled_back_by,
                )
            )
        )


def _names(held: ColumnElement[object], path: str, code: str) -> ColumnElement[bool]:
    return func.jsonb_path_exists(held, cast(path, JSONPATH), func.jsonb_build_object("code", code))


def _moved(tenant_id: int, account_id: int) -> ColumnElement[bool]:
    return exists().where(
        regrouping_moves.c.tenant_id == tenant_id,
        regrouping_moves.c.plan_id == regrouping_plans.c.id,
        regrouping_moves.c.first_account_id <= account_id,
        regrouping_moves.c.last_account_id >= account_id,
        literal(account_id) == any_(regrouping_moves.c.account_ids),
    )
