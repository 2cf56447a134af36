"""Requests as staff say them, read into their parts."""

from __future__ import annotations

import pytest

from assistant.drafting import wording
from assistant.drafting.facts import facts_of
from assistant.drafting.kinds import classify
from assistant.drafting.request import answered, projects_in, understand
from assistant.drafting.uses import uses_of
from assistant.errors import InputError

SENTENCES = [
    ("残保金2026年495万，其中培训55人、人均1600", "残保金", 2026, "495.00", {"培训人数": "55人", "培训标准": "1600元/人"}),
    ("服务中心明年19万，照今年的表改", "服务中心", 2026, "19.00", {}),
    ("2026年修建农村公路12.5公里，总投资600万元，其中财政500万、自筹100万", "农村公路修建", 2026, "600.00", {"农村公路修建里程": "12.5公里"}),
    ("乡镇卫生院买2台彩超，一台45万，共90万", "乡镇卫生院彩超购置", None, "90.00", {"乡镇卫生院彩超购置数量": "2台", "乡镇卫生院彩超购置标准": "45万元/台"}),
    ("高龄津贴，每人每月50元×12个月，1200人，72万", "高龄津贴", None, "72.00", {"高龄津贴人数": "1200人", "高龄津贴标准": "50元/人·月", "发放月数": "12个月"}),
    ("两百户农户每户补一千六，预算三十二万", "农户", None, "32.00", {"农户户数": "200户", "农户标准": "1600元/户"}),
    ("公益广告300条以上，满意度达到90%以上，预算4,700,000元", "公益广告", None, "470.00", {"公益广告条数": "≥300条", "满意度": "≥90%"}),
    ("残保金 2026年 495万", "残保金", 2026, "495.00", {}),
    ("二〇二六年残保金预算四百九十五万元", "残保金", 2026, "495.00", {}),
    (
        "动物检疫协管员补助45人*1500元*12个月=81万 2026年",
        "动物检疫协管员补助",
        2026,
        "81.00",
        {"动物检疫协管员补助人数": "45人", "动物检疫协管员补助标准": "1500元/人·月", "发放月数": "12个月"},
    ),
    (
        "外墙维修、跑道翻新，面积分别为2600平方米和4200平方米，2026年210万",
        "外墙维修、跑道翻新",
        2026,
        "210.00",
        {"外墙维修面积": "2600平方米", "跑道翻新面积": "4200平方米"},
    ),
    (
        "乡村医生培训2026年，分两期，每期5天，180人，16.2万",
        "乡村医生培训",
        2026,
        "16.20",
        {"乡村医生培训班次": "2期", "乡村医生培训每期天数": "5天", "乡村医生培训人数": "180人"},
    ),
    ("视频监控租用2026年，监控点位48个，每个点位每月650元", "视频监控租用", 2026, None, {"监控点位数量": "48个", "监控点位标准": "650元/个·月"}),
    ("黑臭水体治理2026年6处，治理面积3.8万平方米，260万", "黑臭水体治理", 2026, "260.00", {"黑臭水体治理数量": "6处", "黑臭水体治理面积": "3.8万平方米"}),
    ("举办葡萄文化节1场，预算30万，2026年，吸引游客2万人次", "葡萄文化节", 2026, "30.00", {"葡萄文化节场次": "1场", "吸引游客人次": "2万人次"}),
]


@pytest.mark.parametrize(("sentence", "name", "year", "budget", "known"), SENTENCES, ids=[row[0][:12] for row in SENTENCES])
def test_sentence(sentence: str, name: str, year: int | None, budget: str | None, known: dict[str, str]) -> None:
    request = understand(sentence, this_year=2025)
    assert (request.name, request.year, request.budget) == (name, year, budget)
    assert request.known == known


def test_money_of_a_sentence_by_its_role() -> None:
    request = understand("财政40万自筹8万，预算45万", this_year=2025)
    assert (request.budget, request.fiscal, request.other) == ("45.00", "40.00", "8.00")


