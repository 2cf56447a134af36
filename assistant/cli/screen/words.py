"""The screen's fixed words: keys, help, the bars."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text

from assistant.chinese import wrap
from assistant.cli.screen.page import MARK_WORDS, MARKS

# Key shown, word, action: in the order of importance, for as many as the width holds.
KEYS: tuple[tuple[str, str, str], ...] = (
    ("a", "采纳", "accept"),
    ("e", "修改", "edit"),
    ("r", "不采纳", "refuse"),
    ("空格", "整行", "accept_group"),
    ("A", "未变全采", "accept_clean"),
    ("n", "下一个", "forward"),
    ("u", "撤销", "undo"),
    ("s", "签字", "sign"),
    ("?", "帮助", "help"),
    ("q", "退出", "leave"),
)
ALWAYS = ("help", "leave")
MORE_KEYS: tuple[tuple[str, str], ...] = (
    ("a 或 回车", "采纳这一格，到下一个未定的格"),
    ("空格", "采纳这一行（或支出计划、预算、表头）中可采纳的各格"),
    ("A", "采纳全部“与上年相同且无问题”的格"),
    ("e 或 F2", "修改；改有来源的内容要写原因"),
    ("f", "按检查建议修改"),
    ("r 或 Delete", "不采纳：改回上年、留作待核实或删除整行，要写原因"),
    ("i", "在这一行之后增加一行"),
    ("Ctrl+↑ Ctrl+↓", "把这一行上移、下移（也可按 < >）"),
    ("n 或 F4 / b", "下一个 / 上一个未定的格"),
    ("方向键", "移动；鼠标单击选格，双击修改"),
    ("u 或 Ctrl+Z", "撤销上一个决定"),
    ("/ 与 F3", "查找，继续查找"),
    ("p", "全部问题：回车跳到该格，w 豁免"),
    ("h", "本表的审核记录"),
    ("[ ]  g", "上一张、下一张表；表的清单"),
    ("s", "签字（编制人 → 科室负责人 → 单位负责人）；多张表可一起签"),
    ("R", "退回，写明原因"),
    ("PgUp PgDn", "翻看右侧说明"),
    ("t", "纸色 / 墨色"),
    ("F5", "重新载入；别人退出后接手审核"),
    ("q", "退出；每一步都已自动保存，下次回到同一格"),
)
# What an input method in Chinese mode sends instead of the key.
TYPED: dict[str, str] = {"、": "find", "／": "find", "？": "help", "【": "turn(-1)", "】": "turn(1)"}


def keys_bar(width: int) -> Text:
    """The line of keys that fits a width, each clickable."""
    chosen = list(KEYS)
    while sum(cell_len(f"{key} {word}") + 2 for key, word, _ in chosen) - 2 > width:
        chosen.remove(next(each for each in reversed(chosen) if each[2] not in ALWAYS))
    text = Text(no_wrap=True)
    for i, (key, word, action) in enumerate(chosen):
        if i:
            text.append("  ")
        start = len(text)
        text.append(key, style="bold")
        text.append(f" {word}")
        text.apply_meta({"@click": f"app.{action}"}, start)
    return text


def help_text(width: int) -> Text:
    """All keys and marks."""
    text = Text()
    for key, words in MORE_KEYS:
        lines = wrap(words, max(width - 15, 20))
        text.append(key + " " * (14 - cell_len(key)), style="bold")
        text.append(lines[0] + "\n")
        for line in lines[1:]:
            text.append(" " * 14 + line + "\n")
    text.append("\n标记  ", style="bold")
    text.append("  ".join(f"{MARKS[name]} {words}" for name, words in MARK_WORDS.items()))
    text.append("\n\n输入法在中文状态时，回车、空格、F1–F5、Delete 和方向键同样可用。")
    return text


def top_bar(name: str, place: tuple[int, int], progress: tuple[int, int], waiting: int, right: str, width: int) -> Text:
    """Name, which of how many tables, progress in words and as a bar, at the right who and when saved."""
    done, total = progress
    cells = 10 if width >= 96 else 0
    filled = cells if not total else done * cells // total
    bar = f" {'█' * filled}{'░' * (cells - filled)}" if cells else ""
    middle = f"  第{place[0]}/{place[1]}张" if place[1] > 1 else ""
    middle += f"  已定 {done} 待定 {total - done}{bar}" + (f"  待核实 {waiting}" if waiting else "")
    room = width - cell_len(middle) - cell_len(right) - 1
    while name and cell_len(name) > room:
        name = name[:-2] + "…" if len(name) > 2 else ""
    gap = max(width - cell_len(name) - cell_len(middle) - cell_len(right), 1)
    return Text(name + middle + " " * gap + right, no_wrap=True)
