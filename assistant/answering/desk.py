"""The desk: one question over one scope's tables and part 1 texts. It finds the cells meant, looks single cells up, and says what was missing.

Operations over several cells are functions over a desk, each giving a ``Found`` or None.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from assistant.answering import wording
from assistant.answering.matching import TOLERANCE, Fit, Matcher, fits_kind, means
from assistant.answering.question import Question
from assistant.answering.views import Cell, PartView, Pool, TableView

# More different rows than these answer no question for one number.
_TOO_MANY = 3


@dataclass(slots=True)
class Found:
    """An answer in the making: its text, and the cells it stands on, in the order of the text."""

    text: str
    cells: list[Cell] = field(default_factory=list)


@dataclass(slots=True)
class Missing:
    """Why there is no answer: ``words`` of the question that nothing explains, ``why`` in Chinese, ``near`` names without numbers."""

    words: tuple[str, ...] = ()
    why: str = ""
    near: tuple[str, ...] = ()


# Long texts of part 1.
_TEXTS = ("item", "item indicators", "safeguard", "overall")


# What tells a time: a date, a span, a cycle.
_TIME = re.compile(
    r"\d+个?(?:月|日|天|年|工作日|小时|分钟)|[一二两三四五六七八九十半]+个?(?:月|季度|工作日|天|年)|年[底末初中]|每(?:年|月|季|天|周|日)|季度|全年|按[月季年]"
)

# What is done to things that a row counts.
_DONE = re.compile("新增|新建|改造|更换|加装|安装|购置|维修|拆除")


class Desk:
    """One question over one scope's tables and part 1 texts."""

    def __init__(self, q: Question, tables: Sequence[TableView], parts: Sequence[PartView], ambient: Pool) -> None:
        self.q = q
        self.m = Matcher(q, tables, parts, ambient)
        self.tables = list(self.m.keyed)
        self.parts = [] if self.m.hard else list(parts)

    def with_question(self, q: Question) -> Desk:
        """The same scope, another question (a half of this one)."""
        return Desk(q, self.m.tables, self.m.parts, self.m.ambient)

    # -- candidates --------------------------------------------------------------------------------------------------------------------

    def cells(self) -> list[Cell]:
        """Every cell that the question may be about, by its field words and the kind of answer asked for."""
        found = [cell for view in self.tables for cell in view.cells if self._asked(cell)]
        found += [cell for part in self.parts for cell in part.cells if self._asked_of_part(cell)]
        return found

    def budgets(self) -> list[Cell]:
        """The budget of every table: what an operation is about when the question names no field."""
        return [cell for view in self.tables if (cell := view.cell("budget.total")) is not None]

    def _asked(self, cell: Cell) -> bool:
        q = self.q
        if not fits_kind(q, cell):
            return False
        if cell.row is not None:
            return True
        named = any(means(one, cell) for one in q.fields)
        if cell.type == "plan":
            return named and (not self.nodes or cell.name in self.nodes)
        if cell.address == "budget.total":
            # An amount asked without any field word is the budget.
            return named or q.kind in ("money", "budget") or (not (q.fields or q.kind) and re.search(r"多少|几|资金|经费|钱|款", q.text) is not None)
        return named

    def _asked_of_part(self, cell: Cell) -> bool:
        return fits_kind(self.q, cell) and (cell.type == "measure" or self.q.kind in ("", "time"))

    @property
    def nodes(self) -> list[str]:
        """The nodes of the spending plan that the question names, as the form writes them."""
        known = {"上半年": "6月底", "半年": "6月底", "年中": "6月底", "年": "12月底", "前三季度": "9月底"}
        quarters = dict(zip("一二三四1234", (3, 6, 9, 12, 3, 6, 9, 12), strict=True))
        found = []
        for said in self.q.nodes:
            name = said.rstrip("末底").removeprefix("第")
            found.append(f"{quarters[name[0]]}月底" if name.endswith("季度") and name[0] in quarters else known.get(name, f"{name}底"))
        return found

    def choose(self, cells: Sequence[Cell] | None = None, *, tolerance: float = TOLERANCE) -> list[Fit]:
        """The best fits that the question gives reason for, at most one cell a table unless several are asked."""
        fits = self.m.choose(self.cells() if cells is None else cells, tolerance=tolerance)
        return self._one_each([fit for fit in fits if self._reasoned(fit)], tolerance)

    def _reasoned(self, fit: Fit) -> bool:
        """Whether the question gives reason for just this cell of its table: its field, its words, or its kind of answer."""
        cell, q = fit.cell, self.q
        if cell.row is not None and not q.fields and not q.kind and re.search(r"(?:资金|经费|钱|款项?|专款)[?!.]*$", q.text):
            return False
        if cell.row is not None and q.kind == "count" and re.search(r"有(?:多少|几)", q.text) and any(done not in q.text for done in _DONE.findall(cell.name)):
            # How many there are is not how many are to be made new or mended.
            return False
        if cell.row is not None:
            return fit.own or self._field_rank(fit) > 0 or q.kind in ("count", "percent", "per", "time")
        if isinstance(cell.holder, PartView):
            return fit.own and (cell.type != "measure" or self._mostly_own(cell))
        return True

    def _mostly_own(self, cell: Cell) -> bool:
        """Whether a measure's own name carries most of what is asked, the rest being said around it."""
        covered = self.m.covered(cell.pool)
        content = [covered[i] for start, end in self.q.runs() for i in range(start, end)]
        return sum(content) * 2 > len(content)

    def _one_each(self, fits: list[Fit], tolerance: float) -> list[Fit]:
        best: dict[int, list[Fit]] = {}
        for fit in fits:
            best.setdefault(id(fit.cell.holder), []).append(fit)
        chosen: list[Fit] = []
        for group in best.values():
            group.sort(key=self._order)
            first = group[0]
            same = [fit for fit in group if self._order(fit)[:4] == self._order(first)[:4]]
            if first.cell.type in ("plan",) or first.cell.address.startswith("goals"):
                chosen += [fit for fit in group if fit.cell.type == first.cell.type and fit.cell.address.split("[")[0] == first.cell.address.split("[")[0]]
            elif first.cell.row is not None and first.named and not first.own:
                # A type asked for by name: every row of that type.
                family = any(one.meaning in ("产出指标", "效益指标") and means(one, first.cell) for one in self.q.fields)
                chosen += [fit for fit in same if fit.cell.row is not None and (family or fit.cell.type == first.cell.type)]
            else:
                chosen += [fit for fit in same if fit.precise >= first.precise - 0.02 or self._says_more(fit, first)][:3]
        return sorted(chosen, key=self._order)

    def _says_more(self, fit: Fit, first: Fit) -> bool:
        """Whether a row's own words explain something of the question that those of the best one do not: 事实孤儿 between 孤儿 and 事实无人抚养儿童."""
        if fit.cell.row is None or first.cell.row is None:
            return False
        mine, theirs = self.m.covered(fit.cell.pool), self.m.covered(first.cell.pool)
        return any(mine[i] and not theirs[i] for start, end in self.q.runs() for i in range(start, end))

    def _order(self, fit: Fit) -> tuple[float, ...]:
        fields = self._field_rank(fit)
        # Of part 1 a measure with its value comes before the texts around it.
        text = fit.cell.type.startswith(("item", "safeguard", "overall")) and bool(re.search(r"多少|几", self.q.text))
        return (text, round(fit.cost, 1), -fields, -fit.named, -fit.precise)

    def _field_rank(self, fit: Fit) -> int:
        """2 when a hard field word names the cell, 1 for a soft one, 0 otherwise."""
        return max((2 if one.hard else 1 for one in self.q.fields if means(one, fit.cell) and one.meaning not in ("level3", "description", "basis")), default=0)

    # -- looking up --------------------------------------------------------------------------------------------------------------------

    def look_up(self) -> Found | None:
        """One cell, the same cell of several tables, one row, or a text of part 1."""
        fits = self.choose()
        if not fits:
            return self._of_all_rows() or self._of_several()
        fits = self._preferred(fits)
        if re.search(r"多少|几|目标值|指标值|数值", self.q.text):
            # A number was asked for; a text without one is no answer.
            fits = [fit for fit in fits if fit.cell.type not in _TEXTS or re.search(r"\d", self._clause(fit.cell))]
            if not fits:
                return None
        if self.q.kind == "time":
            # A text that tells no time does not say when.
            fits = [fit for fit in fits if fit.cell.type not in _TEXTS or _TIME.search(self._clause(fit.cell))]
            if not fits:
                return None
        if self.q.kind == "count" and len({fit.cell.name for fit in fits}) > _TOO_MANY and not re.search(r"各|分别|每|所有|全部|都|哪", self.q.text):
            # 残疾人多少: everything counts them; which count is meant nobody can tell.
            return None
        wants = self.q.meanings()
        if fits[0].cell.row is not None and (self.q.whole_row or "level3" in wants or len(wants & {"description", "basis"}) > 1):
            return self._rows(fits)
        return self.say([fit.cell for fit in fits])

    def _of_all_rows(self) -> Found | None:
        """The basis (or description) of every row of a table, when a table is named and no row."""
        wants = [part for part in ("basis", "description") if part in self.q.meanings()]
        views = self.named_tables()
        if not views and not self.q.runs(self.q.marked()) and (self.q.listing or re.search(r"都|各|分别", self.q.text)):
            views = self.tables
        if not wants or not views or any(one.hard and one.meaning not in ("basis", "description", "level3") for one in self.q.fields):
            return None
        rows = [cell for view in views for cell in view.rows]
        said: dict[str, list[str]] = {}
        for cell in rows:
            assert cell.row is not None
            said.setdefault((cell.row.basis if wants[0] == "basis" else cell.row.description) or "未填写", []).append(cell.name)
        label = "指标值确定依据" if wants[0] == "basis" else "指标描述"
        lines = [f"{text}（{len(names)}个指标）" if len(said) > 1 else text for text, names in said.items()]
        whose = views[0].said if len(views) == 1 else f"{len(views)}个项目{len(rows)}个指标"
        return Found(f"{whose}的{label}：{wording.listed(lines[:12])}{f'；等{len(lines)}种' if len(lines) > 12 else ''}。", rows)

    def _of_several(self) -> Found | None:
        """The same field of several things listed in the question."""
        from assistant.answering.computing import several

        cells = several(self)
        return self.say(cells) if cells else None

    def _preferred(self, fits: list[Fit]) -> list[Fit]:
        """Of cells in tables and in part 1 that explain equally well, those with the better field; long texts only when nothing else fits."""
        short = [fit for fit in fits if fit.cell.type not in ("item", "item indicators", "safeguard", "overall")]
        if short and len(short) < len(fits):
            fits = short if min(fit.cost for fit in short) <= min(fit.cost for fit in fits) + 0.5 else fits
        best = min(fit.cost for fit in fits)
        fits = [fit for fit in fits if fit.cost <= best + TOLERANCE]
        rank = max(self._field_rank(fit) for fit in fits)
        if rank == 2:
            fits = [fit for fit in fits if self._field_rank(fit) == 2]
        return fits

    def _rows(self, fits: list[Fit]) -> Found:
        cells = [fit.cell for fit in fits if fit.cell.row is not None]
        several = len({id(cell.holder) for cell in cells}) > 1
        lines = [(f"{cell.holder.said}：" if several else "") + wording.whole_row(cell) for cell in cells[:6]]
        head = "" if several else f"{cells[0].holder.said}的"
        return Found(head + wording.listed(lines) + "。", cells[:6])

    def say(self, cells: list[Cell]) -> Found:
        """Cells in words: grouped by value when many tables say the same."""
        basis, description = "basis" in self.q.meanings(), "description" in self.q.meanings()
        if len({id(cell.holder) for cell in cells}) == 1:
            holder = cells[0].holder
            if isinstance(holder, PartView):
                return self._say_part(cells)
            said = [wording.said(cell, basis=basis, description=description) for cell in cells]
            head = "" if cells[0].address == "project.name" and len(cells) == 1 else f"{holder.said}的"
            note = "".join(self._noted(cell) for cell in cells[:1])
            return Found(f"{head}{'，'.join(said) if cells[0].type == 'plan' else wording.listed(said)}{note}。", cells)
        tables = [cell for cell in cells if isinstance(cell.holder, TableView)]
        groups: dict[tuple[str, str], list[Cell]] = {}
        for cell in tables:
            groups.setdefault((cell.name or cell.label, wording.value(cell)), []).append(cell)
        if len(tables) > 4 and len(groups) < len(tables):
            lines = [f"{label}{value}的有{len(group)}个：{'、'.join(cell.holder.said for cell in group)}" for (label, value), group in groups.items()]
            if sum(map(len, lines)) > 300:
                lines = [
                    f"{label}{value}的有{len(group)}个" + (f"：{group[0].holder.said}" if len(group) == 1 else "") for (label, value), group in groups.items()
                ]
            return Found(wording.listed(lines) + "。", tables)
        lines = [f"{cell.holder.said}：{wording.said(cell, basis=basis, description=description)}" for cell in tables[:12]]
        budgets = [cell for cell in tables if cell.address == "budget.total" and cell.number]
        if self.q.keys and 2 <= len(budgets) == len(tables) <= 12:
            lines.append(f"合计{wording.amount(sum((cell.number[0] for cell in budgets if cell.number), Decimal(0)))}")
        rest = [cell for cell in cells if isinstance(cell.holder, PartView)]
        lines += [f"{cell.holder.said}：{wording.said(cell)}" for cell in rest[:3]]
        more = f"；等{len(tables)}处" if len(tables) > 12 else ""
        return Found(f"{wording.listed(lines)}{more}。", [*tables[:12], *rest[:3]])

    def _noted(self, cell: Cell) -> str:
        """What a budget needs said with it: the other uses that it pays too, and the amount in the unit asked for."""
        if cell.address != "budget.total" or not isinstance(cell.holder, TableView) or cell.number is None:
            return ""
        asked = self.m.uses_asked(cell.holder)
        rest = [use for use in cell.holder.uses if use not in asked]
        shared = f"（这笔钱还用于{'、'.join(rest)}，没有分开列）" if asked and rest else ""
        unit = re.search(r"(?:多少|几)个?(亿|元|块)(?!钱)", self.q.text)
        if unit is None or (unit[1] in ("元", "块") and cell.holder.past.table.money_unit == "元"):
            return shared
        amount = cell.number[0] / (100_000_000 if unit[1] == "亿" else 1)
        return f"（合{amount.normalize():f}{'亿元' if unit[1] == '亿' else '元'}）{shared}"

    def _say_part(self, cells: list[Cell]) -> Found:
        lines = []
        for cell in cells[:3]:
            if cell.type == "measure":
                lines.append(f"{cell.holder.said}：{cell.name}{'：' if not cell.name.endswith('：') else ''}{cell.text}")
            else:
                lines.append(f"{cell.label}“{cell.name}”：{self._clause(cell)}")
        return Found(wording.listed(lines).rstrip("。") + "。", cells[:3])

    def _clause(self, cell: Cell) -> str:
        """Of a long text the clauses that the question is about, or all of it when it is about the whole."""
        covered = self.m.covered
        content = self.q.runs()
        if all(all(covered(Pool(cell.name))[start:end]) for start, end in content):
            return wording.shortened(cell.text)
        sentences = [piece for piece in re.split(r"(?<=[。；;])", cell.text) if piece]
        best = [piece for piece in sentences if all(all(covered(Pool(piece))[start:end]) or all(covered(Pool(cell.name))[start:end]) for start, end in content)]
        text = best[0] if best else wording.shortened(cell.text)
        pieces = [piece for piece in re.split(r"(?<=[，、,])", text) if piece]
        narrow = [piece for piece in pieces if all(all(covered(Pool(piece))[start:end]) for start, end in content)]
        if len(text) > 80 and narrow:
            return narrow[0].strip("，、, ")
        return text.strip()

    # -- one table at a glance ---------------------------------------------------------------------------------------------------------

    def named_tables(self) -> list[TableView]:
        """The tables that the question's names, numbers and uses pick out, field words aside."""
        q = replace(self.q, settled=self.q.marked(), kind="", classifier="")
        desk = self.with_question(q)
        probe = [Cell(view, "project.name", "项目名称", view.name, Pool(view.name)) for view in self.tables]
        if not q.runs() and not self.m.hard:
            spelled = {id(view): self.m.spelled(view) for view in self.tables}
            most = max(spelled.values(), default=0)
            return [view for view in self.tables if spelled[id(view)] == most] if most >= 2 else []
        return [fit.cell.holder for fit in desk.m.choose(probe) if isinstance(fit.cell.holder, TableView)]

    def tables_meant(self, *spans: tuple[int, int]) -> list[TableView]:
        """The tables that the question is about when field words and these spans are no names: those it names, else all of the scope."""
        rest = self.with_question(self.q.without_fields(*spans))
        named = bool(rest.q.runs()) or self.m.hard or any(rest.m.spelled(view) >= 2 for view in self.tables)
        return rest.named_tables() if named else self.tables

    def glance(self) -> Found | None:
        """A whole table in short, when the question names a project and nothing of it."""
        q = self.q
        if q.fields or q.kind or not (q.runs() or self.m.hard):
            return None
        views = self.named_tables()
        if not 1 <= len(views) <= 3:
            return None
        lines, cells = [], []
        for view in views:
            parts = [cell for cell in (view.cell("budget.total"), view.cell("purpose")) if cell is not None]
            cells += parts
            rows = view.rows if len(views) == 1 else []
            cells += rows
            lines.append(f"{view.said}：" + "，".join(wording.said(cell) for cell in (*parts, *rows)).replace("。，", "，"))
        return Found(wording.listed(lines).rstrip("。") + "。", cells)

    def rows_of_table(self) -> Found | None:
        """Every indicator of the tables named, of one level-1 family or level-2 type when the question says so."""
        views = self.named_tables()
        if not views or len(views) > 3:
            return None
        types = {one.meaning for one in self.q.fields if one.hard and any(one.meaning == cell.type for view in views for cell in view.rows)}
        lines, cells = [], []
        for view in views:
            rows = [cell for cell in view.rows if not types or cell.type in types]
            rows = [cell for cell in rows if self._family(cell)]
            cells += rows
            lines.append(f"{view.said}的{len(rows)}个指标：" + "；".join(f"{cell.type.removesuffix('指标')}—{cell.name}{cell.text}" for cell in rows))
        return Found(wording.listed(lines) + "。", cells) if cells else None

    def item_indicators(self) -> Found | None:
        """The indicators of an itemised goal of part 1."""
        cells = [cell for part in self.parts for cell in part.cells if cell.type == "item indicators"]
        fits = self.m.choose(cells)
        return self._say_part([fit.cell for fit in fits]) if fits and self.q.runs() else None

    def _family(self, cell: Cell) -> bool:
        text = self.q.text
        families = [name for name in ("产出指标", "效益指标", "满意度指标") if name in text and f"{name[:2]}数量" not in text]
        return not families or (cell.row is not None and cell.row.family in families)

    # -- saying no ---------------------------------------------------------------------------------------------------------------------

    def missing(self) -> Missing:
        """What kept the question from an answer, and what is nearest, without numbers."""
        if self.m.hard and not self.tables:
            return Missing(why="没有")
        probe = [cell for view in self.tables for cell in view.cells] + [cell for part in self.parts for cell in part.cells]
        fits = sorted(self.m.fits(probe), key=lambda fit: (sum(map(len, fit.missing)), fit.cost))
        if not fits:
            return Missing()
        best = fits[0]
        if best.missing:
            near = [fit.cell for fit in fits[:12] if fit.own and (fit.cell.row is not None or fit.cell.type == "measure")]
            return Missing(words=best.missing, near=_names(near))
        views = self.named_tables()
        rows = [cell for view in views[:1] for cell in view.rows]
        same = [cell for cell in rows if any(means(one, cell) for one in self.q.fields)]
        head = f"{views[0].said}的目标表里" if len(views) == 1 else ""
        return Missing(why=head, near=_names(same or rows))


def _names(cells: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell.name for cell in cells if cell.name))[:4]
