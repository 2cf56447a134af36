"""The validator: what a linter is for code, for goal tables. Rules in families over tables; knows no model, no store, no network.

``validate`` judges the tables of one file (one department's year) together and returns a ``Report``; ``RULES`` is every rule in the
order of the catalogue. Families, one module each::

    completeness  F  完整性   header cells, levels of the frame, cells of a row
    values        V  可行性   direction of signs, impossible and too low values
    numbers       N           sums of the header, spending plan
    wording       W  适当性   values nobody can measure
    placement     W  适当性   wrong 二级指标, wrong unit, input or process as result
    definitions   W  适当性   descriptions, two measures in a row, basis, satisfaction's object
    money         M  适当性   quantity × price against the budget, standards, allowed uses
    coherence     S  相关性   uses, goals, people and indicators fit each other
    contradictions S          numbers, dates and values that cannot all be true
    document      T           document numbers, codes, titles, stale years, outdated words, typing
    department    D           part 1 of a department's text, and projects against it
    cross_table   X           tables of one file together
    cross_year    Y           against last year's tables

What reviewers also ask and no rule answers, because the documents at hand cannot tell: whether a price is the going one where only a
local standard fixes it (``standards`` holds those that are national); whether a target is too high; whether people counted in two projects
are the same (X903 asks for the list); whether weights follow the value of each indicator (N308 adds them up); whether a negative effect
is really to be feared (S614 asks where the words of the project say so, in the frame of 2021 only); whether a basis supports its number.
Rules on self-evaluation (actual values, scores) are none of a goal table's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.findings import NAMELESS, Report
from assistant.table import DepartmentGoals, GoalTable, Money
from assistant.validation import (
    coherence,
    completeness,
    contradictions,
    cross_table,
    cross_year,
    definitions,
    department,
    document,
    money,
    numbers,
    placement,
    values,
    wording,
)
from assistant.validation.context import FileContext
from assistant.validation.engine import Rule, chosen, current, run
from assistant.validation.grading import grade_of

__all__ = ["RULES", "Rule", "chosen_rules", "rule", "rule_named", "validate"]

RULES: tuple[Rule, ...] = (
    completeness.missing_header_cell,
    completeness.no_indicators,
    completeness.missing_quantity_indicator,
    completeness.missing_quality_indicator,
    completeness.missing_timeliness_indicator,
    completeness.missing_cost_indicator,
    completeness.missing_benefit_indicator,
    completeness.missing_satisfaction_indicator,
    completeness.unknown_level,
    completeness.level2_under_wrong_level1,
    completeness.empty_indicator_name,
    completeness.empty_value,
    completeness.unresolved_placeholder,
    completeness.empty_description,
    completeness.empty_basis,
    completeness.duplicate_indicator,
    completeness.unusual_indicator_count,
    values.cost_without_ceiling,
    values.good_rate_with_ceiling,
    values.bad_rate_with_floor,
    values.duration_with_floor,
    values.quantity_with_ceiling,
    values.impossible_value,
    values.target_too_low,
    values.no_comparator,
    values.unreadable_value,
    numbers.budget_sum,
    numbers.budget_not_positive,
    numbers.no_funding_source,
    numbers.plan_not_rising,
    numbers.plan_not_complete,
    numbers.plan_node_missing,
    numbers.plan_out_of_range,
    numbers.weights_off,
    wording.vague_quantity,
    wording.vague_standard,
    wording.vague_timeliness,
    wording.vague_trend,
    wording.slogan_as_value,
    placement.wrong_level2_type,
    placement.timeliness_without_time,
    placement.unit_misfit,
    placement.input_as_result,
    placement.process_as_benefit,
    placement.execution_rate_as_indicator,
    placement.rate_as_quantity,
    placement.missing_measuring_unit,
    definitions.description_defines_nothing,
    definitions.two_measures_in_one_row,
    definitions.satisfaction_without_object,
    definitions.certain_satisfaction,
    definitions.growth_without_base,
    definitions.generic_basis,
    definitions.one_basis_for_all,
    money.over_budget,
    money.budget_unexplained,
    money.money_unit_slip,
    money.standard_without_number,
    money.price_not_tied,
    money.cost_exceeds_budget,
    money.off_known_standard,
    money.amounts_in_use_differ,
    money.vague_cost,
    money.forbidden_use,
    money.stale_carry_over,
    money.forced_matching_funds,
    coherence.use_without_indicator,
    coherence.promise_without_indicator,
    coherence.foreign_indicator,
    coherence.name_contradicts_use,
    coherence.goal_copies_purpose,
    coherence.goal_says_nothing,
    contradictions.goal_number_differs,
    contradictions.contradicting_values,
    contradictions.benefit_repeats_output,
    coherence.satisfaction_of_others,
    contradictions.deadline_outside_year,
    contradictions.plan_contradicts_deadline,
    coherence.works_without_service_life,
    coherence.harm_ignored,
    coherence.no_number_at_all,
    document.malformed_document_number,
    document.document_number_differs,
    document.document_year_off,
    document.malformed_project_code,
    document.title_differs,
    document.stale_year_in_text,
    document.outdated_wording,
    document.typing_fault,
    document.odd_sign,
    document.name_says_nothing,
    document.promise_beyond_authority,
    document.sign_contradicts_word,
    department.department_part_missing,
    department.department_value_differs,
    department.department_outdated_wording,
    department.department_beyond_authority,
    department.department_typing_fault,
    department.project_off_duties,
    department.department_measure_vague,
    cross_table.duplicate_project_code,
    cross_table.duplicate_project_name,
    cross_table.same_people_twice,
    cross_table.standard_differs_between_tables,
    cross_table.copied_from_sibling,
    cross_table.copied_table,
    cross_table.department_total_differs,
    cross_table.mixed_years,
    cross_table.unit_code_differs,
    cross_table.one_plan_for_all,
    cross_table.numbering_broken,
    cross_year.project_gone,
    cross_year.targets_unchanged,
    cross_year.target_lowered,
    cross_year.price_jumped,
)


def validate(
    tables: Sequence[GoalTable],
    *,
    department: DepartmentGoals | None = None,
    previous: Sequence[GoalTable] = (),
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    file: str | None = None,
    total: Money | None = None,
) -> Report:
    """The report on tables that belong together, with the department's part 1, last year's tables and the department's total when known.

    ``select`` and ``ignore`` name rules by code, family, name or aspect; InputError for a name that fits none. The grade is only proposed
    when every rule was asked.
    """
    rules = chosen(RULES, select, ignore)
    context = FileContext(tables, department=department, previous=previous, file=file, total=total)
    found = list(run(rules, context))
    graded = grade_of(found, [table.project.name or NAMELESS for table in tables]) if len(rules) == len(RULES) and tables else None
    return Report.of(
        (finding for _, finding in found),
        tables=len(tables),
        grade=graded.letter if graded else None,
        notes=graded.reckoning if graded else (),
    )


def chosen_rules(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The rules that ``select`` and ``ignore`` leave; InputError for a name that fits none."""
    return chosen(RULES, select, ignore)


def rule_named(name: str) -> Rule | None:
    """The rule of exactly that code (old codes too) or name; None when there is none."""
    return next((each for each in RULES if each.code == current(name) or each.name == name.strip().lower()), None)


def rule(name: str) -> Rule:
    """The rule of that code or name; InputError with the nearest ones when there is none."""
    return rule_named(name) or chosen(RULES, [name])[0]
