"""The documentation says what the program does: generated parts are fresh, links lead somewhere, named commands and modules exist."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

from assistant.cli.app import app

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "prompts").glob("README.md"), *(ROOT / "corpus").rglob("README.md")])
HAND_WRITTEN = [page for page in PAGES if page.name not in ("commands.md", "rules.md", "CHANGELOG.md")]
REFRESH = "is not what the program says today; refresh it with: python docs/make.py"


@pytest.fixture(scope="module")
def make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_make", ROOT / "docs" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def commands(make: ModuleType) -> set[tuple[str, ...]]:
    from typer.main import get_command

    return {tuple(path) for path in make.command_paths(get_command(app), [])}


def test_the_command_reference_is_fresh(make: ModuleType) -> None:
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == make.command_reference(), f"docs/commands.md {REFRESH}"


def test_the_rule_catalogue_is_fresh(make: ModuleType) -> None:
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == make.rule_catalogue(), f"docs/rules.md {REFRESH}"


@pytest.mark.slow  # each transcript is a run of the program in a workspace of its own
@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_transcripts_are_fresh(make: ModuleType, name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert make.with_transcripts(make.with_counts(text)) == text, f"{name} {REFRESH}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, heading = unquote(target).partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name}: {target} leads nowhere"
        if heading:
            headings = {anchor(line.lstrip("# ")) for line in there.read_text(encoding="utf-8").splitlines() if line.startswith("#")}
            assert heading in headings, f"{page.name}: {there.name} has no heading #{heading}"


def anchor(heading: str) -> str:
    """The name a heading gets on the usual hosts: lower case, blanks to hyphens, punctuation dropped."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_commands_and_options_exist(page: Path, make: ModuleType, commands: set[tuple[str, ...]]) -> None:
    for line in re.findall(r"(?:^|[`$(])\s*assistant ([^`\n]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
        written = line.split("#")[0].split("  ")[0].strip()
        words = written.split()
        if words[0] == "…" or words[0].startswith("--"):
            continue
        path = next((tuple(words[:n]) for n in (2, 1) if tuple(words[:n]) in commands), None)
        assert path is not None, f"{page.name}: there is no command “assistant {written}”"
        known = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", make.help_text(list(path))))
        # What stands in quotes or after another command's bar is no option of this one.
        bare = re.sub(r"[\"“].*?[\"”]", "", written).split("|")[0]
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", bare):
            assert option in known, f"{page.name}: “assistant {' '.join(path)}” has no option {option}"


def test_the_architecture_page_names_every_layer_and_room() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    drawn = page.split("```text\n")[1].split("```")[0].splitlines()
    assert [line.split("  ")[0].strip() for line in drawn if line.strip()] == layers, "the layers in docs/architecture.md differ from pyproject.toml"
    rooms = {path.stem for path in (ROOT / "assistant").iterdir() if not path.name.startswith("_")}
    missing = {room for room in rooms if f"**{room}**" not in page}
    assert not missing, f"docs/architecture.md says nothing about {sorted(missing)}"


def test_help_is_in_chinese_and_aligned(make: ModuleType, commands: set[tuple[str, ...]]) -> None:
    for path in commands:
        text = make.help_text(list(path))
        assert not re.search(r"\[required\]|default:|<(int|str|path|float)|x<=|x>=|Usage|Options:", text), text
        assert all(sum(2 if ord(character) > 0x2E7F else 1 for character in line) <= 82 for line in text.splitlines()), text


def test_the_troubleshooting_page_quotes_what_the_program_says() -> None:
    page = (ROOT / "docs" / "troubleshooting.zh-CN.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "assistant").rglob("*.py")))
    rows = [row for row in re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", page, re.MULTILINE) if row[0] not in ("错误里有", "---")]
    assert len(rows) > 50
    for said, cause in rows:
        if cause.startswith(("不是错误", "程序的缺陷")):
            continue
        for phrase in said.split("、"):
            parts = [part for part in re.split("“?…”?|[“”]", phrase) if part.strip()]
            assert parts, phrase
            assert all(part.strip() in code for part in parts), f"the program says no “{phrase}”"


# Maps whose keys are what somebody wrote.
FREE = {"known", "stated", "extra", "also", "origins", "answers"}


def keys_of(data: object) -> set[str]:
    """Every key anywhere in some JSON, but those of free maps."""
    if isinstance(data, dict):
        return set(data) | {key for name, inner in data.items() if name not in FREE for key in keys_of(inner)}
    return {key for inner in data for key in keys_of(inner)} if isinstance(data, list) else set()


def test_the_page_of_formats_names_every_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    (tmp_path / "项目.csv").write_text("项目名称,预算数,资金用途\n残疾人就业保障金,495,用于残疾人培训。\n", encoding="utf-8")
    seed = str(next((ROOT / "corpus" / "tables").glob("*.txt")))
    asked = [["read", seed], ["ask", "残保金培训多少人"], ["draft", "残保金2026年预算495万，培训55人每人1600元", "--no-input"], ["validate", seed]]
    found = [json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout) for words in asked]
    CliRunner().invoke(app, ["draft", "--projects", "项目.csv", "--year", "2026", "-o", "年"])
    CliRunner().invoke(app, ["department", "年", "-o", "部门"])
    found += [json.loads(path.read_text(encoding="utf-8")) for path in [*tmp_path.glob("年/2026*.json"), *tmp_path.glob("部门/*.json")]]
    assert [one["kind"] for one in found[4:]] == ["draft", "department"]
    page = (ROOT / "docs" / "data-formats.md").read_text(encoding="utf-8")
    named = set(re.findall(r"[A-Za-z_]\w*", page))
    assert not {key for one in found for key in keys_of(one)} - named
