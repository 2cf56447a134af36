"""What is fuzzed: one function a target, taking bytes. It may end with an AssistantError (words for the user); anything else is a finding.

Each also asserts what must hold of the result, so that a wrong answer is found as well as a crash.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError
from fuzz.inputs import Taker, changed, text

HERE = Path(__file__).resolve().parent
SEED = HERE.parent / "corpus" / "tables" / "怀来县残疾人联合会-2025年部门预算绩效文本.txt"
NOW = "2026-03-01T09:00:00+08:00"


def values(data: bytes) -> None:
    """The grammar of 指标值 and amounts, Chinese numerals and document numbers. Written text is never lost; parsing twice is parsing once."""
    from assistant import chinese
    from assistant.table import Money
    from assistant.target import Target

    said = text(data)
    target = Target.parse(said)
    assert target.text == said.strip()
    assert Target.parse(target.text) == target
    assert target.kind in ("quant", "range") or target.number is None
    if target.base is not None:
        assert target.number is not None
    _ = target.measured_per, target.deadline
    folded = chinese.fold(said)
    # An accent alone becomes blank and accent, and the accent joins the letter before once the blank is gone: only then is twice more than once.
    assert chinese.fold(folded) == folded or not unicodedata.is_normalized("NFKC", folded)
    assert chinese.tidy(chinese.tidy(said)) == chinese.tidy(said)
    chinese.chinese_number(said)
    chinese.numbers_in(said)
    chinese.without_document_numbers(said)
    for number in chinese.document_numbers(said):
        assert number.short
    try:
        money = Money.parse(said)
    except AssistantError:
        return
    assert Money.parse(str(money)) == money
    assert money.to("元").yuan == money.yuan


def answers(data: bytes) -> None:
    """A model's answer: JSON found in anything, rows read into the proposal type, text cleaned for terminal and file."""
    from assistant.drafting import proposal
    from assistant.drafting.grounding import instructs, mentions
    from assistant.model import answers as door

    said = text(data)
    cleaned = door.clean(said)
    assert door.clean(cleaned) == cleaned
    assert not set(cleaned) & {"\x1b", "\u202e", "\ufeff"}
    cleaned.encode("utf-8")
    found = door.find(said, ("indicators", "goals"))
    json.dumps(found.value).encode("utf-8")
    door.rows(said, "indicators")
    offered = proposal.read(said, _embedded().table.indicators, "2015")
    for row in offered.rows:
        str(row)
    mentions(said)
    instructs(said)


def events(data: bytes) -> None:
    """A stream of server-sent events in pieces: joined or not, what arrives in the end says the same."""
    from assistant.model.events import Joiner

    take = Taker(data)
    stream, passed = b"", b""
    joiner = Joiner()
    while take.more:
        if take.number(3):
            delta = {"choices": [{"delta": {"content": text(take.piece(12)).encode("utf-8", "replace").decode()}}]}
            piece = b"data: " + json.dumps(delta).encode() + b"\n\n"
        else:
            piece = take.piece()
        stream += piece
        cut = take.number(len(piece) + 1)
        passed += joiner.feed(piece[:cut]) + joiner.feed(piece[cut:])
    passed += joiner.end()
    assert _said(passed) == _said(stream)


def requests(data: bytes) -> None:
    """What a person types: a request in one sentence, a turn of a conversation, a question, an option's value."""
    from assistant.answering import ask
    from assistant.chat import intents
    from assistant.drafting.facts import facts_of
    from assistant.drafting.request import projects_in, understand

    said = text(data).encode("utf-8", "replace").decode("utf-8")
    for drafting in (False, True):
        intents.recognise(said, has_draft=drafting)
    # A whole answer takes tens of milliseconds, everything else here less than one: every eighth is asked.
    with contextlib.suppress(AssistantError):
        if sum(data) % 8 == 0:
            json.dumps(ask(said, _corpus(), None).to_json(), ensure_ascii=False).encode("utf-8")
    projects_in(said)
    for options in ({"sentence": said}, {"budget": said}, {"known": [said]}, {"year": said}):
        try:
            request = understand(**{"name": "培训", "this_year": 2026, **options})  # type: ignore[arg-type]
        except AssistantError:
            continue
        facts_of(request)
        request.model_dump_json()


def drafts(data: bytes) -> None:
    """A draft file someone edited: read or refused in words; what was read can be listed, verified, decided on, exported and saved."""
    from assistant import export
    from assistant.review import files, history, signing, standing, summary

    take = Taker(data)
    if take.number(8) == 0:
        raw = take.rest()
    else:
        raw = json.dumps(changed(json.loads(_draft_text()), take), ensure_ascii=False).encode("utf-8", "surrogatepass")
    signing.verify(raw, now=NOW)
    try:
        draft = files.parsed(raw, Path("a.json"))
    except AssistantError:
        return
    again = files.parsed(draft.to_json().encode("utf-8", "surrogatepass"), Path("a.json"))
    assert again == draft
    history.untouched(draft)
    standing.with_status(draft)
    view = standing.Standing(draft)
    _ = view.cells, view.undecided, view.clean_cells, view.table_findings
    json.dumps(summary.summary(draft), ensure_ascii=False)
    export.render([draft.table], to="md")


