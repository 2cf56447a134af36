"""The engine: what a rule is, how rules are chosen, and how they are run over tables. Knows no single rule.

A rule is one function with ``@rule(...)`` on it; its docstring is its documentation (查什么 / 为什么 / 反例 / 正例 / 依据) and is what
``assistant rules CODE`` prints. The function takes a context of its scope and yields ``Hit``s: a defect, or — with ``undecided`` — the
statement that it could not be decided and what is missing. Yielding nothing means the table passed.

Codes are stable and never reused; a code that was merged or renamed lives on in ``REDIRECTS``, so that choices, waivers and baselines that
name it keep their meaning. A rule that breaks down says so as one undecided finding; the other rules go on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from assistant.chinese import pattern
from assistant.errors import InputError
from assistant.findings import Finding, Fix, Outcome, Severity, TableRef
from assistant.validation.context import FileContext, TableContext

Scope = Literal["table", "file"]
ASPECTS = ("完整性", "相关性", "适当性", "可行性")
HEADS = ("查什么", "为什么", "反例", "正例", "依据")
# Old code → the code that now answers for it. None has been merged or renamed so far.
REDIRECTS: dict[str, str] = {}
# How the finding begins that says a rule broke down.
BROKEN_DOWN = "这条规则没有查完"


class Hit(NamedTuple):
    """What a rule says about one place, before the rule's own data is added. ``cell`` is an address of the table, ``table`` the
    place of the table among those given (rules over a file only; None = the document as a whole)."""

    message: str
    cell: str | None = None
    expected: str | None = None
    found: str | None = None
    difference: str | None = None
    quote: str | None = None
    fix: Fix | None = None
    severity: Severity | None = None
    undecided: bool = False
    table: int | None = None


Check = Callable[[Any], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its stable code, its name (of the defect), how bad, which of the four aspects, on what basis, and its check."""

    code: str
    name: str
    severity: Severity
    aspect: str
    title: str
    basis: str
    doc: str
    scope: Scope
    check: Check

    @property
    def sections(self) -> dict[str, str]:
        """The documentation by head: 查什么, 为什么, 反例, 正例, 依据."""
        return _sections(self.doc)


def rule(code: str, name: str, severity: Severity, aspect: str, *, scope: Scope = "table") -> Callable[[Check], Rule]:
    """Make a check into a rule. Its docstring gives the title (first line) and the sections, 依据 among them."""

    def made(check: Check) -> Rule:
        doc = "\n".join(line.strip() for line in (check.__doc__ or "").strip().splitlines())
        return Rule(code, name, severity, aspect, doc.split("\n", 1)[0].rstrip("。"), _sections(doc).get("依据", ""), doc, scope, check)

    return made


_HEAD = pattern(rf"^({'|'.join(HEADS)})：", re.MULTILINE)


def _sections(doc: str) -> dict[str, str]:
    pieces = _HEAD.split(doc)
    return {head: text.strip() for head, text in zip(pieces[1::2], pieces[2::2], strict=True)}


def current(code: str) -> str:
    """The code that answers for a code as somebody wrote it: in capitals, an old one led to the present one."""
    return REDIRECTS.get(code.strip().upper(), code.strip().upper())


def chosen(rules: Sequence[Rule], select: Iterable[str] = (), ignore: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The rules named by ``select`` (all when empty) without those named by ``ignore``.

    A rule is named by its code, the beginning of its code (a family), its name, or one of the four aspects. InputError for a name
    that fits no rule, with the nearest ones.
    """
    wanted, unwanted = _named(rules, select), _named(rules, ignore)
    return tuple(each for each in rules if (not wanted or each.code in wanted) and each.code not in unwanted)


def _named(rules: Sequence[Rule], names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for written in names:
        for name in re.split(r"[,，、\s]+", written.strip()):
            if not name:
                continue
            code = current(name)
            fitting = {each.code for each in rules if each.code.startswith(code) or each.name == name.lower() or each.aspect == name}
            if not fitting:
                raise InputError(f"没有规则“{name}”。", _near(rules, name) + "查看全部规则：assistant rules。")
            found |= fitting
    return found


def _near(rules: Sequence[Rule], name: str) -> str:
    import difflib

    words = [word for each in rules for word in (each.code, each.name)]
    close = difflib.get_close_matches(name, words, n=3, cutoff=0.5) or difflib.get_close_matches(name.upper(), words, n=3, cutoff=0.5)
    return f"是不是 {'、'.join(close)}？" if close else ""


def run(rules: Sequence[Rule], context: FileContext) -> Iterator[tuple[int | None, Finding]]:
    """Every finding of the rules over the tables of one file (or one group of tables judged together), with the place of its table among
    those given (None = the document as a whole)."""
    try:
        per_table = [each for each in rules if each.scope == "table"]
        for table in context.tables:
            for each in per_table:
                try:
                    for hit in each.check(table):
                        yield table.index, _finding(each, hit, context, table)
                except Exception as error:
                    yield table.index, _finding(each, _broken_down(error), context, table)
        for each in rules:
            if each.scope == "file":
                try:
                    for hit in each.check(context):
                        yield hit.table, _finding(each, hit, context, None if hit.table is None else context.tables[hit.table])
                except Exception as error:
                    yield None, _finding(each, _broken_down(error), context, None)
    finally:
        # Tables know each other while they are judged; without this they would be cyclic garbage.
        context.part()


def _broken_down(error: Exception) -> Hit:
    return Hit(f"{BROKEN_DOWN}（程序出错：{type(error).__name__} {error}），其他规则不受影响；请把这张表反馈给工具的维护人员。", undecided=True)


def _finding(each: Rule, hit: Hit, context: FileContext, table: TableContext | None) -> Finding:
    # Built without pydantic's validation, which costs more than most checks: every value comes from a rule and has its type already
    # (a test compares with the validated kind).
    finding = _NEW(Finding)
    _SET(
        finding,
        "__dict__",
        {
            "code": each.code,
            "name": each.name,
            "severity": hit.severity or each.severity,
            "outcome": Outcome.UNDECIDED if hit.undecided else Outcome.FAILED,
            "file": context.file,
            "table": None if table is None else _reference(table),
            "cell": hit.cell,
            "message": hit.message,
            "expected": hit.expected,
            "found": hit.found,
            "difference": hit.difference,
            "quote": hit.quote,
            "basis": each.basis,
            "fix": hit.fix,
            "aspect": each.aspect,
            "waived": None,
        },
    )
    _SET(finding, "__pydantic_fields_set__", _FIELDS)
    _SET(finding, "__pydantic_extra__", None)
    _SET(finding, "__pydantic_private__", None)
    return finding


_NEW, _SET = object.__new__, object.__setattr__
_FIELDS = set(Finding.model_fields)


def _reference(table: TableContext) -> TableRef:
    if table.reference is None:
        table.reference = TableRef.of(table.table)
    return table.reference