@pytest.mark.parametrize(
    ("sentence", "budget", "fiscal", "other"),
    [
        ("三支一扶人员生活补贴，22人，每月3800元，社保及意外险24万，明年130.92万", "130.92", None, None),
        ("驻村工作队生活补助及办公经费，18支54人，每人每天100元按240天，办公经费每队1.5万，2026年156.6万元", "156.60", None, None),
        ("明年外出招商，推介会4场，到位资金3亿，经费80万", "80.00", None, None),
        ("特岗教师工资性补助 2026 共计 一百二十六万元 其中 中央 九十万 县里 三十六万", "126.00", "126.00", None),
        ("葡萄酒节预算180万，企业赞助30万", "180.00", None, "30.00"),
        ("老旧小区改造2026年预算3200万，其中专项债2000万、财政1200万", "3200.00", "3200.00", None),
        ("综合服务中心2026年22.5万，比今年多了1.8万", "22.50", None, None),
        ("2026-2027年示范创建经费，两年共60万，今年先安排30万", "30.00", None, None),
        ("2026年水毁抢修工程款分两期付，总价320万，今年付60%即192万", "192.00", None, None),
        ("托养中心设备采购，不是45万而是54万，2026年", "54.00", None, None),
        ("2026年直播间改造预算由60万调整为48万，改造直播间2间", "48.00", None, None),
        ("动物检疫协管员补助45人*1500元*12个月=81万", "81.00", None, None),
        ("2026年器材补充，灭火器1200具*85元=10.2万元，消防水带300盘，合计15万", "15.00", None, None),
        ("2026年中心运维费，含水电12万、设备维保9万、耗材3万", "24.00", None, None),
        ("农村公路日常养护，县道210公里每公里1万元，每年450万元", "450.00", None, None),
        ("2026年棚改贷款付息1260万，其中中央补助300万", "1260.00", "300.00", None),
        ("2026年人才引进经费50万", "50.00", None, None),
        ("2026年老旧小区改造总投资500万，中央300万，其余县级配套", "500.00", "500.00", None),
        ("低收入家庭补贴2026年30万", "30.00", None, None),
    ],
)
def test_which_amount_is_the_budget(sentence: str, budget: str, fiscal: str | None, other: str | None) -> None:
    request = understand(sentence, this_year=2025)
    assert (request.budget, request.fiscal, request.other) == (budget, fiscal, other)


@pytest.mark.parametrize(
    ("sentence", "budget", "purpose"),
    [
        ("2026年食品抽检80万，抽检1000批次，每批次600元，余下用于快检设备", "80.00", "用于食品抽检，购置快检设备。"),
        (
            "2026年人工影响天气项目45万元，其中购买火箭弹300枚每枚800元，作业点租金6万，余下用于作业人员补助",
            "45.00",
            "用于购买火箭弹，租赁作业点，作业人员补助。",
        ),
        ("养老服务项目100万，60万用于养老机构运营补贴，剩余40万用于居家适老化改造200户", "100.00", "用于养老机构运营补贴，居家适老化改造。"),
        ("2026年病虫害防治50万，农药采购30万元，剩下的用于飞防作业5万亩", "50.00", "用于农药采购，飞防作业。"),
        ("2026年青少年活动经费15万，剩余部分用于志愿者服务保障", "15.00", "用于青少年活动经费，志愿者服务保障。"),
        ("2026年河道整治1200万，上级资金900万，其余县级配套", "1200.00", None),
    ],
)
def test_what_the_rest_of_the_money_is_for(sentence: str, budget: str, purpose: str | None) -> None:
    request = understand(sentence, this_year=2025)
    assert (request.budget, request.purpose) == (budget, purpose)


