from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from assistant.answering import Answer, ask
from assistant.corpus import Corpus
from assistant.errors import InputError


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return Corpus.open(tmp_path_factory.mktemp("answers"))


def cells(answer: Answer) -> list[str]:
    return [f"{(citation.project or '')[-4:]} {citation.cell}" for citation in answer.citations]


@pytest.mark.parametrize(
    ("question", "says", "cell"),
    [
        ("残保金预算是多少", "470.00万元", "budget.total"),
        ("163号文里托养多少人", "≥19人", "indicators[0].value"),
        ("冀财社【2024】164号康复的时效指标", "≥90%", "indicators[2].value"),
        ("轮椅车加油一年补多少钱一个人", "260元/人", "indicators[3].value"),
        ("医保补帖的资金用途", "重度残疾人参加城乡医保补贴", "purpose"),
        ("公益广告要播多少条", "300", "department.items[4].indicators"),
        ("代编预算几月前细化", "6月底", "department.measures[1]"),
        ("殘保金的預算", "470.00万元", "budget.total"),
        ("每户无障碍改造补多少", "≥3500元/户", "indicators[3].value"),
    ],
)
def test_one_cell(corpus: Corpus, question: str, says: str, cell: str) -> None:
    answer = ask(question, corpus)
    assert answer.answered
    assert says in answer.answer
    assert "怀来县残联2025年" in answer.answer
    assert [citation.cell for citation in answer.citations] == [cell]


@pytest.mark.parametrize("question", ["综合服务中心运行经费多少", "残疾人综合服务中心运行经费是多少万", "综合服务中心运行有多少钱"])
def test_money_asked_is_the_budget_not_a_quantity(question: str, corpus: Corpus) -> None:
    answer = ask(question, corpus)
    assert "20.70万元" in answer.answer
    assert [citation.cell for citation in answer.citations] == ["budget.total"]


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("绩效目标要满足哪些要求", "绩效目标要符合哪四个要求"),
        ("绩效目标有什么要求", "绩效目标要符合哪四个要求"),
        ("绩效目标审核看哪几个方面", "绩效目标审核看哪四个方面"),
        ("时效指标怎么写才好", "时效指标怎么写"),
        ("成本指标应该用什么符号", "成本指标有什么限制"),
        ("指标值写“及时发放”应该怎么改", "“及时发放”“按时完成”“全年”怎么改"),
    ],
)
def test_rules_are_answered_from_the_section_that_asks_the_same(question: str, section: str, corpus: Corpus) -> None:
    answer = ask(question, corpus)
    assert [citation.cell for citation in answer.citations] == [section]


def test_a_document_number_without_brackets_is_the_same_number(corpus: Corpus) -> None:
    assert ask("财预2021年101号文讲了什么", corpus).answer == ask("财预〔2021〕101号讲了什么", corpus).answer


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("指标值确定依据都是工作计划的有几个项目", "3个项目"),
        ("依据是工作计划的项目有哪些", "3个项目"),
        ("依据是工作计划的指标有几个", "18个指标"),
        ("依据不是工作计划的项目有几个", "7个"),
        ("用途提到无障碍改造的项目有哪些", "2个项目"),
        ("哪些项目的依据是冀财社【2024】164号", "3个项目"),
    ],
)
def test_a_condition_on_a_field_is_about_that_field(question: str, says: str, corpus: Corpus) -> None:
    assert says in ask(question, corpus).answer


@pytest.mark.parametrize(("question", "named"), [("怀来县教育局有几个项目", "怀来县教育局"), ("涿鹿县残联的预算", "涿鹿县"), ("财政局的项目有几个", "财政局")])
def test_another_office_is_refused_by_name(question: str, named: str, corpus: Corpus) -> None:
    answer = ask(question, corpus)
    assert not answer.answered
    assert named in answer.answer