def decisions(data: bytes) -> None:
    """A file of decisions on a draft: applied or refused in words; the draft stays one that verifies."""
    from assistant.draft import Draft
    from assistant.review import batch, history, signing

    take = Taker(data)
    draft: Draft = _embedded()
    raw = changed(json.loads(DECISIONS), take)
    try:
        person, items = batch.decisions_in(json.dumps(raw))
        after = batch.apply(draft, items, _hand())
    except AssistantError:
        return
    assert person is None or isinstance(person, str)
    result = signing.verify(history.spelled(history.as_json(after)).encode("utf-8", "surrogatepass"), now=NOW)
    assert not list(history.chain_problems(history.as_json(after))), result


def records(data: bytes) -> None:
    """Small files of the workspace and of people: settings, waivers, baselines, prompts, cases, projects, sessions, answers, dialects."""
    from assistant import library, prompts, refusals, settings
    from assistant.chat.session import Sessions
    from assistant.drafting import known
    from assistant.evaluation import cases
    from assistant.extraction.projects import read_list
    from assistant.model.dialect import Dialect
    from assistant.validation import setaside

    take = Taker(data)
    kind = take.number(9)
    if kind < 4 or take.number(3):
        raw = take.rest()
    else:
        raw = json.dumps(changed(json.loads(RECORDS[kind % len(RECORDS)]), take), ensure_ascii=False).encode("utf-8", "surrogatepass")
    place = _kept("record", raw)
    said = raw.decode("utf-8", "replace")
    tries: list[Callable[[], Any]] = [
        lambda: settings._checked(_folder(), settings._from_file(place)),
        lambda: setaside.load_waivers(place),
        lambda: prompts.parse(said),
        lambda: library.read_csv(place),
        lambda: setaside.load_baseline(place),
        lambda: cases.load_cases(place),
        lambda: read_list(_kept("a.json" if raw[:1] in (b"{", b"[") else "a.csv", raw)),
        lambda: known._entries(place),
        lambda: Dialect.from_json(said),
    ]
    with contextlib.suppress(AssistantError):
        tries[kind]()
    if kind in (7, 8):
        refusals._records(place)
        sessions = _folder() / "sessions"
        sessions.mkdir(exist_ok=True)
        (sessions / "a.json").write_bytes(raw)
        Sessions(sessions).all()


def texts(data: bytes) -> None:
    """A document in text form (plain, Markdown, CSV, TSV, web page) read, understood and checked."""
    take = Taker(data)
    suffix = ("txt", "md", "csv", "tsv", "html", "mht", "xml")[take.number(7)]
    kind = take.number(4)
    raw = take.rest()
    if kind == 1:
        raw = text(b"\xff" + raw).encode("utf-8", "replace")
    elif kind == 2:
        lines = _seed_lines()
        raw = "\n".join(lines[byte % len(lines)] for byte in raw).encode()
    elif kind == 3:
        raw = text(raw).encode("gb18030", "replace")
    if suffix == "xml":
        # Any other XML goes to LibreOffice, which is not fuzzed here.
        raw = (
            b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table><Row><Cell><Data>'
            + raw
            + b"</Data></Cell></Row></Table></Worksheet></Workbook>"
        )
    _understood(f"a.{suffix}", raw)


def containers(data: bytes) -> None:
    """A Word, Excel, PDF, RTF, old Excel or zip file with bytes changed, or with one part changed inside a whole container."""
    take = Taker(data)
    names = sorted(_files())
    name = names[take.number(len(names))]
    raw = _files()[name]
    if name.endswith(("docx", "xlsx", "zip")) and take.number(4):
        parts = _parts(name)
        part = sorted(parts)[take.number(len(parts))]
        raw = _zipped({**parts, part: _bitten(parts[part], take)})
    else:
        raw = _bitten(raw, take)
    _understood(name, raw)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "values": values, "answers": answers, "events": events, "requests": requests, "drafts": drafts,
    "decisions": decisions, "records": records, "texts": texts, "containers": containers,
}  # fmt: skip

