"""Drafts of the bundled sample's next year and of new projects: every cell sourced, nothing invented, weak values replaced."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.corpus import Corpus, add
from assistant.draft import Draft
from assistant.drafting.embedded import draft
from assistant.drafting.request import understand
from assistant.errors import InputError
from assistant.taxonomy import OPEN_VALUE


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return Corpus.open(tmp_path_factory.mktemp("corpus"))


def make(corpus: Corpus, sentence: str | None = None, **options: object) -> Draft:
    return draft(understand(sentence, this_year=2025, **options), corpus)  # type: ignore[arg-type]


def value(made: Draft, name: str) -> str:
    return next(row.value.text for row in made.table.indicators if name in row.level3)


def origin(made: Draft, name: str) -> str:
    index = next(i for i, row in enumerate(made.table.indicators) if name in row.level3)
    entry = made.origin_of(f"indicators[{index}].value")
    assert entry is not None
    return entry.origin


def test_every_cell_has_its_origin(corpus: Corpus) -> None:
    for sentence in ("残保金2026年495万，其中培训55人、人均1600", "执法记录仪60台每台2800，预算16.8万，2026年"):
        made = make(corpus, sentence)
        cells = [cell.address for cell in made.table.cells()]
        assert [entry.cell for entry in made.provenance] == cells
        asked = {question.cell for question in made.open_questions}
        for cell in made.table.cells():
            entry = made.origin_of(cell.address)
            assert entry is not None
            if cell.text == OPEN_VALUE:
                assert entry.origin == "open"
                assert cell.address in asked


def test_a_figure_for_each_of_several_counts_the_things_not_the_places(corpus: Corpus) -> None:
    made = make(corpus, "给11个乡镇卫生院各配1台全自动生化分析仪，一台28.5万，2026年预算313.5万")
    assert value(made, "分析仪配备数量") == "≥11台"


def test_people_and_events_beside_a_purchase_are_not_bought(corpus: Corpus) -> None:
    for sentence in ("购置打印机20台，每台2500元；培训50人，每人1600元，2026年预算13万元", "购置电脑30台并培训村干部60人，2026年预算20万"):
        names = [row.level3 for row in make(corpus, sentence).table.indicators]
        assert not [name for name in names if "培训" in name and any(word in name for word in ("购置人数", "购置单价", "验收", "使用年限"))]
        assert {"培训人数", "村干部培训人数", "培训村干部人数"} & set(names)


def test_groups_of_a_project_are_the_same_deed_for_each(corpus: Corpus) -> None:
    made = make(corpus, "农村危房改造 36户 其中C级12户每户1.5万 D级24户每户3.5万 2026年 102万")
    assert [value(made, name) for name in ("农村危房改造户数", "C级危房改造户数", "D级危房改造户数")] == ["≥36户", "≥12户", "≥24户"]
    assert not [finding for finding in made.findings if finding.severity == "error"]
    exam = make(corpus, "农村妇女两癌免费检查，宫颈癌4200人每人49元，乳腺癌4200人每人79元，明年54万")
    assert value(exam, "宫颈癌检查人数") == "≥4200人"


def test_pieces_are_no_money(corpus: Corpus) -> None:
    made = make(corpus, "明年县一中要换课桌椅1200套，每套380块，再买智慧黑板24块，每块2.1万，总共96万")
    assert made.table.project.name == "县一中课桌椅更换和智慧黑板购置"
    assert value(made, "智慧黑板购置数量") == "≥24块"
    assert made.table.purpose == "用于更换县一中课桌椅、购置智慧黑板。"


def test_daily_standards_and_parts_are_held_against_the_budget(corpus: Corpus) -> None:
    made = make(corpus, "2026年学生营养餐，学生3860人，每人每天5元，全年200天，预算300万元")
    assert any("386万元" in finding.message for finding in made.findings)
    made = make(corpus, "2026年购置清雪车2辆每辆65万、融雪剂300吨每吨1100元，总共150万")
    assert any("163万元" in finding.message for finding in made.findings)
    assert value(made, "清雪车购置数量") == OPEN_VALUE


def test_a_known_figure_fills_one_row(corpus: Corpus) -> None:
    made = make(corpus, name="残疾人就业保障金", year="2026", budget="480", known=["残疾人就业扶持人数=50人"])
    assert value(made, "残疾人就业扶持人数") == "≥50人"
    assert value(made, "新增残疾人就业人数") == "≥35人"


def test_a_rate_of_satisfaction_is_no_other_rate(corpus: Corpus) -> None:
    made = make(corpus, name="残疾人就业保障金", year="2026", budget="520", known=["残疾人满意率=92%"])
    assert value(made, "残疾人满意率") == "≥92%"
    assert value(made, "残疾人职业技能培训合格率") == "≥90%"


def test_document_number_and_standard_are_asked_apart(corpus: Corpus) -> None:
    made = make(corpus, name="残疾人就业保障金", year="2026", budget="480")
    keys = [question.known_as for question in made.open_questions]
    assert len(set(keys)) == len(keys)
    assert {"资金文件号", "补助标准文件"} <= set(keys)
    told = make(corpus, name="残疾人就业保障金", year="2026", budget="480", known=["补助标准文件=冀残联〔2023〕9号"])
    assert "冀残联〔2023〕9号" in [row.basis for row in told.table.indicators]
    assert "补助标准文件" not in [question.known_as for question in told.open_questions]


@pytest.mark.parametrize(
    ("sentence", "previous"),
    [
        ("164号的明年还有，残疾人托养，预算4.5万，30个人", "冀财社【2024】164号 残疾人事业发展补助资金-教育就业"),
        ("163号康复2026年6万", "冀财社【2024】163号 残疾人事业发展补助资金-康复"),
        ("怀来县残联综合服务中心运行经费2026年22.5万，比今年多了1.8万", "怀财字【2025】7号 经费"),
    ],
)
def test_a_number_or_an_office_says_which_project_among_many_units(tmp_path: Path, sentence: str, previous: str) -> None:
    many = Corpus.open(tmp_path)
    add(many, [Path(__file__).parent.parent / "evals" / "answering" / "texts"])
    made = make(many, sentence)
    assert made.previous is not None
    assert made.previous.project.name == previous


def test_continuing_project_by_alias_takes_last_years_rows(corpus: Corpus) -> None:
    made = make(corpus, "残保金2026年495万，其中培训55人、人均1600")
    assert made.previous is not None
    assert made.previous.project.name == "怀财字【2025】7号 残疾人就业保障金"
    assert made.table.project.name == "残疾人就业保障金"
    assert value(made, "得到培训或职业介绍服务的残疾人") == "≥55人"
    assert value(made, "职业培训补贴人均标准") == "=1600元/人"
    assert value(made, "残疾人职业技能培训合格率") == "≥90%"
    # Uses of the money that last year's table left uncounted.
    assert value(made, "残疾人生活保障人数") == OPEN_VALUE
    assert made.origin_of("budget.total").previous == "470.00"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "previous"),
    [
        ("残疾人就业保障金(2026)", "怀财字【2025】7号 残疾人就业保障金"),
        ("怀财字〔2026〕3号 残疾人就业保障金", "怀财字【2025】7号 残疾人就业保障金"),
        ("服务中心", "怀财字【2025】7号 经费"),
        ("重度残疾人医保补贴", "怀财字【2025】7号 全县重度残疾人参加城乡居民基本医疗保险缴费补贴资金"),
        ("164号康复", "冀财社【2024】164号 残疾人事业发展补助资金-康复"),
        ("163号康复", "冀财社【2024】163号 残疾人事业发展补助资金-康复"),
        ("残疾人事业发展补助资金-彩票公益金", "冀财社【2024】163号 残疾人事业发展补助资金-彩票公益金"),
        ("机动轮椅车燃油补贴", "冀财社【2024】163号 残疾人事业发展补助资金-其他"),
    ],
)
def test_the_same_project_under_another_name(corpus: Corpus, name: str, previous: str) -> None:
    made = make(corpus, name=name, year="2026", budget="10")
    assert made.previous is not None
    assert made.previous.project.name == previous


@pytest.mark.parametrize("name", ["农村公路养护", "残疾人文化节", "残疾人职业技能培训", "残疾儿童康复中心建设"])
def test_another_project_is_new(corpus: Corpus, name: str) -> None:
    made = make(corpus, name=name, year="2026", budget="10", purpose=f"用于{name}。")
    assert made.previous is None


def test_the_only_project_named_经费_is_asked_about_where_its_use_is_another(corpus: Corpus) -> None:
    made = make(corpus, name="经费", year="2026", budget="10", purpose="用于档案整理。")
    assert made.previous is not None
    assert any("延续吗" in asked.question for asked in made.open_questions)


def test_quantity_follows_the_money_where_it_explained_it(corpus: Corpus) -> None:
    made = make(
        corpus, name="残疾人事业发展补助资金-教育就业", year="2026", budget="3", purpose="用于重度肢体和精神智力残疾人托养服务。", basis=["冀财社〔2025〕163号"]
    )
    entry = made.origin_of("indicators[0].value")
    assert entry is not None
    assert (made.table.indicators[0].value.text, entry.origin, entry.previous) == ("≥20人", "computed", "≥19人")
    assert "3.00万元÷1500元/人≈20人" in (entry.formula or "")


def test_vague_values_give_way_to_measurable_ones(corpus: Corpus) -> None:
    made = make(corpus, name="163号 残疾人事业发展补助资金-康复", year="2026", budget="5.8")
    assert not [row for row in made.table.indicators if row.value.text in ("达到标准", "有所提升", "及时发放")]
    kept = [entry.previous for entry in made.provenance if entry.cell.endswith(".value") and entry.change == "changed"]
    assert "达到标准" in kept
    assert "有所提升" in kept
    assert value(made, "残疾人基本康复补贴标准") == "=500元/人"


def test_a_row_of_another_project_is_left_out(corpus: Corpus) -> None:
    made = make(corpus, name="机动轮椅车燃油补贴", year="2026", budget="0.32")
    assert any("无障碍环境" in gone.text and "无关" in gone.reason for gone in made.dropped)


def test_what_contradicts_the_budget_is_asked_not_written(corpus: Corpus) -> None:
    made = make(corpus, "残疾人技能培训45人，每人2000元，预算7万元，2026年")
    assert any("45人×2000元/人=9万元" in finding.message and "7.00万元" in finding.message for finding in made.findings)
    assert value(made, "培训人数") == OPEN_VALUE
    assert "最多35人" in made.open_questions[0].question


def test_money_that_does_not_add_up_is_reported(corpus: Corpus) -> None:
    made = make(corpus, "修缮活动室，财政40万自筹8万，预算45万，2026年")
    assert any("40+其他资金8=48万元，不等于预算数45万元" in finding.message for finding in made.findings)
    assert made.table.budget.fiscal is None


def test_a_rate_above_100_is_asked(corpus: Corpus) -> None:
    made = make(corpus, name="业务培训", year="2026", budget="5", known=["培训合格率=120%"])
    assert any(finding.code == "Q903" for finding in made.findings)
    assert value(made, "培训合格率") == OPEN_VALUE


def test_new_project_is_fitted_to_its_things(corpus: Corpus) -> None:
    made = make(corpus, "2026年修建农村公路12.5公里，总投资600万元，其中财政500万、自筹100万，受益群众3000人")
    assert value(made, "农村公路修建里程") == "≥12.5公里"
    assert value(made, "农村公路单位造价") == "≤48万元/公里"
    assert value(made, "受益人口数") == "≥3000人"
    assert origin(made, "农村公路单位造价") == "computed"
    levels = {row.type for row in made.table.indicators}
    assert {"数量指标", "质量指标", "时效指标", "成本指标", "服务对象满意度指标"} <= levels


def test_every_use_of_a_mixed_project_gets_rows(corpus: Corpus) -> None:
    made = make(corpus, name="城管综合保障", year="2026", budget="120", purpose="用于购置洒水车2辆、路灯更换300盏，开展执法培训3期", unit="某县城管局")
    names = "、".join(row.level3 for row in made.table.indicators)
    assert "洒水车" in names
    assert "路灯" in names
    assert "培训" in names
    assert 8 <= len(made.table.indicators) <= 14


def test_frame_of_2021(corpus: Corpus) -> None:
    made = make(corpus, name="路灯更换", year="2026", budget="30", frame="2021", purpose="用于更换路灯300盏")
    assert made.table.frame == "2021"
    assert made.table.indicators[0].level1 == "成本指标"
    assert {row.level2 for row in made.table.indicators if row.level1 == "成本指标"} == {"经济成本指标"}


def test_refused_suggestions_are_not_offered_again(corpus: Corpus) -> None:
    request = understand("执法记录仪60台每台2800，预算16.8万，2026年")
    names = [row.level3 for row in draft(request, corpus).table.indicators]
    refused = next(name for name in names if "利用率" in name)
    assert refused not in [row.level3 for row in draft(request, corpus, refused=[refused]).table.indicators]


def test_no_words_no_draft(corpus: Corpus) -> None:
    with pytest.raises(InputError):
        make(corpus, budget="10")
    with pytest.raises(InputError, match="2099"):
        make(corpus, name="x项目", frame="2099")


def test_command_saves_and_prints(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = run("draft", "残保金2026年495万，其中培训55人、人均1600", "-o", tmp_path, "--no-input")
    assert done.returncode == 0, done.stderr
    assert "残疾人就业保障金绩效目标表" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2026-残疾人就业保障金.docx", "2026-残疾人就业保障金.json"]


@pytest.mark.parametrize(
    "wrong",
    [["--name", "x项目", "--budget", "abc"], ["--name", "x项目", "--budget", "-5"], ["--name", "x项目", "--drafter", "gpt"], []],
    ids=lambda value: " ".join(value) or "nothing",
)
def test_command_with_wrong_input(run, tmp_path: Path, wrong: list[str]) -> None:  # type: ignore[no-untyped-def]
    done = run("draft", *wrong, "-o", tmp_path / "out")
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2
    assert [line[:3] for line in lines[-2:]] == ["错误：", "建议："]
    assert not (tmp_path / "out").exists()


def test_what_is_said_twice_differently_is_asked(corpus: Corpus) -> None:
    made = make(corpus, name="技能培训", year="2026", budget="30", purpose="用于残疾人职业技能培训60人。", known=["培训人数=50人"])
    assert any(finding.code == "Q906" and "60人" in finding.message and "50人" in finding.message for finding in made.findings)
    assert value(made, "培训人数") == OPEN_VALUE


def test_nothing_given_is_lost_silently(corpus: Corpus) -> None:
    made = make(corpus, name="业务培训", year="2026", budget="5", purpose="用于业务培训。", known=["培训地点=县委党校", "参训单位=12个"])
    assert any("培训地点=县委党校" in note for note in made.trace.notes)
    assert value(made, "参训单位") == "≥12个"


def test_a_count_repeated_in_the_use_of_money_follows_the_indicator(corpus: Corpus) -> None:
    last = next(past for past in corpus.past_tables() if "彩票公益金" in (past.table.project.name or ""))
    counted = last.table.model_copy(update={"purpose": "用于残疾儿童康复训练13人和残疾人家庭无障碍改造。"})
    made = draft(understand(name="彩票公益金", year="2026", budget="18", known=["残疾儿童康复训练人数=14人"]), corpus, previous=replace(last, table=counted))
    assert made.table.purpose == "用于残疾儿童康复训练14人和残疾人家庭无障碍改造。"


@pytest.mark.parametrize(
    ("sentence", "name", "text"),
    [
        ("全县8个乡镇卫生院各配一台救护车，每台28万，一共224万，2026年", "救护车配备数量", "≥8台"),
        ("人大代表培训2026年，2期，每期80人，预算21.6万", "培训人数", "≥160人"),
        ("2026年农村生活垃圾治理预算860万元，其中上级补助500万元，县级配套360万元，覆盖279个行政村", "覆盖行政村", "≥279个"),
        ("购置打印机20台，每台2500元，2026年预算5万元", "打印机购置数量", "≥20台"),
        ("2026年配电柜更换12台，预算30万元", "配电柜更换数量", "≥12台"),
        ("污水处理厂运行费2026年1200万，处理污水730万吨，出水达标率100%", "出水水质达标率", "=100%"),
    ],
)
def test_figures_of_odd_sentences_find_their_rows(corpus: Corpus, sentence: str, name: str, text: str) -> None:
    assert value(make(corpus, sentence), name) == text


def test_a_standard_of_the_policies_is_hinted_at_never_written(corpus: Corpus) -> None:
    made = make(corpus, "全县重度残疾人医保缴费补贴2026年预算160万，4010人")
    question = next(question for question in made.open_questions if "标准" in question.question and "元/人" in question.question)
    assert "2026参保年度个人缴费仍为每人400元" in question.question
    assert made.table.text(question.cell) == OPEN_VALUE


def test_those_who_are_helped_are_not_those_newly_employed(corpus: Corpus) -> None:
    made = draft(understand("残保金2026年预算495万，培训55人每人1600元", this_year=2025, known=["残疾人就业扶持人数=120人"]), corpus)
    by_name = {row.level3: row.value.text for row in made.table.indicators}
    assert by_name["新增残疾人就业人数"] == "≥35人"
    assert "≥120人" in by_name.values()


def test_those_who_do_the_work_are_counted_and_paid_by_themselves(corpus: Corpus) -> None:
    made = draft(understand("第五次经济普查清查，普查员120人，每人2000元，共27万", this_year=2025), corpus)
    rows = {row.level3: row.value.text for row in made.table.indicators}
    assert rows["普查员人数"] == "≥120人"
    assert not any("清查" in name and "120" in text for name, text in rows.items())
    assert not [finding for finding in made.findings if finding.code == "M501"]


def test_places_where_a_thing_is_done_count_it_and_price_it(corpus: Corpus) -> None:
    made = draft(understand("教育局2026年校舍维修120万元，维修3所学校"), corpus)
    rows = {row.level3: row.value.text for row in made.table.indicators}
    assert (rows["校舍维修数量"], rows["校舍维修单位造价"]) == ("≥3所", "≤40万元/所")


def test_a_part_beyond_the_budget_is_opened_and_reported(corpus: Corpus) -> None:
    made = draft(understand(purpose="用于购置2台执法记录仪。", budget="0.30", known=["其中设备=3万元"]), corpus)
    assert "Q904" in {finding.code for finding in made.findings}
    assert not [finding for finding in made.findings if finding.code.startswith("M")]
    assert not any(row.value.text == "≤3万元" for row in made.table.indicators)


@pytest.mark.parametrize(
    ("sentence", "purpose", "rows"),
    [
        (
            "县气象局2026年人工影响天气作业经费58万，作业点租金6万、人员工资30万，其余买火箭弹",
            "用于作业点租金、人员工资，购置火箭弹。",
            {"作业点租金支出": "≤6万元", "人员工资支出": "≤30万元", "火箭弹购置成本": "≤22万元"},
        ),
        ("2026年防汛抗旱45万，买防汛物资、搞演练5次", "用于防汛抗旱，包括演练、购置防汛物资。", {"演练次数": "≥5次", "防汛物资购置": OPEN_VALUE}),
        ("2026年办公区物业管理服务费96万，面积2.1万平方米，保洁、保安、绿化", "用于办公区物业管理服务，包括保洁、保安、绿化。", {"服务面积": "=2.1万平方米"}),
        ("2026年冷链设备更新——冰箱8台、温度终端36个，52万", "用于更新冷链设备，包括更新冰箱、更新温度终端。", {"冰箱更新数量": "≥8台", "温度终端": "≥36个"}),
        (
            "老干部活动和春节慰问2026年，慰问离休干部12人每人2000元、退休县级干部86人每人800元，20万",
            "用于春节慰问（离休干部慰问、退休县级干部慰问）、老干部活动。",
            {"离休干部慰问人数": "≥12人", "退休县级干部慰问人数": "≥86人", "退休县级干部慰问标准": "≤800元/人"},
        ),
        (
            "设备购置和村村响维护2026年65万，购摄像机4台、无人机2架，维护村村响点位286个",
            None,
            {"摄像机购置数量": "≥4台", "无人机购置数量": "≥2架", "保障村村响点位数量": "286个"},
        ),
        (
            "人民调解以案定补2026年，简单纠纷600件每件50元，复杂纠纷120件每件200元",
            "用于人民调解以案定补，包括简单纠纷、复杂纠纷。",
            {"简单纠纷件数": "≥600件", "复杂纠纷单件": "≤200元/件", "总成本": "≤5.40万元"},
        ),
        (
            "高素质农民培育2026年：培育300人，其中经营管理型120人每人3500元、专业生产型180人每人2300元",
            "用于高素质农民培育，包括经营管理型、专业生产型。",
            {"高素质农民培育人数": "≥300人", "总成本": "≤83.40万元"},
        ),
        (
            "雪亮工程租赁费2026年 三年合同总价600万，本年付200万，前端点位1200路",
            "用于租赁雪亮工程，包括租赁前端点位；合同总额600万元。",
            {"总成本": "≤200.00万元"},
        ),
        (
            "困难残疾人生活补贴和重度残疾人护理补贴2026年，生活补贴1200人每月80元，护理补贴：一级800人每月100元、二级600人每月80元",
            None,
            {"生活补贴人数": "≥1200人", "一级护理补贴人数": "≥800人", "二级护理补贴标准": "=80元/人·月", "总成本": "≤268.80万元"},
        ),
        ("2026年工作经费32万，药品抽检150批次、特种设备检查300台套", "用于药品抽检、特种设备检查。", {"药品抽检批次": "≥150批次", "设备检查数量": "≥300台套"}),
    ],
)
def test_whatever_a_request_lists_is_in_its_draft(corpus: Corpus, sentence: str, purpose: str | None, rows: dict[str, str]) -> None:
    made = make(corpus, sentence)
    assert purpose in (None, made.table.purpose)
    assert {name: value(made, name).lstrip("=") for name in rows} == {name: text.lstrip("=") for name, text in rows.items()}


def test_what_a_contradiction_says_is_not_said_again_by_the_rules(corpus: Corpus) -> None:
    paid = make(corpus, "更新新能源公交2026年20辆，每辆65万，分三年付款，首期390万")
    over = make(corpus, "公务用车购置2026年3辆每辆18万，预算40万")
    assert [finding.code for made in (paid, over) for finding in made.findings if finding.code[0] in "QM"] == ["Q907", "Q902"]


def test_what_is_left_of_the_budget_is_computed_and_a_figure_is_quoted_as_said(corpus: Corpus) -> None:
    made = make(corpus, "县气象局2026年人工影响天气作业经费58万，作业点租金6万、人员工资30万，其余买火箭弹")
    places = {row.level3: made.origin_of(f"indicators[{index}].value") for index, row in enumerate(made.table.indicators)}
    assert places["火箭弹购置成本"].formula == "58-6-30=22万元（预算数减其他各项）"  # type: ignore[union-attr]
    made = make(corpus, "残保金2026年495万，其中培训55人、人均1600")
    quoted = {entry.source.text for entry in made.provenance if entry.origin == "request" and entry.source is not None}
    assert {"其中培训55人", "人均1600"} <= quoted
