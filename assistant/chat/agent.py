"""The conversation with a model: a LangChain agent that uses the same desk as tools. The model chooses and phrases; our code acts and checks.

Every tool is an act of the embedded ``Conversation``, so that edits stand on record and answers are computed from the records. What
the model says at the end is checked sentence by sentence: a number or document number that stands neither in the person's words nor
in a tool's result takes its sentence out, and that is said. Files are written only after a yes. Whatever goes wrong with the model, the
embedded conversation answers instead, with a note.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from assistant import prompts
from assistant.chat import edits, telling
from assistant.chat.conversation import Conversation, Reply
from assistant.chat.intents import Intent
from assistant.chat.session import Cited, Pending
from assistant.chinese import CHINESE_NUMERAL, chinese_number, document_numbers, numbers_in
from assistant.errors import AssistantError, ModelError
from assistant.model import Call, Message, Usage
from assistant.model.answers import clean, without_thoughts

if TYPE_CHECKING:
    from assistant.model import Reply as ModelReply
    from assistant.model.endpoints import Endpoint

OnText = Callable[[str], None]
Record = Callable[[Call, "ModelReply | ModelError"], None]

# Kinds of turn that changed something or wait for a yes.
_DONE = frozenset({"edit", "export", "draft", "confirm"})
# Model calls in one turn; a question needs two, a draft with edits about five.
_MOST_CALLS = 8
_TURNS_SHOWN = 6
_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]?")
# Numbers up to ten that count lines or steps of the answer itself are no claims.
_SMALL = 10


class Agent:
    """A conversation in progress whose turns a model takes first. ``record`` is told every turn's call for the log."""

    def __init__(self, talk: Conversation, endpoint: Endpoint, *, record: Record | None = None) -> None:
        self.talk = talk
        self.endpoint = endpoint
        self.usage = Usage()
        self._record = record
        self._seen: list[str] = []
        self._citations: list[Cited] = []
        self._acts: list[str] = []

    def handle(self, text: str, on_text: OnText | None = None) -> Reply:
        """One turn: slash commands and what waits for an answer are ours; the rest is the model's, or ours when it fails."""
        waiting = self.talk.session.pending is not None
        if text.lstrip().startswith(("/", "／")) or not text.strip() or waiting:
            return self._own(text)
        return self.talk.handle(text, by=lambda words: self._by_model(words, on_text))

    def _own(self, text: str) -> Reply:
        words = text.strip().lstrip("/／")
        if words in ("model", "cost"):
            return self.talk.handle(text, by=lambda _: Reply(self._model_line(), kind="help"))
        return self.talk.handle(text)

    def _model_line(self) -> str:
        used = f"本次对话用了{self.usage.total}词元" if self.usage.total else "本次对话还没有调用模型"
        price = self.endpoint.price
        cost = f"，约{price.of(self.usage):.4f}{price.currency}" if price is not None and self.usage.total else ""
        return f"模型 {self.endpoint.model}（{self.endpoint.host}）。{used}{cost}。"

    def _by_model(self, words: str, on_text: OnText | None) -> Reply:
        self._seen, self._citations, self._acts = [], [], []
        call = self._call(words)
        try:
            said, usage = asyncio.run(self._run(call, on_text))
        except AssistantError as error:
            failure = error if isinstance(error, ModelError) else ModelError(error.message, error.hint)
            self._tell(call, failure)
            return self._without_model(words, failure.message)
        self.usage = self.usage + usage
        self._tell(call, said, usage)
        if not said.strip():
            return self._without_model(words, "模型没有给出回答。")
        text, dropped = self.grounded(said, words)
        if dropped:
            text += f"\n\n（有{dropped}句因数字没有出处而略去。）"
        if not text.strip():
            return self._without_model(words, "模型的回答没有一句核对得上。")
        waiting = self.talk.session.pending
        if waiting is not None and waiting.kind == "confirm":
            text += "\n\n要这样做吗？（是/否）"
        return Reply(text.strip(), kind=self._acts[-1] if self._acts else "answer", citations=tuple(dict.fromkeys(self._citations)))

    def _without_model(self, words: str, why: str) -> Reply:
        if _DONE & set(self._acts):
            # Something was already done by a tool: do not do it twice; say what was done.
            return Reply(f"{why}已经做完的：\n" + "\n".join(self._seen), kind=self._acts[-1], citations=tuple(self._citations))
        reply = self.talk.embedded(words)
        reply.text = f"（{why}以下由本机回答。）\n\n{reply.text}"
        return reply

    # ---- the model's side ---------------------------------------------------------------------------------------------------------

    def _call(self, words: str) -> Call:
        prompt = prompts.load("chat")
        messages = [Message("system", prompt.system)]
        for turn in self.talk.session.turns[-_TURNS_SHOWN:]:
            messages += [Message("user", turn.user), Message("assistant", turn.reply[:600] or "（无）")]
        messages.append(Message("user", prompt.fill(此刻=self._now(), 话=words)))
        return Call(tuple(messages), prompt=prompt.label, purpose=f"对话：{words[:40]}")

    def _now(self) -> str:
        file = self.talk.file
        state = f"今年是{self.talk.desk.this_year}年。"
        if file is None:
            return state + "手上没有草稿。"
        return f"{state}手上的草稿：\n{prompts.fenced('草稿', telling.table_in_short(file.draft.table))}"

    async def _run(self, call: Call, on_text: OnText | None) -> tuple[str, Usage]:
        from langchain.agents import create_agent
        from langchain.agents.middleware import ModelCallLimitMiddleware

        from assistant.model import faults
        from assistant.model.live import chat_model

        chat, client = chat_model(self.endpoint)
        limit = ModelCallLimitMiddleware(run_limit=_MOST_CALLS, exit_behavior="end")
        agent = create_agent(chat, self._tools(), system_prompt=call.messages[0].text, middleware=[limit])
        history = [{"role": message.role, "content": message.text} for message in call.messages[1:]]
        try:
            async with asyncio.timeout(self.endpoint.timeout * 2):
                return await _streamed(agent, history, on_text)
        except AssistantError:
            raise
        except TimeoutError:
            raise faults.timed_out(self.endpoint).error() from None
        except Exception as error:
            raise faults.of(error, self.endpoint).error() from None
        finally:
            await client.aclose()

    def _tools(self) -> list[Any]:
        """The desk's acts as tools. Their docstrings are what the model reads. Coroutines, so that they run in this thread: the records
        belong to it.
        """
        return [*self._looking(), *self._changing()]

    def _looking(self) -> list[Any]:
        """The tools that change nothing; a file that the person names is read only after a yes."""

        async def ask(question: str) -> str:
            """在往年的绩效目标表、政策、指标库中查找或计算，回答一个问题。question 是完整的一句问话。"""
            return self._do(Intent("ask", {"question": question}))

        async def check() -> str:
            """检查草稿，列出问题。"""
            return self._do(Intent("check"))

        async def explain(code_or_number: str) -> str:
            """解释一个检查问题（序号）或一条规则（代码）。"""
            digits = code_or_number.strip()
            return self._do(Intent("explain", {"number": digits} if digits.isdigit() else {"code": digits.upper()}))

        async def diff() -> str:
            """草稿与上年的表相比改了什么。"""
            return self._do(Intent("diff"))

        async def sources(what: str) -> str:
            """草稿某一行或某一格的数从哪里来。"""
            return self._do(Intent("sources", {"what": what}))

        async def show() -> str:
            """显示手上的草稿。"""
            return self._do(Intent("show"))

        async def read(path: str) -> str:
            """读一个文件（Word、Excel、PDF、文本），看里面有哪些目标表。path 是同事说的文件路径。"""
            return self._confirm("read", {"path": path}, f"读取文件 {path}（内容会随对话发给模型）")

        return [ask, check, explain, diff, sources, show, read]

    def _changing(self) -> list[Any]:
        """The tools that change the draft (on record, taken back by undo) or write files (after a yes)."""

        async def draft(request: str) -> str:
            """起草一张新的绩效目标表。request 是一句话，含项目名称、年度、预算金额、用途和已知的数量、标准。"""
            return self._confirm("draft", {"sentence": request}, f"起草：{request}")

        async def edit(what: str, to: str) -> str:
            """修改草稿的一格。what 是行号（第3行）、指标名称、预算、用途或目标，可带“的依据”“的描述”；to 是新的内容。"""
            part = next((word for word in ("依据", "描述") if what.endswith(word)), "")
            return self._do(Intent("edit", {"what": what.removesuffix(part).rstrip("的"), "part": part, "to": to}))

        async def add_indicator(kind: str, name_and_value: str = "") -> str:
            """给草稿加一个指标。kind 是 数量、质量、时效、成本、经济效益、社会效益、生态效益、可持续影响、满意度 之一；
            name_and_value 如“培训出勤率≥95%”，没说就留空，由指标库推荐。
            """
            return self._do(Intent("add", {"level": kind.removesuffix("指标"), "rest": name_and_value}))

        async def delete_row(what: str) -> str:
            """从草稿删去一行。what 是行号或指标名称。"""
            return self._do(Intent("delete", {"what": what}))

        async def move_row(what: str, to: str) -> str:
            """把草稿的一行移到别处。what 是行号或指标名称；to 如“第1行”“最前面”“最后”“某指标后面”。"""
            wish = edits.move(f"把{what}移到{to}")
            return self._do(wish) if wish is not None else f"没看出“{to}”是哪里，没有移动。请写行号，例如 第1行。"

        async def undo() -> str:
            """撤销对草稿的上一步修改。"""
            return self._do(Intent("undo"))

        async def export(format: str = "docx") -> str:
            """把草稿导出成文件。format 是 docx、xlsx、pdf、md、html、json 之一。"""
            return self._confirm("export", {"to": format, "sure": "1"}, f"导出 {format} 文件")

        return [draft, edit, add_indicator, delete_row, move_row, undo, export]

    def _do(self, wish: Intent) -> str:
        """Carry a wish out; a person's kind of error becomes the tool's answer in words."""
        try:
            reply = self.talk.act(wish)
        except AssistantError as error:
            reply = Reply(f"没有做成：{error.message}{error.hint}", kind="error")
        self._acts.append(reply.kind)
        self._seen.append(reply.text)
        self._citations.extend(reply.citations)
        return prompts.fenced("工具结果", reply.text)

    def _confirm(self, kind: str, parts: dict[str, str], what: str) -> str:
        """Writing a file waits for the person's yes."""
        self.talk.session = self.talk.session.model_copy(update={"pending": Pending(kind="confirm", action={"kind": kind, "parts": parts})})
        self._acts.append("confirm")
        self._seen.append(f"{what}，等待确认")
        return f"已记下（{what}），要等同事回答“是”才会做。请请他确认，不要再调用工具。"

    # ---- checking -----------------------------------------------------------------------------------------------------------------

    def grounded(self, said: str, words: str) -> tuple[str, int]:
        """What the model said without the sentences that state a number or document number from nowhere, and how many those were."""
        turns = self.talk.session.turns[-_TURNS_SHOWN:]
        known = "\n".join([words, self._now(), *self._seen, *(turn.user for turn in turns), *(turn.reply for turn in turns)])
        figures = set(numbers_in(known)) | {chinese_number(numeral) for numeral in CHINESE_NUMERAL.findall(known)}
        numbers = {(number.year, number.number) for number in document_numbers(known)}
        kept, dropped = [], 0
        for sentence in _SENTENCE.findall(said):
            strange = [each for each in numbers_in(sentence) if each not in figures and each > _SMALL]
            strange_documents = [each for each in document_numbers(sentence) if (each.year, each.number) not in numbers]
            if sentence.strip() and (strange or strange_documents):
                dropped += 1
            else:
                kept.append(sentence)
        return "".join(kept), dropped

    def _tell(self, call: Call, outcome: str | ModelError, usage: Usage | None = None) -> None:
        if self._record is None:
            return
        from assistant.model import Reply as ModelReply

        price = self.endpoint.price
        if isinstance(outcome, ModelError):
            self._record(call, outcome)
            return
        spent = usage or Usage()
        cost = price.of(spent) if price is not None else None
        self._record(call, ModelReply(outcome, usage=spent, model=self.endpoint.model, cost=cost, currency=price.currency if price else "元"))


