from __future__ import annotations

import pytest

from assistant.answering import ask
from assistant.answering.several import clauses
from assistant.corpus import Corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return Corpus.open(tmp_path_factory.mktemp("several"))


@pytest.mark.parametrize(
    ("question", "parts"),
    [("培训多少人，每人补多少", 2), ("预算多少？用途是什么？", 2), ("康复预算多少，163、164都要", 0), ("残保金和医保补贴，哪个多", 0), ("预算多少", 0)],
)
def test_clauses(question: str, parts: int) -> None:
    assert len(clauses(question)) == parts


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("残保金今年培训多少人，每人补多少", ("≥46人", "1500元/人")),
        ("彩票公益金预算多少？用途是什么？", ("16.67", "无障碍改造")),
        ("医保补贴多少人，满意度多少", ("3976", "≥90%")),
    ],
)
def test_every_clause_is_answered_of_the_same_project(question: str, says: tuple[str, ...], corpus: Corpus) -> None:
    answer = ask(question, corpus)
    assert answer.answered
    assert all(text in answer.answer for text in says)
    assert len({cited.project for cited in answer.citations}) == 1


def test_one_clause_without_an_answer_is_not_passed_over(corpus: Corpus) -> None:
    assert "3500" not in ask("残联局长是谁，工资多少", corpus).answer
