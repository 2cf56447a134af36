"""Goal tables in text that has no tables any more: a web page or PDF pasted as lines, words parted by blanks, or run together.

Labels and the names of levels cut such text into pieces. What stands between them is read as far as it is certain: one cell a line or
word by the number of columns, run-together words by a sign or number with a known unit. The rest is reported, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.chinese import fold, pattern
from assistant.documents import NOWHERE, Document, Locator, Paragraph
from assistant.extraction import labels, lexicon, titles, wording
from assistant.extraction.building import Builder
from assistant.extraction.report import ReadingReport, Unread
from assistant.table import Indicator, canonical_level1, canonical_level2
from assistant.target import Target
from assistant.taxonomy import FRAMES, LEVEL1_NAMES, LEVEL2_NAMES, UNITS

_LEVEL_NAMES = sorted({f"{name}指标" for name in (*LEVEL1_NAMES, *LEVEL2_NAMES)}, key=len, reverse=True)
_LEVEL = pattern(rf"(?:{'|'.join(map(re.escape, _LEVEL_NAMES))})(?:[（(]\d+分[)）])?")
# Labels that are long enough to cut run-together text at; short ones stand inside other words too often.


def _spaced(label: str) -> str:
    """The pattern of a label that may be drawn out with blanks (其中：财政    资金)."""
    return "[ \u3000]*".join(map(re.escape, label))


_NOT_CUTTING = frozenset(
    {"year"}
    | {f"extra:{name}" for name in "分值 实施计划 成本构成 受益对象 项目地点 资金来源 功能科目 经济科目 执行数 执行率 备注 基本支出 项目支出 部门职责".split()}
)
_CUTTING = sorted(
    {word for name, words in labels.FIELDS.items() for word in words if len(word) >= 4 and name not in _NOT_CUTTING} | {"合计", "总分"},
    key=len,
    reverse=True,
)
_COLUMN_NAMES = sorted({word for words in (*labels.COLUMNS.values(), *labels.EXTRA_COLUMNS.values()) for word in words if len(word) > 1}, key=len, reverse=True)
_HEAD_RUN = pattern(rf"(?:绩效指标\s*)?一级指标\s*(?:(?:{'|'.join(map(re.escape, _COLUMN_NAMES))})(?:[（(][^（）()]*[)）])?\s*)+")
_LABEL = rf"预算数(?=[:：\s]*\d)|{'|'.join(map(_spaced, _CUTTING))}"
_NOT_TITLE = r"(?!(?:申报|批复|自评)?表)"
_CUT = pattern(rf"(?P<head>{_HEAD_RUN.pattern})|(?P<level>{_LEVEL.pattern})|(?P<label>{_LABEL}){_NOT_TITLE}[:：]?")
_SIGN = r"[≥≤=<>＞＜＝≧≦]=?|不低于|不少于|不高于|不超过"
_ONLY_SIGN, _ENDS_IN_SIGN = pattern(rf"(?:{_SIGN}|等于|±)"), pattern(rf"(?:{_SIGN})\s*$")
_FOLDED_UNITS = frozenset(map(fold, UNITS)) | {"%"}
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_UNITS = rf"(?:(?:{_UNIT}|[万千百亿](?:{_UNIT}))(?:/(?:{_UNIT})(?:[·*](?:{_UNIT}))?)?)"
# A name and its target: with a sign the unit may be missing, without one it must be known.
_PAIR = pattern(
    rf"(?P<name>[^≥≤=<>＞＜＝≧≦\d]{{2,60}}?)\s*(?P<value>(?:(?:{_SIGN})\s*\d[\d,.]*\s*{_UNITS}?)|(?:\d[\d,.]*\s*{_UNITS}(?:以上|以下|以内)?))(?P<weight>\s+\d+(?:\.\d+)?(?=\s|$))?"
)


@dataclass(slots=True)
class _Piece:
    """A piece of the text: ``kind`` is label, level, column, title, text or blank; ``firm`` = its borders are the source's own."""

    text: str
    kind: str
    firm: bool
    place: Locator