@pytest.mark.parametrize(
    ("sentence", "name", "unit"),
    [
        ("水务局2026年山洪灾害防治设施维护65万，雨量站42处", "山洪灾害防治设施维护", "水务局"),
        ("明年想弄个治安巡防的项目，大概50万", "治安巡防", None),
        ("办公楼修一修，再买点电脑打印机，80万，2026", "办公楼维修", None),
        ("打击欺诈骗保第三方核查服务，核查医药机构186家，明年28万", "打击欺诈骗保第三方核查服务", None),
        ("计划生育家庭奖励扶助2026年100万", "计划生育家庭奖励扶助", None),
        ("交警大队更换信号灯14套、施划标线2.6万平方米、安装隔离护栏3.2公里，明年136万", "交警大队信号灯更换、标线施划和隔离护栏安装", None),
    ],
)
def test_name_and_office_of_a_sentence(sentence: str, name: str, unit: str | None) -> None:
    request = understand(sentence, this_year=2025)
    assert (request.name, request.unit) == (name, unit)


def test_document_number_that_is_still_to_come() -> None:
    assert understand("执法记录仪60台每台2800，预算16.8万，文号还没下来").known["资金文件号"] == "待核实"


def test_a_thousand_times_a_number_is_not_a_year() -> None:
    request = understand("培训45人，每人2000元，预算7万元")
    assert request.year is None
    assert request.known["培训标准"] == "2000元/人"


def test_options_win_over_the_sentence() -> None:
    request = understand("残保金2026年495万，培训55人", budget="480", year="2027", known=["培训人数=60人"])
    assert (request.budget, request.year, request.known["培训人数"]) == ("480.00", 2027, "60人")


def test_two_projects_in_one_breath() -> None:
    assert len(projects_in("残保金2026年495万，其中培训55人、人均1600；服务中心明年19万，照今年的表改")) == 2
    assert len(projects_in("残保金2026年495万；其中培训55人、人均1600")) == 1
    assert len(projects_in("2026年村卫生室基药补助；村卫生室168个，每个每年6000元，合计100.8万元")) == 1


