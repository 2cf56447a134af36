"""The indicator library, vague-wording replacements and glossary that travel with the program, as typed rows.

The files are CSV tables under ``corpus/`` that a finance officer edits in a spreadsheet; here they are read once, checked, and
given names. A user's own files of the same shape win over the bundled rows when given (``folder``).
"""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from assistant.chinese import fold
from assistant.errors import InputError, reason
from assistant.resources import bundled
from assistant.target import Frozen


class LibraryRow(Frozen):
    """One customary indicator of a project type. ``template`` is the name with ``{对象}`` for the thing served or bought;
    ``customary`` is a customary target (rates, 0 or 100) and None for every figure that depends on the place;
    ``use``: 必备, 每项用途, 单价, 总成本 or 可选."""

    type: str
    level2: str
    name: str
    template: str
    description: str
    comparator: str
    customary: Decimal | None
    range: str
    unit: str
    basis: str
    use: str


class ProjectType(Frozen):
    """A project type of the typology with its trigger words and library rows."""

    code: str
    name: str
    triggers: tuple[str, ...]
    excluded: tuple[str, ...]
    served: str
    public: bool
    cost_required: bool
    works: bool
    note: str
    rows: tuple[LibraryRow, ...]


class Replacement(Frozen):
    """A measurable row to write instead of a vague value, by level-2 type and key word of the indicator's name."""

    vague: str
    level2: str
    keyword: str
    name: str
    description: str
    comparator: str
    customary: Decimal | None
    unit: str
    basis: str
    note: str


class Term(Frozen):
    """A glossary term: the standard word, its aliases, its English name in code, category, one-line meaning."""

    term: str
    aliases: tuple[str, ...]
    english: str
    category: str
    meaning: str


class Slang(Frozen):
    """How staff ask for a field: 多少钱 → 预算数."""

    words: str
    field: str
    note: str


@lru_cache(maxsize=4)
def project_types(folder: Path | None = None) -> tuple[ProjectType, ...]:
    """Every project type with its rows, in order of code."""
    place = (folder or bundled("corpus")) / "indicators"
    types = []
    for entry in read_csv(place / "类型.csv"):
        files = sorted(place.glob(f"{entry['编号']}-*.csv"))
        types.append(
            ProjectType(
                code=entry["编号"],
                name=entry["类型"],
                triggers=_words(entry["触发词"]),
                excluded=_words(entry["排除词"]),
                served=entry["服务对象"],
                public=entry["面向公众"] == "是",
                cost_required=entry["成本必备"] == "是",
                works=entry["工程类"] == "是",
                note=entry["说明"],
                rows=tuple(_row(entry["类型"], record, path) for path in files for record in read_csv(path)),
            )
        )
    return tuple(types)


@lru_cache(maxsize=4)
def general_rows(folder: Path | None = None) -> tuple[LibraryRow, ...]:
    """Rows that fit any project, for what no type covers."""
    path = (folder or bundled("corpus")) / "indicators" / "通用.csv"
    return tuple(_row("通用", record, path) for record in read_csv(path))


@lru_cache(maxsize=4)
def replacements(folder: Path | None = None) -> tuple[Replacement, ...]:
    """Measurable rows for vague values."""
    path = (folder or bundled("corpus")) / "indicators" / "替换.csv"
    return tuple(
        Replacement.model_construct(
            vague=r["原写法"],
            level2=r["适用二级指标"],
            keyword=r["关键词"],
            name=r["建议三级指标"],
            description=r["建议指标解释"],
            comparator=r["符号"],
            customary=_number(r["惯用值"], path),
            unit=r["单位"],
            basis=r["依据"],
            note=r["说明"],
        )
        for r in read_csv(path)
    )


@lru_cache(maxsize=4)
def glossary(folder: Path | None = None) -> tuple[Term, ...]:
    """Every term of the glossary."""
    path = (folder or bundled("corpus")) / "glossary" / "术语.csv"
    return tuple(Term(term=r["术语"], aliases=_words(r["别名"]), english=r["英文"], category=r["类别"], meaning=r["解释"]) for r in read_csv(path))


@lru_cache(maxsize=4)
def slang(folder: Path | None = None) -> tuple[Slang, ...]:
    """Question words of staff and the field each asks for."""
    path = (folder or bundled("corpus")) / "glossary" / "口语.csv"
    return tuple(Slang(words=r["口语"], field=r["字段"], note=r["说明"]) for r in read_csv(path))


@lru_cache(maxsize=1)
def synonyms() -> dict[str, frozenset[str]]:
    """Words that mean the same in questions and forms, folded, each with the others."""
    found: dict[str, frozenset[str]] = {}
    for names in ([fold(word) for word in _words(row["同义"])] for row in _glossary("同义词.csv") if not row["单字"]):
        for name in names:
            found[name] = found.get(name, frozenset()) | (frozenset(names) - {name})
    return found


@lru_cache(maxsize=1)
def short_verbs() -> dict[str, frozenset[str]]:
    """Verbs of one character (买), each with what forms write for them."""
    return {row["单字"]: frozenset(_words(row["同义"])) for row in _glossary("同义词.csv") if row["单字"]}


@lru_cache(maxsize=1)
def measures() -> dict[str, tuple[str, ...]]:
    """Measure words that may stand behind 多少, each with the units of a target that it fits."""
    return {row["量词"]: _words(row["单位"]) for row in _glossary("量词.csv")}


@lru_cache(maxsize=1)
def short_names() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Bodies (残疾人联合会) with how staff shorten them; a longer full name stands before one that ends it."""
    return tuple((row["全称"], _words(row["简称"])) for row in _glossary("单位简称.csv"))


@lru_cache(maxsize=1)
def small_talk() -> tuple[str, ...]:
    """Words that ask, join or fill and say nothing about what is asked, folded, longest first."""
    words = {fold(word) for row in _glossary("闲话.csv") for word in row["词"].split()} - {""}
    return tuple(sorted(words, key=len, reverse=True))


def _glossary(name: str) -> list[dict[str, str]]:
    return read_csv(bundled("corpus") / "glossary" / name)


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file as saved by Excel or WPS (UTF-8 with or without BOM, GB18030), cells stripped.

    InputError names the file when it is missing or is no CSV table.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"读不到“{path}”：{reason(error)}。", "请恢复该文件，或重新安装。") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    try:
        records = list(csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        raise InputError(f"“{path}”不是 CSV 表格：{error}。", "请恢复该文件，或用 Excel、WPS 另存为 CSV。") from None
    return [{key.strip(): (value or "").strip() for key, value in record.items() if key} for record in records]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split("、") if word.strip())


def _number(text: str, path: Path) -> Decimal | None:
    if not text:
        return None
    try:
        return Decimal(text)
    except ArithmeticError:
        raise InputError(f"“{path.name}”中的惯用值“{text}”不是数。", "请只写数字，或留空。") from None


def _row(kind: str, r: dict[str, str], path: Path) -> LibraryRow:
    try:
        return LibraryRow(
            type=kind,
            level2=r["二级指标"],
            name=r["三级指标"],
            template=r["适配写法"],
            description=r["指标解释"],
            comparator=r["符号"],
            customary=_number(r["惯用值"], path),
            range=r["常见区间"],
            unit=r["单位"],
            basis=r["依据"],
            use=r["用法"],
        )
    except KeyError as missing:
        raise InputError(f"“{path.name}”缺少列{missing}。", "请对照其他类型文件补上表头。") from None
