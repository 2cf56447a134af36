"""What was read out of a document, and what was not: Extraction and ReadingReport, with the JSON of ``assistant read --json``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from assistant.documents import Locator, SourceFile
from assistant.errors import InputError
from assistant.table import DepartmentGoals, GoalTable


@dataclass(slots=True, frozen=True)
class Unread:
    """Something that looks like part of a goal table and was not read: where it stands and why, in Chinese."""

    where: str
    why: str


@dataclass(slots=True)
class ReadingReport:
    """How much of a document was read. ``unread`` makes the reading incomplete; ``warnings`` only want a look."""

    grids_found: int = 0
    grids_read: int = 0
    tables_read: int = 0
    unread: list[Unread] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether everything that looks like a goal table was fully read."""
        return not self.unread

    def to_json(self) -> dict[str, Any]:
        """The contract's ``report``."""
        return {
            "grids_found": self.grids_found,
            "grids_read": self.grids_read,
            "tables_read": self.tables_read,
            "unread": [{"where": item.where, "why": item.why} for item in self.unread],
            "warnings": list(self.warnings),
        }


@dataclass(slots=True)
class Extraction:
    """The goal tables and department goals of one document. ``places[i]`` maps the cell addresses of ``tables[i]`` to where they stand."""

    source: SourceFile
    department: DepartmentGoals | None = None
    tables: tuple[GoalTable, ...] = ()
    places: tuple[dict[str, Locator], ...] = ()
    report: ReadingReport = field(default_factory=ReadingReport)
    departments: tuple[DepartmentGoals, ...] = ()
    policy: bool = False

    @property
    def found(self) -> bool:
        """Whether there is any goal table or department goal in the document."""
        return bool(self.tables or self.departments)

    def required(self) -> Extraction:
        """Itself when there is at least one goal table or department goal; InputError otherwise."""
        if self.found:
            return self
        path = self.source.path
        if self.report.unread:
            first = self.report.unread[0]
            raise InputError(
                f"“{path}”里的绩效目标表没有读出来：{first.where}{first.why}。", "请给出带表格线的 Word 或 Excel 原件；PDF、网页文字常丢失单元格。"
            )
        if self.policy:
            raise InputError(f"“{path}”是政策文件，里面没有预算项目绩效目标表。", "政策文件请用 assistant corpus add 收入资料库，然后用 assistant ask 提问。")
        raise InputError(f"“{path}”里没有找到预算项目绩效目标表。", "请确认文件内容；绩效目标表应有“项目名称”“绩效目标”“一级指标”等栏目。")

    def to_json(self) -> dict[str, Any]:
        """One entry of ``documents`` in the contract's ``read --json``."""
        found: dict[str, Any] = {
            "source": {"path": self.source.path, "sha256": self.source.sha256, "format": self.source.format},
            "department": _department(self.department),
            "tables": [table.model_dump(mode="json") for table in self.tables],
            "report": self.report.to_json(),
        }
        if len(self.departments) > 1:
            found["departments"] = [_department(one) for one in self.departments]
        return found


def _department(department: DepartmentGoals | None) -> dict[str, Any] | None:
    return None if department is None else department.model_dump(mode="json")