async def _streamed(agent: Any, history: list[dict[str, str]], on_text: OnText | None) -> tuple[str, Usage]:
    """The agent's last words and the tokens of all its calls; text is handed on as it comes.

    ModelError when a tool call came broken: the agent would end silently with an empty answer.
    """
    said, usage, final = "", Usage(), None
    async for mode, item in agent.astream({"messages": history}, stream_mode=["messages", "values"]):
        if mode == "values":
            final = item
            continue
        chunk, _ = item
        if type(chunk).__name__ == "AIMessageChunk" and isinstance(chunk.content, str) and chunk.content and on_text is not None:
            said += chunk.content
            on_text(clean(without_thoughts(said)))
    messages = final["messages"][len(history) :] if final else []
    for message in messages:
        if getattr(message, "invalid_tool_calls", None):
            raise ModelError("模型调用工具的写法有误。", "可以换个说法再试。", kind="tool")
        if found := getattr(message, "usage_metadata", None):
            usage = usage + Usage(prompt=found.get("input_tokens") or 0, completion=found.get("output_tokens") or 0)
    last = messages[-1] if messages else None
    text = last.content if last is not None and isinstance(last.content, str) else ""
    if "Model call limits exceeded" in text:
        raise ModelError("模型来回调用工具太多次，已停下。", "请把要求拆开，一次说一件。", kind="limit")
    if last is not None and not (last.response_metadata or {}).get("finish_reason"):
        raise ModelError("模型的回答没有写完就断了。", "请重试。", kind="cut")
    return clean(without_thoughts(text)), usage