DECISIONS = json.dumps(
    {
        "person": "张三",
        "decisions": [
            {"cell": "indicators[0].value", "action": "edit", "to": "≥50人", "reason": "核实"},
            {"cell": "indicators[1]", "action": "reject", "reason": "不适用"},
            {"cell": "goals[0]", "action": "accept"},
            {"cell": "indicators[2]", "action": "insert", "row": {"level1": "产出指标", "level2": "数量指标", "level3": "培训人数", "value": "≥5人"}},
        ],
    }
)
RECORDS = (
    '{"findings":[{"code":"GT101","name":"x","severity":"error","outcome":"failed","message":"m","cell":"indicators[0].value"}],"version":1,"known":{"a":1}}',
    '{"projects":[{"name":"培训","year":2026,"budget":"480","known":{"人数":"50人"},"request":"残保金2026年预算480万"}]}',
    '{"id":"a","started":"2026-01-01T00:00:00","turns":[{"at":"2026-01-01T00:00:00","said":"你好","answered":"您好","kind":"talk"}],"draft":null,"title":"x"}',
    '{"entries":[{"unit":"甲","name":"培训","year":2026,"cell":"budget.total","question":"多少","answer":"480","at":null}]}',
)
SEEDS: dict[str, list[str]] = {
    "values": [
        "≥46人",
        "10-20人",
        "±5%",
        "2026年12月底前",
        "1,500元/人·月",
        "全年",
        "90%以上",
        "495万",
        "1.2亿",
        "冀财社〔2024〕163号",
        "二百三十五",
        "不超过3个工作日",
    ],
    "answers": [
        '```json\n{"goals":["甲"],"indicators":[{"number":1,"level2":"数量指标","level3":"人数","description":"d","value":"≥46人","basis":"计划"}]}\n```',
        "<think>想</think>{“goals”：[“甲”]}",
        "| 指标 | 值 |\n| --- | --- |\n| 人数 | ≥46人 |",
    ],
    "events": ["abc", "data: [DONE]\n\n"],
    "requests": ["残保金2026年预算495万，培训55人每人1600元", "培训人数=50人", "残保金今年预算比去年多多少", "把第一行改成60人", "检查一下"],
    "drafts": ["", "abcdefgh"],
    "decisions": ["", "abcdefgh"],
    "records": ['unit = "甲"', '[[waiver]]\ncode = "GT101"\nreason = "r"', '{"a":1}', "---\nname\n---"],
    "texts": ["项目名称\t残保金\n", "<table><tr><td>项目名称</td></tr></table>"],
    "containers": ["", "abcdefgh"],
}


def _said(stream: bytes) -> tuple[str, list[bytes]]:
    """What a stream of events says: the content pieces together, and the other events in order."""
    content, others = [], []
    for event in stream.replace(b"\r\n", b"\n").split(b"\n\n"):
        # Of three line ends the last is an empty line before the next event, and says nothing.
        event = event.lstrip(b"\n")
        try:
            content.append(json.loads(event[5:])["choices"][0]["delta"]["content"] if event.startswith(b"data:") else "")
            if not isinstance(content[-1], str):
                raise TypeError
        except (ValueError, KeyError, IndexError, TypeError, RecursionError):
            others.append(event)
            content.append("")
    return "".join(content), [event for event in others if event.strip()]


def _understood(name: str, raw: bytes) -> None:
    from assistant.documents.readers import Member, read
    from assistant.extraction import extract
    from assistant.validation import validate

    try:
        found = extract(read(Member(name, raw)))
    except AssistantError:
        return
    json.dumps(found.to_json(), ensure_ascii=False).encode("utf-8")
    if found.tables:
        validate(found.tables, department=found.department)


def _bitten(raw: bytes, take: Taker) -> bytes:
    bytes_ = bytearray(raw)
    for _ in range(1 + take.number(5)):
        at = take.number(max(1, len(bytes_)))
        act = take.number(4)
        if act == 0:
            bytes_[at : at + 1 + take.number(30)] = b""
        elif act == 1:
            bytes_[at:at] = take.piece(20)
        elif act == 2:
            end = at + take.number(200)
            bytes_[at:at] = bytes_[at:end]
        else:
            taken = take.piece(8)
            bytes_[at : at + len(taken)] = taken
    return bytes(bytes_)


@lru_cache(1)
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))


@lru_cache(1)
def _corpus() -> Any:
    from assistant.corpus import Corpus

    return Corpus.open(_folder() / "home", notify=lambda words: None)


def _kept(name: str, raw: bytes) -> Path:
    place = _folder() / name
    place.write_bytes(raw)
    return place


@lru_cache(1)
def _seed_lines() -> list[str]:
    return SEED.read_text(encoding="utf-8").splitlines()[:400]


@lru_cache(1)
def _draft_text() -> str:
    return (HERE / "draft.json").read_text(encoding="utf-8")


@lru_cache(1)
def _embedded() -> Any:
    from assistant.review import files

    return files.parsed(_draft_text().encode(), Path("draft.json"))


@lru_cache(1)
def _hand() -> Any:
    from assistant.review.history import Hand

    return Hand("张三", NOW)


@lru_cache(1)
def _files() -> dict[str, bytes]:
    """One small whole file of each kind, made by the program itself."""
    from assistant import export

    table = _embedded().table
    made = {f"a.{to}": export.render([table], to=to) for to in ("docx", "xlsx", "html")}
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R"
    pdf += b"/MediaBox[0 0 300 300]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>endobj\n4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    pdf += b"5 0 obj<</Length 76>>stream\nBT /F 12 Tf 20 200 Td (goal 46) Tj ET 10 10 m 200 10 l S 10 10 m 10 90 l S 9 9 80 80 re S\nendstream endobj\n"
    made["a.pdf"] = pdf + b"trailer<</Root 1 0 R>>\n%%EOF"
    made["a.zip"] = _zipped({"a.txt": SEED.read_bytes()[:3000], "b.docx": made["a.docx"]})
    return made


@lru_cache(8)
def _parts(name: str) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(_files()[name])) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def _zipped(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()