def read_running(document: Document, report: ReadingReport) -> list[Builder]:
    """The tables of a text without tables; what is uncertain goes into the report. Empty when the text holds no goal table."""
    paragraphs = [block for block in document.blocks if isinstance(block, Paragraph) and block.kind != "comment"]
    text = "\n".join(paragraph.text for paragraph in paragraphs)
    if len({match[0] for match in _LEVEL.finditer(text)}) < 3 or not ("一级指标" in fold(text) or "绩效指标" in text or "项目名称" in fold(text)):
        return []
    reader = _Reader()
    for piece in (piece for paragraph in paragraphs for piece in _pieces(paragraph)):
        reader.take(piece)
    reader.end()
    found = [builder for builder in reader.builders if builder.indicators or builder.project_name]
    if not any(builder.indicators for builder in found):
        if found or reader.unread:
            report.unread.append(Unread(document.source.path, "像是绩效目标表，但文字连在一起，没有单元格边界，指标读不出来"))
        return []
    report.unread.extend(reader.unread)
    if document.source.format.startswith("pdf") and sum(paragraph.text.count("\t") > 1 for paragraph in paragraphs) > 2:
        report.unread.append(Unread(document.source.path, "表格没有框线，格子是按文字位置推断的，读出的内容不能保证逐格对应"))
        for builder in found:
            builder.indicators = [_under_own_level1(row) for row in builder.indicators]
    report.warnings.append("这段文字没有表格线，是按栏目名称切分读取的，请对照原文核对。")
    return found


def _under_own_level1(row: Indicator) -> Indicator:
    """An indicator under the level 1 that its type belongs to: without lines the name of a merged cell stands at the middle of its rows."""
    kind = canonical_level2(row.level2, row.level1)
    owners = {level1 for frame in FRAMES.values() for level1, kinds in frame.items() if kind in kinds}
    return row.model_copy(update={"level1": owners.pop()}) if len(owners) == 1 and canonical_level1(row.level1) not in owners else row


def _pieces(paragraph: Paragraph) -> Iterator[_Piece]:
    tokens = _tokens(paragraph.text)
    if any(len(token) > 60 and _glued(token) for token in tokens):
        # Blanks inside run-together words part nothing.
        yield from _cut(paragraph.text, paragraph.locator)
        return
    for token in tokens:
        kind = _kind(token, paragraph.locator)
        if kind == "text" and _glued(token):
            yield from _cut(token, paragraph.locator)
        else:
            yield _Piece(token, kind, True, paragraph.locator)


def _glued(token: str) -> bool:
    """Whether cells ran together in a token: it names a project or several levels. Prose that only mentions a label is not cut."""
    return len(token) > 12 and ("项目名称" in token or len(_LEVEL.findall(token)) >= 2 or _HEAD_RUN.search(token) is not None)


def _tokens(text: str) -> list[str]:
    """The words of a line: cells between bars (blank ones kept), parts between wide blanks, or words between blanks where there are many."""
    if re.search(r"[|│｜]", text):
        cells = [cell.strip() for cell in re.split(r"[|│｜]", text)]
        return cells[:-1] if len(cells) > 1 and not cells[-1] else cells
    if _kind(text.strip(), NOWHERE) != "text":
        return [text.strip()]
    parts = [part for part in re.split(r"\t+|[ \u3000\u00a0]{2,}|\u3000", text.strip()) if part]
    words = text.split()
    if len(parts) < 3 and len(words) >= 4 and sum(_kind(word, NOWHERE) != "text" for word in words) >= 2:
        return re.sub(r"\s+([（(](?:万元|元|盖章)[)）])", r"\1", text).split()
    return parts


def _kind(token: str, place: Locator) -> str:
    if not token:
        return "blank"
    if lexicon.only_money_unit(token):
        return "money"
    if len(token) <= 24 and token.rstrip("）)分0123456789（(").endswith("指标") and (canonical_level1(token) or canonical_level2(token)):
        return "level"
    if titles.heading(token, place) is not None:
        return "title"
    if lexicon.field(token) or lexicon.inline(token):
        return "label"
    return "column" if lexicon.column(token) else "text"


