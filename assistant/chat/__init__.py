"""The conversation: ask, draft, edit, check, explain, compare, export and undo in plain Chinese, over the modules below.

``intents`` recognises what a sentence wants, ``references`` finds what it speaks of (第三行, 那个成本指标), ``conversation`` carries it
out on the ``desk`` (answering, drafting, review, validation, export), ``session`` keeps everything said. Without a model this is all;
with one, ``agent`` lets a LangChain agent use the same desk as tools.
"""