def test_two_tables_that_fit_are_both_given(corpus: Corpus) -> None:
    answer = ask("托养人数是多少", corpus)
    assert "≥19人" in answer.answer
    assert "≥42人" in answer.answer


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("所有项目预算一共多少钱", "671.64万元"),
        ("预算第二多的项目", "130.73"),
        ("163号文有几个项目", "4个"),
        ("残保金占总预算的百分之几", "69.98%"),
        ("预算超过20万的项目有哪些", "3个项目"),
        ("残保金和医保补贴差多少钱", "339.27万元"),
        ("康复项目一共有几个", "2个：冀财社【2024】163号 残疾人事业发展补助资金-康复；冀财社【2024】164号 残疾人事业发展补助资金-康复。另有1个"),
        ("教育就业的项目有几个，合计多少", "2个项目预算数合计9.15万元"),
        ("与康复有关的项目有几个", "3个："),
        ("与康复有关的项目预算一共多少钱", "3个项目预算数合计38.77万元（16.67＋5.80＋16.30）"),
        ("残保金的资金来源", "财政资金470万元；其他资金一栏没有填写"),
        ("残保金三月底要支多少", "3月底25%。"),
        ("残保金预算是470万吗", "是，"),
        ("残保金预算是480万吗", "不是，"),
        ("残保金有没有生态效益指标", "没有。"),
        ("今年总共几个成本指标", "一共10个成本指标"),
        ("可持续影响指标有几个", "0个"),
        ("有几个时效指标写的是“达到标准”", "5个指标"),
        ("10万以下的项目合计", "17.24万元"),
        ("20万以上的项目一共多少钱", "621.43万元"),
        ("预算超过100万的项目平均多少钱", "300.36万元"),
        ("康复和教育就业哪个钱多", "22.1万元"),
        ("财政资金和其他资金各多少", "其他资金一栏都没有填写"),
        ("依据是工作计划的指标几个", "18个指标"),
        ("有哪些指标值是100%", "残疾人补贴覆盖率：100%"),
        ("没有满意度指标的项目", "没有这样的项目"),
    ],
)
def test_computed(corpus: Corpus, question: str, says: str) -> None:
    answer = ask(question, corpus)
    assert answer.answered
    assert says in answer.answer
    assert answer.citations


@pytest.mark.parametrize(
    "question",
    [
        "残保金执行率是多少",
        "165号文有多少钱",
        "涿鹿县残联的预算",
        "2023年残保金预算多少",
        "残疾人驾照补贴多少钱",
        "理事长是谁",
        "三公经费多少",
        "残保金今年够用吗",
        "残疾儿童人工耳蜗补多少人",
        "彩票公益金改造多少户",
        "残疾人两项补贴多少钱",
    ],
)
def test_what_is_not_there_is_said(corpus: Corpus, question: str) -> None:
    answer = ask(question, corpus)
    assert not answer.answered
    assert "资料中没有" in answer.answer
    assert not answer.citations


@pytest.mark.parametrize("question", ["", "   ", "残" * 501])
def test_no_question(corpus: Corpus, question: str) -> None:
    with pytest.raises(InputError):
        ask(question, corpus)


def test_questions_from_a_pipe(run: Callable[..., CompletedProcess[str]]) -> None:
    result = run("ask", "-", "--json", input="残保金预算多少\n\n理事长是谁\n")
    assert result.returncode == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["question"], line["answered"]) for line in lines] == [("残保金预算多少", True), ("理事长是谁", False)]
    assert lines[0]["citations"][0]["cell"] == "budget.total"
    assert Path(lines[0]["citations"][0]["source"]).name == "怀来县残疾人联合会-2025年部门预算绩效文本.txt"


def test_numbers_codes_and_names_of_another_unit_beat_the_default_scope(tmp_path: Path, run: Callable[..., CompletedProcess[str]]) -> None:
    home = {"ASSISTANT_HOME": str(tmp_path / "home")}
    texts = Path(__file__).resolve().parent.parent / "evals" / "answering" / "texts"
    assert run("corpus", "add", next(texts.glob("围场*")), env=home).returncode == 0
    corpus = Corpus.open(tmp_path / "home")
    for question, says in (
        ("13082825P00JT0100022的预算是多少", "1130.00万元"),
        ("冀财建〔2024〕310号预算多少", "320.50万元"),
        ("道路运输执法装备购置预算多少", "38.60万元"),
    ):
        answer = ask(question, corpus, unit="怀来县残疾人联合会")
        assert says in answer.answer
        assert "交通局" in (answer.scope or "")
    for name in ("围场县交通局", "围场满族蒙古族自治县交通运输局", "围场交通局"):
        assert "9座" in ask(f"{name}改造几座危桥", corpus, unit="怀来县残疾人联合会").answer
    assert "丰宁县交通局" in ask("丰宁县交通局改造几座危桥", corpus, unit="怀来县残疾人联合会").answer


# -- the eval's questions ----------------------------------------------------------------------------------------------------------------

