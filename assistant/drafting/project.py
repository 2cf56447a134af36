"""The project that rows are written for: its name, year, money and documents, what it cites of the library, and 指标值确定依据 of a row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from assistant.draft import Request, Source
from assistant.drafting import wording
from assistant.drafting.facts import Fact
from assistant.drafting.request import documents_of
from assistant.drafting.sheet import OPEN, Ask, Cell
from assistant.library import LibraryRow


class Money(NamedTuple):
    """The project's money as arithmetic needs it: amount in 元, text in the form's unit, the cell it comes from, the sum that gave it."""

    yuan: Decimal
    text: str
    source: Source
    reckoned: str = ""

    def shown(self, formula: str) -> str:
        """A formula that uses the money, after the one that gave it where nobody said it."""
        return f"{self.reckoned}；{formula}" if self.reckoned else formula


@dataclass(slots=True)
class Project:
    """What every row needs to know of the project: its name without number and year, year, money, documents, unit."""

    core: str
    year: int | None
    request: Request
    money: Money | None = None
    documents: tuple[str, ...] = ()
    unit_name: str | None = None
    refused: frozenset[str] = frozenset()
    used: list[Fact] = field(default_factory=list)

    @classmethod
    def of(cls, core: str, request: Request, year: int | None, money: Money | None, unit_name: str | None, refused: frozenset[str]) -> Project:
        """The project of a request."""
        documents = documents_of(request)
        return cls(core, year, request, money, documents, unit_name, refused)

    @property
    def short(self) -> str:
        """The core name, cut for use inside an indicator's name."""
        return self.core if len(self.core) <= 12 else ""


def library_source(row: LibraryRow, column: str) -> Source:
    """A library row as the source of a cell."""
    text = {"三级指标": row.template, "指标解释": row.description, "依据": row.basis}.get(column)
    if text is None:
        text = f"{row.name}：{row.comparator}{'' if row.customary is None else wording.plain(row.customary)}{row.unit}（惯用值）"
    return Source(path=f"corpus/indicators/{row.type}", cell=column, text=text)


# Kind of basis in the library → how a table names it; what stands in braces is filled in for the project.
_BASES = {
    "年度工作计划": "{this}{work}工作计划",
    "实施方案": "{this}{core}实施方案",
    "建设方案": "本项目建设方案",
    "调查方案": "本项目调查方案",
    "预算测算": "{this}预算测算{money}",
    "人员名册": "{this}享受对象名册",
    "预算支出标准": "{this}本级预算支出标准（定额）",
    "还款计划": "{this}还款计划",
    "上年实际完成值": "{last}实际完成情况",
    "上年业务台账": "{last}业务台账",
    "上年跟踪回访结果": "{last}跟踪回访结果",
    "满意度问卷调查": "{this}满意度问卷调查",
    "合同": "本项目{contract}",
    "采购询价": "{this}采购询价记录",
    "安全生产责任制": "{this}安全生产责任书",
    "使用台账": "{this}使用台账",
    "网络安全法": "《中华人民共和国网络安全法》",
    "政府采购法": "《中华人民共和国政府采购法》",
    "统计法": "《中华人民共和国统计法》",
    "概算批复": "本项目概算批复",
    "施工图设计文件": "本项目施工图设计文件",
    "财务管理制度": "本单位财务管理制度",
    "考核办法": "本项目考核办法",
    "管理办法": "本项目资金（业务）管理办法",
    "资产配置标准": "本级行政事业单位资产配置标准",
    "资产配置计划": "{this}资产配置计划",
    "资产台账": "{last}资产台账",
    "补助标准文件": "补助标准文件",
    "资金下达文件": "{this}资金下达文件",
}
# Kinds that a document named in the request can stand for.
_NAMED_BY_DOCUMENT = frozenset("补助标准文件 资金下达文件 管理办法 人员名册 年度工作计划 实施方案 概算批复 建设方案 调查方案 施工图设计文件".split())


def basis_cell(shorthand: str, project: Project, row: LibraryRow | None = None) -> Cell:
    """指标值确定依据 of one row: the notice, plan, standard or record by name and year; a missing number is asked, never made up."""
    # Quoted in a question, a name's own quotes are the inner ones.
    core = project.core.translate({0x201C: 0x2018, 0x201D: 0x2019})
    source = library_source(row, "依据") if row is not None else Source(path="corpus/indicators/通用", cell="依据", text=shorthand)
    said = next((text for text in project.request.basis if text), None)
    named = "、".join(project.documents) or said
    if named and shorthand in _NAMED_BY_DOCUMENT and _wants_document(shorthand, named):
        return Cell(named, "request", source=Source(path="request", cell="依据", text=named), note=f"指标库的依据类型：{shorthand}")
    if shorthand == "补助标准文件" and (given := project.request.known.get(_STANDARD_KEY)):
        return Cell(given, "request", source=Source(path="request", cell=_STANDARD_KEY, text=given), note="指标库的依据类型：补助标准文件")
    text = _basis_text(shorthand, project, row)
    if shorthand == "预算测算" and project.money is not None:
        return Cell(
            text, "computed", source=project.money.source, formula=project.money.shown(f"预算数={project.money.text}"), note="指标库的依据类型：预算测算"
        )
    if shorthand in ("补助标准文件", "资金下达文件") and not named:
        if shorthand == "补助标准文件":
            ask = Ask(f"“{core}”的补助标准是哪个文件定的？（文件名和文号）", _STANDARD_KEY, 63)
        else:
            ask = Ask(f"“{core}”本年的资金下达文件文号是什么？", "资金文件号", 65)
        return Cell(f"{text}（文号{OPEN}）", "open", source=source, note="文号没有给出", ask=ask)
    reckoned = "，年份按预算年度推算" if project.year is not None and re.search(r"20\d\d", text) else ""
    return Cell(text, "library", source=source, note=f"指标库的依据类型：{shorthand}{reckoned}")


def _basis_text(shorthand: str, project: Project, row: LibraryRow | None) -> str:
    """A kind of basis as a table of this project and year names it; what the list does not know stays as it is."""
    year, core = project.year, project.core
    if shorthand.startswith("行业标准（建筑"):
        houses = re.search(r"房|楼|校舍|室|院|馆|厂", core)
        return "《建筑工程施工质量验收统一标准》" if houses else "本行业工程质量验收规范和施工合同"
    if shorthand not in _BASES:
        return shorthand
    return _BASES[shorthand].format(
        this=f"{year}年" if year is not None else "本年度",
        last=f"{year - 1}年" if year is not None else "上年",
        core=core,
        work=core.removesuffix("工作"),
        money=f"（{project.money.text}）" if project.money else "",
        contract=_contract(row),
    )


_STANDARD_KEY = "补助标准文件"


def _contract(row: LibraryRow | None) -> str:
    """What kind of contract a project type makes."""
    kind = row.type if row is not None else ""
    if kind in ("工程建设改造", "道路养护", "农村饮水与水利", "入户改造", "林业造林与生态修复"):
        return "施工合同"
    return "采购合同" if kind in ("设备购置", "信息化建设") else "服务合同"


def _wants_document(shorthand: str, named: str) -> bool:
    plan = re.search(r"方案|计划|批复|规划|可研|施工图|名册", named) is not None
    if shorthand in ("补助标准文件", "资金下达文件", "管理办法"):
        return not plan
    return plan