def _cut(token: str, place: Locator) -> Iterator[_Piece]:
    """Run-together words cut at their labels."""
    at = 0
    for match in _CUT.finditer(token):
        if between := re.sub(r"其中[:：]?$", "", token[at : match.start()].strip()):
            yield _Piece(between, "title" if titles.heading(between, place) else "text", False, place)
        at = match.end()
        if match["head"]:
            names = re.findall("|".join(map(re.escape, _COLUMN_NAMES)), match["head"].removeprefix("绩效指标"))
            yield from (_Piece(name, "column", False, place) for name in names)
        elif match["level"]:
            yield _Piece(match["level"], "level", False, place)
        else:
            yield _Piece(match["label"], "label", False, place)
    if rest := token[at:].strip():
        yield _Piece(rest, "text", False, place)


class _Reader:
    """The pieces in order: header fields, then columns, then levels with their indicators, table after table."""

    def __init__(self) -> None:
        self.builders: list[Builder] = []
        self.unread: list[Unread] = []
        self._builder: Builder | None = None
        self._columns: list[str] = []
        self._names: list[str] = []
        self._in_body = False
        # Labels without a value yet (预期目标 实际完成情况), the last one first to be served; names of amount columns.
        self._labels: list[_Piece] = []
        self._value: list[_Piece] = []
        self._amounts: list[str] = []
        self._use: _Piece | None = None
        self._chunk: list[_Piece] = []
        self._levels = ["", ""]

    def take(self, piece: _Piece) -> None:
        """The next piece."""
        if piece.kind == "title":
            self._flush()
            self._start()
            self._builder.title = titles.heading(piece.text, piece.place)  # type: ignore[union-attr]
        elif lexicon.column(piece.text) and (self._in_head or piece.kind == "column") and not (self._in_body and self._chunk and not self._head_again(piece)):
            self._column(piece)
        elif piece.kind == "level" or (piece.kind == "text" and self._names_type(piece)):
            self._level(piece)
        elif piece.kind == "label" and not (self._in_body and piece.firm and self._chunk and not self._ends_body(piece)):
            self._new_label(piece)
        elif piece.kind == "money":
            self._tables_unit(piece)
        elif self._in_body:
            self._chunk.append(piece)
        elif self._labels and piece.kind != "blank":
            self._value.append(piece)
        elif piece.kind == "text" and piece.firm and wording.is_organisation(piece.text) and wording.organisation(piece.text)[0]:
            (self._builder or self._start()).assign_unit(piece.text, piece.place)
        elif piece.kind == "text" and self._builder is not None and (year := wording.year_in(piece.text)) and len(piece.text) <= 12:
            self._builder.year = self._builder.year or year

    def end(self) -> None:
        """The text is over."""
        self._flush()

    def _tables_unit(self, piece: _Piece) -> None:
        self._flush()
        builder = self._builder or self._start()
        builder.money_unit = builder.money_unit or lexicon.money_unit(piece.text)

    @property
    def _in_head(self) -> bool:
        """Whether the columns are being named."""
        return self._in_body and not self._chunk and not self._levels[0] and bool(self._columns)

    def _start(self) -> Builder:
        self._builder = Builder()
        self.builders.append(self._builder)
        self._columns, self._names, self._amounts, self._in_body, self._levels = [], [], [], False, ["", ""]
        self._use = None
        return self._builder

    def _column(self, piece: _Piece) -> None:
        self._flush()
        role = lexicon.column(piece.text) or ""
        if role == "level1":
            self._columns, self._names = [], []
        self._in_body = True
        self._columns.append(role)
        self._names.append(piece.text)
        (self._builder or self._start()).words.add(lexicon.key(piece.text))

    def _names_type(self, piece: _Piece) -> bool:
        """Whether a cell right behind a level 1 stands where the head has level 2, and names one (服务对象满意度)."""
        waits = self._in_body and not self._chunk and bool(self._levels[0]) and not self._levels[1]
        return waits and piece.firm and "level2" in self._columns and canonical_level2(piece.text) is not None

    def _head_again(self, piece: _Piece) -> bool:
        return lexicon.column(piece.text) == "level1"

    def _ends_body(self, piece: _Piece) -> bool:
        """Whether a label among the indicators ends them; others (工作计划, 说明) may be an indicator's own words while its row is not full."""
        name = lexicon.field(piece.text) or ""
        if lexicon.inline(piece.text) or name in _ENDING or name.startswith(("project.", "unit.", "budget.")):
            return True
        size = sum(role not in ("level1", "level2") for role in self._columns)
        return size > 0 and len(self._chunk) % size == 0

    def _level(self, piece: _Piece) -> None:
        self._flush()
        self._in_body = True
        if self._builder is None:
            self._start()
        name = wording.one_line(piece.text)
        bare = fold(name).rstrip(")0123456789分(")
        second = canonical_level2(name) and ((self._levels[0] and bare not in _FIRST) or name.startswith(("服务对象", "社会公众")))
        again = canonical_level1(name) == "满意度指标" and canonical_level1(self._levels[0]) == "满意度指标" and not self._levels[1]
        if second or again or not canonical_level1(name):
            self._levels[1] = name
        else:
            self._levels = [name, ""]

    def _new_label(self, piece: _Piece) -> None:
        if self._value or self._chunk:
            self._flush()
        pair = lexicon.inline(piece.text) if piece.firm else None
        name = pair[0] if pair else lexicon.field(piece.text)
        again = name == "project.name" and self._builder is not None and self._builder.project_name is not None
        if self._builder is None or again or (self._builder.indicators and (name or "").startswith(("project.", "unit."))):
            self._start()
        self._in_body = False
        if lexicon.money_column(piece.text) and (self._amounts or (self._labels and lexicon.field(self._labels[-1].text) == "budget.total")):
            self._amounts.append(lexicon.money_column(piece.text) or "")
            return
        if self._builder is not None:
            self._builder.money_unit = self._builder.money_unit or lexicon.money_unit(piece.text)
        self._labels.append(piece)
        self._value = [_Piece(pair[2], "text", True, piece.place)] if pair and pair[2] else []

    # -- what was gathered ---------------------------------------------------------------------------------------------------------

    def _flush(self) -> None:
        waiting, self._labels = self._labels, []
        value, self._value = self._value, []
        chunk, self._chunk = self._chunk, []
        self._use = next((label for label in waiting if lexicon.field(label.text) == "purpose" and label is not waiting[-1]), self._use)
        if waiting and value and self._builder is not None:
            self._fields(self._builder, waiting, value)
        if any(piece.kind != "blank" for piece in chunk) and self._builder is not None:
            self._indicators(self._builder, chunk)

    def _fields(self, builder: Builder, waiting: list[_Piece], value: list[_Piece]) -> None:
        """Values behind one label, or behind several that stood side by side."""
        beside = [label for label in waiting if lexicon.field(label.text) in _BESIDE]
        if len(beside) > 1 and waiting[-1] is beside[-1]:
            if len(value) > 1 and all(piece.firm for piece in value) and len(beside) >= len(value):
                for label, piece in zip(beside[-len(value) :], value, strict=True):
                    self._field(builder, label, [piece])
                return
            if not value[0].firm and lexicon.field(beside[-2].text) != lexicon.field(beside[-1].text):
                names = "”“".join(label.text for label in beside)
                self.unread.append(Unread(str(value[0].place), f"“{names}”后面的文字连在一起，分不清各是哪一项：{value[0].text[:40]}"))
                return
        self._field(builder, waiting[-1], value, waiting[-2] if len(waiting) > 1 else None)

    def _field(self, builder: Builder, label: _Piece, value: list[_Piece], before: _Piece | None = None) -> None:
        """One field's value; ``before`` = the label that stood without one in front of its own."""
        pair = lexicon.inline(label.text) if label.firm else None
        name, words = (pair[0], pair[1]) if pair else (lexicon.field(label.text), label.text)
        if name == "extra:总分" and before is not None and (lexicon.field(before.text) or "").startswith("budget."):
            # 项目资金 | 合计 | 150.00
            name, words = lexicon.field(before.text), before.text
        if name is None or not value:
            return
        if name == "goals" and not value[0].firm and re.search("目标表", value[0].text):
            # 预算项目绩效目标 is the heading of the tables here, not a label.
            self.unread.append(Unread(str(label.place), f"“{value[0].text[:50]}”连在一起，没有单元格边界"))
            return
        if name == "plan":
            self._plan(builder, value)
            return
        if name.startswith("budget.") or name == "extra:结转资金":
            self._amount(builder, name, words, value, label.place)
        else:
            text = ("\n" if name.startswith(("goals", "purpose")) else " ").join(piece.text for piece in value)
            builder.assign(name, words, text, label.place)

    def _amount(self, builder: Builder, name: str, words: str, value: list[_Piece], place: Locator) -> None:
        """An amount; several where the columns of the money block name them; the use of funds where it follows without a label."""
        texts = [piece.text for piece in value]
        if self._use is not None and wording.amount(texts[-1]) is None and (texts[-1].startswith("用于") or (value[-1].firm and not texts[-1][:1].isdigit())):
            # In the Hebei form the use has no label of its own and stands behind 其他资金, blank or not.
            builder.assign("purpose", self._use.text, texts.pop(), value[-1].place)
        if len(texts) > 1 and len(texts) in (len(self._amounts), 3) and self._amounts[:1] == ["年初预算数"]:
            builder.assign(name, words, texts[0], place)
            for column, text in zip(self._amounts[1:], texts[1:], strict=False):
                builder.keep(f"{fold(words).removeprefix('其中').strip(':')}·{column}", text)
        elif len(texts) == 1 and (wording.amount(texts[0]) is not None or wording.no_amount(texts[0])):
            builder.assign(name, words, texts[0], place)
        elif texts:
            shown = " ".join(texts)
            why = f"后面有{len(texts)}段文字，分不清哪个是金额" if len(texts) > 1 else "后面的文字不是金额"
            self.unread.append(Unread(str(place), f"“{words}”{why}：{shown[:60]}"))

    def _plan(self, builder: Builder, value: list[_Piece]) -> None:
        """Nodes of the spending plan, then their percentages."""
        text = " ".join(piece.text for piece in value)
        nodes, percents = re.findall(r"\d{1,2}月底", text), re.findall(r"\d+(?:\.\d+)?\s*[%％]", text)
        if nodes and len(nodes) == len(percents):
            for by, percent in zip(nodes, percents, strict=True):
                builder.assign_node(by, percent, value[0].place)
        else:
            self.unread.append(Unread(str(value[0].place), f"资金支出计划“{text[:60]}”的节点和比例对不上"))

    def _indicators(self, builder: Builder, chunk: list[_Piece]) -> None:
        """The indicators between two level names."""
        if not all(piece.firm for piece in chunk):
            self._run_together(builder, chunk)
            return
        own = [(role, name) for role, name in zip(self._columns, self._names, strict=True) if role not in ("level1", "level2")]
        own = own or [("level3", "三级指标"), ("value", "指标值")]
        size = len(own)
        texts = [piece.text for piece in chunk]
        blanks = any(piece.kind == "blank" for piece in chunk)
        # Without blank cells the last columns may have been dropped where nothing was written in them.
        for width in (size,) if blanks else range(min(size, len(texts)), 1, -1):
            if len(texts) % width and not blanks:
                continue
            rows = [texts[i : i + width] for i in range(0, len(texts), width)]
            if all(self._sensible(own, row) for row in rows):
                for row in rows:
                    self._row(builder, own, row)
                return
        self._run_together(builder, [_Piece("  ".join(text for text in texts if text), "text", False, chunk[0].place)])

    def _sensible(self, own: list[tuple[str, str]], row: list[str]) -> bool:
        """Whether a row cut by count looks like one: words in its name, a target where the target belongs, numbers where weights do."""
        part = {role: text for (role, _), text in zip(own, row, strict=False)}
        name, value = part.get("level3", part.get("content", "")), part.get("value", "")
        if not name or not value or Target.parse(name).kind in ("quant", "range") or not re.search(r"[\u4e00-\u9fff]{2}", name):
            return False
        if any(text and not re.fullmatch(r"[\d.]+|[—/\-]+", text) for role, text in part.items() if role in ("extra:权重", "extra:得分")):
            return False
        # Columns that slipped: a sign or unit where the target belongs, a sign at the end of the name.
        sign = part.get("comparator")
        slipped = _ONLY_SIGN.fullmatch(value) or fold(value) in _FOLDED_UNITS or _ENDS_IN_SIGN.search(name)
        if slipped or (sign and not _ONLY_SIGN.fullmatch(sign) and not sign.startswith("定性")):
            return False
        return Target.parse(value).kind != "text" or len(value) <= 24

    def _row(self, builder: Builder, own: list[tuple[str, str]], row: list[str]) -> None:
        found: dict[str, str] = {}
        extra: dict[str, str] = {}
        for (role, name), text in zip(own, row, strict=False):
            if role in ("level3", "value", "comparator", "unit", "basis", "description") and role not in found:
                found[role] = text
            elif role in ("content", "standard"):
                found.setdefault("description" if "level3" in found else "level3", text)
            elif text:
                extra[role.removeprefix("extra:") if role.startswith("extra:") else name] = text
        value = found.get("value", "")
        sign, unit = found.get("comparator", ""), found.get("unit", "")
        if re.match(r"\d", value):
            value = (sign if not sign.startswith("定性") else "") + value
        if unit and re.fullmatch(r"[^\d]{0,2}[\d.,]+", value):
            value += unit
        self._add(builder, found.get("level3", ""), value, found.get("description"), found.get("basis"), extra)

    def _run_together(self, builder: Builder, chunk: list[_Piece]) -> None:
        """Names and targets found by sign and unit; everything else is reported."""
        text = "  ".join(piece.text for piece in chunk if piece.text)
        described = {"description", "standard", "content"} & set(self._columns)
        at = 0
        left: list[str] = []
        for match in _PAIR.finditer(text):
            before, behind = text[at : match.start()].strip(), text[match.end() : match.end() + 1]
            if before or behind.isdigit() or not re.search(r"[\u4e00-\u9fff]{2}", match["name"]):
                break
            name, description = match["name"].strip(" 　，,；;、：:"), None
            if described:
                # A name and its explanation run together: parted where the explanation says so or repeats the name, else uncertain.
                cut = re.fullmatch(r"(.{2,40}?)((?:反映|考核|用于衡量).{2,})", name) or re.fullmatch(r"(.{2,})(\1)", name)
                if cut is None:
                    break
                name, description = cut[1], cut[2]
            weight = (match["weight"] or "").strip()
            known = not self._columns or "extra:权重" in self._columns
            self._add(builder, name, match["value"].strip(), description, None, {"权重": weight} if weight and known else {})
            at = match.end()
        if rest := text[at:].strip(" 　，,；;、…"):
            left.append(rest)
        for rest in left:
            where = f"{self._levels[1] or self._levels[0]}后面的文字“{rest[:50]}{'…' if len(rest) > 50 else ''}”"
            self.unread.append(Unread(where, "没有单元格边界，分不清指标名称和指标值"))

    def _add(self, builder: Builder, name: str, value: str, description: str | None, basis: str | None, extra: dict[str, str]) -> None:
        builder.indicators.append(
            Indicator.model_construct(
                level1=self._levels[0],
                level2=self._levels[1],
                level3=wording.one_line(name),
                description=description or None,
                value=Target.parse(wording.one_line(value)),
                basis=basis or None,
                extra=extra,
            )
        )


_ENDING = frozenset(f"extra:{name}" for name in "总分 评价结论 存在问题 改进措施 审核意见 联系人 联系电话 填报日期 负责人 财务负责人 主管部门".split())
# Labels that stand side by side over their values.
_BESIDE = frozenset({"goals", "goals.long", "extra:实际完成情况"})
# Level-1 names that are no level-2 names of the frame of 2015.
_FIRST = frozenset({"产出指标", "效益指标", "效果指标", "满意度指标", "项目完成指标", "项目效益指标"})