@pytest.mark.parametrize(
    ("budget", "expected"), [("480", "480.00"), ("480万元", "480.00"), ("4800000元", "480.00"), ("1.2亿", "12000.00"), ("20.705", "20.705")]
)
def test_budget_in_any_unit(budget: str, expected: str) -> None:
    assert understand(name="x项目", budget=budget).budget == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"budget": "abc"},
        {"budget": "-5"},
        {"budget": "0"},
        {"budget": "4.123456789"},
        {"fiscal": "-1"},
        {"year": "26年初"},
        {"year": "1999"},
        {"known": ["培训人数"]},
        {"known": ["培训人数=-5人"]},
    ],
    ids=str,
)
def test_wrong_input_is_two_chinese_sentences(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        understand(name="某项目", **wrong)  # type: ignore[arg-type]
    assert caught.value.message.endswith("。")
    assert caught.value.hint


def test_an_answer_becomes_part_of_the_request() -> None:
    request = answered(understand("残保金495万"), {"年度": "2026", "预算": "480", "培训人数": "55人"})
    assert (request.year, request.budget, request.known) == (2026, "480.00", {"培训人数": "55人"})


USES = [
    ("用于残疾人就业、培训以及残疾人生活保障。", ["残疾人就业", "残疾人培训", "残疾人生活保障"]),
    ("用于重度肢体和精神智力残疾人托养服务。", ["重度肢体和精神智力残疾人托养服务"]),
    ("用于残疾儿童康复训练和残疾人家庭无障碍改造。", ["残疾儿童康复训练", "残疾人家庭无障碍改造"]),
    ("用于购置执法记录仪60台、电脑10台，更换机房空调2台，并开展业务培训3期", ["执法记录仪购置", "电脑购置", "机房空调更换", "业务培训"]),
    ("职工食堂、办公楼维修", ["职工食堂维修", "办公楼维修"]),
    ("用于和美乡村建设、村内道路硬化", ["和美乡村建设", "村内道路硬化"]),
    ("电子政务外网运维、等保测评和专线租用", ["电子政务外网运维", "等保测评", "专线租用"]),
]


@pytest.mark.parametrize(("text", "nouns"), USES, ids=[row[0][:14] for row in USES])
def test_uses_of_money(text: str, nouns: list[str]) -> None:
    assert [component.nominal for component in uses_of(text).components] == nouns


def test_an_aim_is_no_use() -> None:
    uses = uses_of("新建城东排水管网3.5公里、检查井120座，改善居民出行条件")
    assert [(c.nominal, c.unit) for c in uses.components] == [("城东排水管网新建", "公里"), ("检查井新建", "座")]
    assert uses.effects == ["改善居民出行条件"]


TYPES = {
    "执法记录仪购置": "T05",
    "残疾人家庭无障碍改造": "T36",
    "电子政务外网运维": "T08",
    "农村公路养护": "T21",
    "生活垃圾清运": "T18",
    "家庭经济困难大学生资助": "T15",
    "第五次经济普查数据处理": "T27",
    "种粮补贴发放": "T20",
    "消防员培训": "T02",
    "农村饮水安全工程维修养护": "T19",
    "失能老人居家养老服务": "T29",
    "专项债券利息": "T33",
}


@pytest.mark.parametrize(("text", "code"), TYPES.items())
def test_project_types_by_their_words(text: str, code: str) -> None:
    kind = classify(text)
    assert kind is not None
    assert kind.code == code


def test_figures_inside_the_use_are_facts() -> None:
    request = understand(name="设备购置", purpose="用于购置执法记录仪60台、电脑10台")
    assert {(fact.name, fact.value.text) for fact in facts_of(request)} == {("执法记录仪购置数量", "60台"), ("电脑购置数量", "10台")} or len(
        facts_of(request)
    ) == 2


def test_reading_never_fails_on_odd_text() -> None:
    for text in ("", "……", "100%", "每每每", "一一一一", "￥", "\x00\x01", "二〇二〇二〇", "万万万元", "=" * 500):
        wording.read(text)


@pytest.mark.parametrize(
    ("sentence", "unit", "name"),
    [
        ("水利局2026年农村饮水安全巩固提升工程预算860万元", "水利局", "农村饮水安全巩固提升工程"),
        ("怀来县教育局明年校舍维修120万", "怀来县教育局", "校舍维修"),
        ("县公安局：2026年视频监控运维，预算60万元", "县公安局", "视频监控运维"),
        ("2026年水务局河道疏浚300万，疏浚15公里", "水务局", "河道疏浚"),
        ("帮卫健局起草2026年老年人体检项目，90万元", "卫健局", "老年人体检项目"),
        ("县医院，2026年购置CT一台，800万", "县医院", "CT购置"),
        ("帮我们局写一个2026年的路灯维修，50万", None, "路灯维修"),
        ("我们局明年想搞个普法宣传，10万", None, "普法宣传"),
        ("医院污水处理改造80万", None, "医院污水处理改造"),
        ("城镇老旧小区改造500万", None, "城镇老旧小区改造"),
        ("村民委员会办公用房建设60万", None, "村民委员会办公用房建设"),
        ("水利设施布局规划编制30万", None, "水利设施布局规划编制"),
        ("给残联服务中心买2台电脑1万元", None, "残联服务中心电脑购置"),
    ],
)
def test_the_office_a_sentence_begins_with_is_the_unit_and_no_part_of_the_name(sentence: str, unit: str | None, name: str) -> None:
    request = understand(sentence)
    assert (request.unit, request.name) == (unit, name)


@pytest.mark.parametrize(
    ("sentence", "name", "known"),
    [
        ("办葡萄文化节，45万，3天，预计来5万人", "葡萄文化节", {"葡萄文化节天数": "3天", "葡萄文化节参与人数": "5万人"}),
        ("购买第三方审计服务30万", "第三方审计服务", {}),
        ("高龄津贴，90岁以上410人每人每月100元", "高龄津贴", {"90岁以上人数": "410人", "90岁以上标准": "100元/人·月"}),
        ("校舍维修120万元，维修3所学校", "校舍维修", {"学校维修数量": "3所"}),
        ("经济普查清查，加培训2期3万，共27万", "经济普查清查", {"培训资金": "3万元", "培训班次": "2期"}),
    ],
)
def test_words_around_a_figure_are_no_part_of_its_name(sentence: str, name: str, known: dict[str, str]) -> None:
    request = understand(sentence)
    assert (request.name, dict(request.known)) == (name, known)