EVALS = Path(__file__).resolve().parent.parent / "evals" / "answering"


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """A corpus with the eval texts of five more offices, two of them under one roof in two years."""
    from assistant.corpus import add

    corpus = Corpus.open(tmp_path_factory.mktemp("offices"))
    assert not add(corpus, [EVALS / "texts"]).unread
    return corpus


def cases(split: str) -> list[dict[str, object]]:
    lines = [line for path in sorted(EVALS.glob("cases*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    return [case for case in map(json.loads, lines) if split in case["tags"]]


def test_questions_over_six_offices(offices: Corpus) -> None:
    from assistant.evaluation.cases import Case
    from assistant.evaluation.scorers import answering
    from assistant.evaluation.world import World

    scores: dict[str, list[float]] = {}
    # Every second one; ``assistant evals run answering`` asks them all.
    for data in cases("held")[::2]:
        case = Case.model_validate(data)
        answer = ask(case.input["question"], offices, unit=case.input["unit"])
        for score in answering(case, {"answer": answer.to_json()}, World(offices.home)):
            if score.value is not None:
                scores.setdefault(score.name, []).append(score.value)
    means = {name: sum(values) / len(values) for name, values in scores.items()}
    assert means["答对"] >= 0.95
    assert means["引对"] >= 0.95
    assert means["不乱答"] >= 0.98


def test_the_right_cell_is_among_the_first_five(offices: Corpus) -> None:
    from assistant.retrieval import search

    found = asked = 0
    for case in cases("cell")[::3]:
        target = case["target"]
        assert isinstance(target, dict)
        gold = [cell.split("#") for cell in target.get("cells", []) if "indicators[" in cell or "budget." in cell]
        if not gold:
            continue
        given = case["input"]
        assert isinstance(given, dict)
        hits = [hit.passage for hit in search(offices, None, given["question"], k=5, unit=given["unit"])]
        asked += 1
        found += any(
            hit.title == project and (address.startswith(f"{hit.cell}.") if "indicators[" in address else hit.kind == "table")
            for hit in hits
            for project, address in gold
        )
    assert asked > 50
    assert found / asked >= 0.95


@pytest.mark.parametrize(
    ("question", "cites"),
    [
        ("满意度指标怎么写", "满意度指标怎么写"),
        ("88号文的四个要求是什么", "绩效目标要符合哪四个要求"),
        ("序时进度是什么意思", "序时进度"),
        ("预算法第32条讲什么", "预算为什么要讲绩效、编绩效目标表的法律依据"),
        ("培训类项目一般设哪些指标", "数量指标 培训人数"),
    ],
)
def test_how_things_are_done_is_answered_from_policies(corpus: Corpus, question: str, cites: str) -> None:
    answer = ask(question, corpus)
    assert answer.answered
    assert cites in [citation.cell for citation in answer.citations]


@pytest.mark.parametrize("question", ["怎么做红烧肉", "公司所得税税率是多少", "预算会计怎么做分录"])
def test_what_no_policy_says_is_refused(corpus: Corpus, question: str) -> None:
    assert not ask(question, corpus).answered


def test_two_years_side_by_side(offices: Corpus) -> None:
    answer = ask("低保金比去年多多少", offices, unit="怀安县民政局")
    assert "144.5万元" in answer.answer
    assert "增长5.32%" in answer.answer
    assert {citation.year for citation in answer.citations} == {2024, 2025}


def test_a_unit_that_the_corpus_does_not_have_is_said(offices: Corpus) -> None:
    answer = ask("预算多少", offices, unit="不存在的局")
    assert not answer.answered
    assert "资料中没有" in answer.answer


def test_without_an_own_unit_the_question_has_to_name_one(offices: Corpus) -> None:
    answer = ask("怀安县民政局高龄津贴预算多少", offices)
    assert "186.40万元" in answer.answer


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("财预〔2015〕88号是哪年发的", "2015"),
        ("残保金征收使用管理办法是谁印发的", "财政部"),
        ("全面实施预算绩效管理的意见是哪年发的", "中发〔2018〕34号"),
        ("预算法现在还有效吗", "现行"),
        ("产出指标包括哪几类", "数量、质量、时效"),
    ],
)
def test_what_stands_at_the_head_of_a_policy_or_in_a_term(corpus: Corpus, question: str, says: str) -> None:
    answer = ask(question, corpus)
    assert answer.answered
    assert says in answer.answer


@pytest.mark.parametrize("question", ["河北省的绩效目标管理办法有什么要求", "残联有几个人", "163号文是什么时候发的", "广东的绩效目标管理办法有什么要求"])
def test_another_place_and_another_matter_are_not_answered_with_what_is_near(corpus: Corpus, question: str) -> None:
    assert not ask(question, corpus).answered


def test_a_refusal_tells_which_other_unit_could_answer(offices: Corpus) -> None:
    answer = ask("残保金预算多少", offices, unit="阳原县教育体育局")
    assert not answer.answered
    assert "怀来县残联的目标表里有相关内容" in answer.answer
    assert "470" not in answer.answer
    assert "目标表里有" not in ask("理事长是谁", offices, unit="阳原县教育体育局").answer


@pytest.mark.parametrize(
    ("question", "unit", "says"),
    [
        ("哪些项目没有生态效益指标", "蔚县水利局", "3个项目没有生态效益指标"),
        ("除了中小河流治理，其他项目合计多少", "蔚县水利局", "429.9万元"),
        ("占比超过10%的项目有哪些", "蔚县水利局", "2个项目"),
        ("比山洪灾害防治预算高的项目有几个", "蔚县水利局", "2个项目"),
        ("到10月底饮水项目该花多少万", "蔚县水利局", "261.12万元"),
        ("今年总预算比去年增加了百分之多少", "蔚县水利局", "287.29%"),
        ("去年有今年没有的项目", "蔚县水利局", "水资源税改革配套经费"),
        ("哪个项目指标值写的是20年一遇", "蔚县水利局", "中小河流治理"),
        ("数量指标一共几个", "蔚县水利局", "9个数量指标"),
        ("指标最多的项目", "蔚县水利局", "农村饮水安全巩固提升，10个"),
        ("培训班平均每期多少人", "霍山县教育局", "60人"),
        ("皖财教1120号是哪个项目", "霍山县教育局", "营养改善计划"),
        ("超过2000万的项目有几个", "通江县卫生健康局", "2个"),
        ("保租房筹集几套", "南谯区住房和城乡建设局", "300套"),
        ("低保一共保障多少人", "沽源县民政局", "10820人"),
        ("188号文几个项目一共多少万", "康保县农业农村局", "7696.8万元"),
    ],
)
def test_what_strangers_ask_of_other_offices(question: str, unit: str, says: str, offices: Corpus) -> None:
    answer = ask(question, offices, unit=unit)
    assert answer.answered
    assert says in answer.answer


@pytest.mark.parametrize(
    ("question", "unit"),
    [
        ("监测站一年的运维费总共多少", "蔚县水利局"),
        ("120块公示牌每块350共多少钱", "蔚县水利局"),
        ("局长叫什么名字", "蔚县水利局"),
        ("高龄津贴多少", "沽源县民政局"),
        ("教育局有几个项目", "怀来县残疾人联合会"),
        ("392个卫生室每个4000是不是156.8万", "通江县卫生健康局"),
    ],
)
def test_half_an_explanation_is_none(question: str, unit: str, offices: Corpus) -> None:
    assert not ask(question, offices, unit=unit).answered


@pytest.mark.parametrize(
    ("question", "says"),
    [("服务中心的钱怎么花", "用于保障残疾人综合服务中心运行"), ("绩效目标批复后还能改吗", "一般不予调整")],
)
def test_how_money_is_spent_and_what_may_be_changed(corpus: Corpus, question: str, says: str) -> None:
    assert says in ask(question, corpus).answer


def test_a_count_that_could_be_of_everything_is_not_guessed(corpus: Corpus) -> None:
    assert not ask("怀来县今年残疾人多少", corpus).answered


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("有哪些项目", "共10个项目：1. 怀财字【2025】7号 残疾人就业保障金；2. "),
        ("残联2025年都有什么项目", "10. 冀财社【2024】164号 残疾人事业发展补助资金-其他。"),
        ("项目清单", "共10个项目"),
        ("列出所有项目及预算", "1. 怀财字【2025】7号 残疾人就业保障金，470.00万元；"),
    ],
)
def test_the_projects_of_an_office_are_listed(corpus: Corpus, question: str, says: str) -> None:
    answer = ask(question, corpus)
    assert answer.answered
    assert says in answer.answer
    assert {citation.cell for citation in answer.citations} <= {"project.name", "budget.total"}


@pytest.mark.parametrize("question", ["有哪些项目用于康复", "项目有什么要求", "预算最多的是哪些项目", "哪些项目没有成本指标"])
def test_a_question_that_says_more_of_projects_is_no_roster(corpus: Corpus, question: str) -> None:
    assert not ask(question, corpus).answer.startswith("共10个项目：")
