"""The one door to language models. Nothing outside it sees LangChain, the SDK or a token table.

::

    call        Message, Call, Reply, Usage, and the protocol Model with its one method ``reply``
    endpoints   the usual services as a table: address, capabilities, price
    dialect     what an endpoint takes, learned from its refusals
    live        LiveModel: an endpoint through LangChain, bounded and patient;  transport, faults: what lies under it
    scripted    ScriptedModel, ReplayModel: no endpoint at all
    answers     the JSON in an answer, repaired;  lenient: the reader behind it
    tokens      counting without a network
    calls       the log of every call, in one private file
    ledger      what was spent, and the ceiling
    probe       is the endpoint there, and what can it do

Importing this package loads no library.
"""

from assistant.model.call import Call, Message, Model, OnText, Reply, Rung, Usage
from assistant.model.scripted import ReplayModel, ScriptedModel

__all__ = ["Call", "Message", "Model", "OnText", "ReplayModel", "Reply", "Rung", "ScriptedModel", "Usage"]
