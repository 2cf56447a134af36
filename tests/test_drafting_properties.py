"""Whatever is asked for: no crash, every cell with its origin, no number without a source, no validator error but what is open."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.corpus import Corpus
from assistant.drafting.embedded import draft
from assistant.drafting.request import projects_in, understand
from assistant.errors import AssistantError
from assistant.evaluation.sourcing import unsourced
from assistant.taxonomy import OPEN_VALUE

USES = [
    "购置{n}台执法记录仪", "修建农村公路{n}公里", "开展残疾人职业技能培训{n}人", "编制国土空间规划{n}份", "举办文化节{n}场", "生活垃圾清运", "电子政务外网运维", "资助困难大学生{n}名",
    "高龄津贴发放", "残疾人家庭无障碍改造{n}户", "食品安全监督抽检{n}批次", "人工造林{n}亩", "办公楼物业管理", "校舍维修{n}平方米", "机井维修{n}眼", "消防演练{n}次", "妇女两癌筛查{n}人", "专项债券付息",
    "义务兵家庭优待金", "路灯更换{n}盏", "招商推介{n}场", "农机购置补贴{n}台", "法律援助{n}件", "居家养老服务{n}人", "公交运营补贴", "畜禽强制免疫{n}头", "博物馆免费开放", "土地征收补偿{n}亩", "创业担保贷款贴息",
    "村干部报酬", "农业普查", "乡村医生补助{n}人", "应急物资储备", "长城修缮{n}米", "采购{n}批次药品和{n}套防护服", "残疾儿童康复训练{n}人、辅助器具适配{n}件", "重度残疾人托养服务", "会议室改造", "日常维护", "其他支出",
]  # fmt: skip
NAMES = ["残疾人就业保障金", "163号康复", "服务中心", "综合保障经费", "某某项目", "（2026）机动轮椅车燃油补贴", "乡村振兴", "A1-B2_C3", "民生实事"]
KNOWN = [
    {},
    {"培训人数": "50人"},
    {"满意度": "95%"},
    {"标准": "1500元/人"},
    {"数量": "12"},
    {"合格率": "100%"},
    {"完成时间": "2026年10月底前"},
    {"受益人数": "3000人"},
    {"其中设备": "3万元"},
    {"备注": "分两批"},
]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return Corpus.open(tmp_path_factory.mktemp("corpus"))


requests = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["", *NAMES]),
        "purpose": st.lists(st.tuples(st.sampled_from(USES), st.integers(2, 3000)), min_size=1, max_size=4, unique_by=lambda part: part[0]).map(
            lambda parts: "用于" + "、".join(text.replace("{n}", str(n)) for text, n in parts) + "。"
        ),
        "budget": st.one_of(st.none(), st.decimals("0.3", "9000", places=2).map(str)),
        "other": st.one_of(st.none(), st.just("0.2")),
        "known": st.lists(st.sampled_from(KNOWN), max_size=2).map(lambda facts: {key: value for fact in facts for key, value in fact.items()}),
        "year": st.one_of(st.none(), st.just("2026"), st.just("2027")),
        "frame": st.sampled_from([None, "2015", "2021"]),
        "unit": st.sampled_from([None, "怀来县残疾人联合会", "某县水务局"]),
        "basis": st.sampled_from([[], ["怀财字〔2026〕5号"], ["2026年实施方案"]]),
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(asked=requests)
def test_every_draft_is_sourced_and_clean(corpus: Corpus, asked: dict[str, Any]) -> None:
    made = draft(understand(None, **asked), corpus)
    assert [entry.cell for entry in made.provenance] == [cell.address for cell in made.table.cells()]
    assert unsourced(made, corpus) == []
    for row in made.table.indicators:
        assert row.type is not None
        assert row.level3
        assert row.description
        assert row.basis
    asked_about = {question.cell for question in made.open_questions}
    for entry in made.provenance:
        if made.table.text(entry.cell) == OPEN_VALUE:
            assert entry.origin == "open", entry
    assert not made.open_questions or asked_about
    own = {"Q901", "Q902", "Q903", "Q904", "Q906"}
    errors = [finding for finding in made.findings if finding.severity == "error" and finding.outcome == "failed" and finding.code not in own]
    assert errors == [], [(finding.code, finding.message) for finding in errors]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(
        alphabet=st.sampled_from(list("残疾人培训修路买设备每人户元万块0123456789.,，、；。：年月日%≥约共和给第号一二三十百千预算财政自筹（）〔〕 -—\n")),
        min_size=1,
        max_size=60,
    )
)
def test_any_sentence_gives_a_draft_or_two_sentences(corpus: Corpus, text: str) -> None:
    with contextlib.suppress(AssistantError):
        for piece in projects_in(text):
            draft(understand(piece, this_year=2025), corpus)
