"""绩效目标: what will be done, how much of it, to what effect, in the words of the project's own rows.

The figures of the text are those of the indicators and nothing else; what is open is named without a figure, so that the goal never
says more than the table. The effect is what the request (or last year's goal) says the money is for, else what the benefit rows measure.
"""

from __future__ import annotations

import re

from assistant.chinese import fold
from assistant.draft import Source
from assistant.drafting import lexicon, phrases
from assistant.drafting.components import Component, Uses
from assistant.drafting.sheet import Cell, Row, Sheet
from assistant.validation import validate

_BENEFITS = ("经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标")


def write(sheet: Sheet, uses: Uses, *, effects: tuple[str, ...] = (), previous: str | None = None) -> None:
    """Write the goal text from the finished rows; ``effects`` are the office's own words for the aim (last year's goal)."""
    outputs = _outputs(sheet, uses)
    aims = list(dict.fromkeys(effect.strip("，。；、 ") for effect in (*effects, *uses.effects) if effect.strip("，。；、 ")))
    counted = {row.component for row in sheet.rows if row.level2 == "数量指标" and not row.is_open}
    all_said = bool(outputs) and all(index in counted for index in range(len(uses.components)))
    first = _first(uses, outputs, all_said=all_said)
    quality = _phrases(sheet, ("质量指标", "时效指标"))
    benefit = _phrases(sheet, _BENEFITS)
    satisfaction = _phrases(sheet, ("服务对象满意度指标",))
    rest = "，".join([*benefit[:2], *satisfaction[:1]])
    text = _joined(first, "，".join(quality[:2]), "，".join(aims) or "；".join(_customary_aims(uses)), rest)
    if not aims and (unmeasured := _unmeasured(sheet, text)):
        # A customary aim is said only where the table measures it.
        measured = [aim for aim in _customary_aims(uses) if not any(fold(part) in unmeasured for part in (aim, *aim.split("，")))]
        text = _joined(first, "，".join(quality[:2]), "；".join(measured), rest)
    origin = Cell(
        text,
        "computed",
        source=Source(path="draft", cell="indicators", text="、".join(sheet.named()[:8])),
        formula="由资金用途和本表各行指标值写成，数字与指标值一致",
        note="上年目标中的效果表述沿用" if effects else None,
    )
    sheet.goals.append(origin.against(previous) if previous is not None else origin)


def _first(uses: Uses, outputs: str, *, all_said: bool) -> str:
    """What is done and how much of it; without figures in the words of an undertaking."""
    doing = _doing(uses)
    if outputs:
        return outputs if all_said else f"通过{doing}，{outputs}"
    return doing if doing.startswith(("按期", "保障", *phrases.LEADING_FORMS)) else f"组织实施{doing.removeprefix('开展')}"


_AIM = re.compile(
    rf"^(?:更好地|从而|进而|以|来|进一步|切实|有效|不断|逐步|全面)?(?:{'|'.join(sorted(lexicon.EFFECT_WORDS, key=len, reverse=True))}|更好|助力|培养|形成|扩大)"
)


def effects_of(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The clauses of past goals that say what the money is to achieve (减轻残疾人生活压力), without those that say what is done."""
    found = []
    for text in texts:
        clauses = re.split(r"[，。；;,\n]", re.sub(r"^\s*\d+[.、．]\s*", "", text))
        for clause in clauses[1:]:
            words = clause.strip()
            if _AIM.match(words) and not re.search(r"\d", words):
                found.append(words)
    return tuple(found)


def _doing(uses: Uses) -> str:
    done = ([component for component in uses.components if not component.is_cost] or uses.components)[:5]
    nouns = list(dict.fromkeys(_as_deed(component) for component in done))
    if not nouns:
        return "实施本项目"
    if all(noun.endswith(("利息", "本息", "本金", "付息")) for noun in nouns):
        return f"按期偿付{_listed(nouns).removesuffix('付息')}"
    if all(component.type is not None and component.type.code == "T37" for component in done):
        return f"保障{_listed([noun.removesuffix('报酬保障') for noun in nouns])}报酬待遇"
    verb = "" if all(noun.startswith(("开展", "举办", "实施", "组织")) for noun in nouns) else "开展"
    if all(component.phrase.action in _MADE for component in done):
        said = [f"{component.phrase.action}{component.phrase.who}{component.phrase.object}" for component in done]
        return _listed(list(dict.fromkeys(said)))
    if len(nouns) == 1 and nouns[0].endswith(("运行", "运转")):
        return f"保障{nouns[0].removesuffix('运行').removesuffix('运转')}正常{nouns[0][-2:]}"
    return verb + _listed(nouns)


def _as_deed(component: Component) -> str:
    """A use as something that can be carried out: people who are paid are 保障…报酬, not 开展村级防疫员."""
    paid = component.type is not None and component.type.code == "T37" and not component.phrase.action
    return f"{component.nominal}报酬保障" if paid and not component.nominal.endswith(("报酬", "工资", "待遇")) else component.nominal


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else "、".join(words[:-1]) + "和" + words[-1]


def _outputs(sheet: Sheet, uses: Uses) -> str:
    said: list[str] = []
    for row in sheet.rows:
        if row.level2 != "数量指标":
            continue
        target = row.target
        if row.is_open or target.number is None:
            continue
        component = uses.components[row.component] if row.component is not None and row.component < len(uses.components) else None
        said.append(_counted(row, component))
    return ("全年" + "、".join(said)) if said else ""


def _counted(row: Row, component: Component | None) -> str:
    target = row.target
    figure = f"{target.number:f}{target.unit or ''}"
    sign = {"≥": "不少于", "≤": "不超过", ">": "超过", "≈": "约"}.get(target.comparator or "", "")
    if component is not None and not row.carried and component.phrase.action in _SAID_FIRST:
        return f"{component.phrase.action}{component.phrase.object}{sign}{figure}"
    return f"{row.level3.text}{sign or '为'}{figure}"


_MADE = frozenset("购置 更换 新建 修建 建设 配备 铺设 安装 印制".split())
_SAID_FIRST = _MADE | {"编制", "发放", "资助", "清运"}


def _phrases(sheet: Sheet, types: tuple[str, ...]) -> list[str]:
    said = []
    for row in sheet.rows:
        target = row.target
        if row.level2 not in types or row.is_open or target.number is None:
            continue
        if target.number == 0 and row.level2 == "质量指标":
            # Nothing lost, nobody paid twice: a limit, no achievement to be promised.
            continue
        figure = f"{target.number:f}{target.unit or ''}"
        name = row.level3.text
        if target.comparator in ("≥", ">"):
            said.append(f"{name}达到{figure}以上" if target.number < 100 or target.unit != "%" else f"{name}达到{figure}")
        elif target.comparator in ("≤", "<"):
            said.append(f"{name}控制在{figure}以内")
        elif target.number == 0:
            said.append(f"{name}为{figure}")
        else:
            said.append(f"{name}达到{figure}")
    return said


AIMS: dict[str, str] = {
    "T01": "减轻补贴对象生活负担，保障其基本生活",
    "T02": "提高参训人员的业务能力和就业技能",
    "T03": "推动议定事项落实",
    "T04": "改善基础设施条件，方便群众生产生活",
    "T05": "改善工作条件，提高业务保障能力",
    "T06": "保障机构正常运转，提高服务水平",
    "T07": "提高业务办理效率和管理水平",
    "T08": "保障系统安全稳定运行和业务正常办理",
    "T09": "扩大宣传覆盖面，丰富群众文化生活",
    "T10": "为科学决策和项目实施提供依据",
    "T11": "改善残疾人身体功能，增强生活自理和社会参与能力",
    "T12": "保障困难群众基本生活",
    "T43": "把关心关怀送到慰问对象，帮助解决实际困难",
    "T13": "减轻家庭照护负担，提高服务对象生活质量",
    "T44": "发挥奖补资金的激励引导作用",
    "T45": "履行合同支付责任，避免拖欠引发矛盾",
    "T46": "及时掌握质量状况，为监管和治理提供数据",
    "T47": "保障应急供应，维护市场稳定",
    "T48": "保持市政设施完好，方便群众生活和出行",
    "T49": "保持绿地整洁完好，改善居住环境",
    "T50": "带动消费增长，让消费者得到实惠",
    "T51": "保护原件并方便查阅利用",
    "T54": "保护森林草原资源，维护生态安全",
    "T53": "促进供需对接，帮助求职者就业",
    "T52": "满足群众服务需求，提高服务质量",
    "T14": "促进就业创业，增加就业人员收入",
    "T15": "减轻受助家庭负担，保障受助对象完成学业",
    "T16": "减轻参保对象缴费负担，实现应保尽保",
    "T17": "及时发现和消除风险隐患，维护群众合法权益",
    "T18": "改善城乡环境卫生状况",
    "T19": "保障群众用水安全，改善灌溉和防洪条件",
    "T20": "调动农户生产积极性，促进农业增产增收",
    "T21": "保持道路设施完好，保障群众出行安全",
    "T22": "改善办学条件，保障学生学习生活",
    "T23": "提高居民健康水平，防控疾病传播",
    "T24": "保护文化遗产，丰富群众文化生活",
    "T25": "提高应急处置能力，保护群众生命财产安全",
    "T26": "增加绿化面积，改善生态环境",
    "T27": "为经济社会决策提供准确数据",
    "T28": "化解矛盾纠纷，维护群众合法权益和社会稳定",
    "T29": "提高老年人生活质量，减轻家庭照料负担",
    "T30": "提高干部人才队伍能力",
    "T31": "保障被征收群众合法权益，保证项目用地",
    "T32": "促进招商项目落地，带动经济发展",
    "T33": "按期履行偿还责任，维护政府信用",
    "T34": "保障公共交通正常运营，方便群众出行",
    "T35": "改善农村生产生活条件，增加村民收入",
    "T36": "改善居住条件，方便改造户日常生活",
    "T37": "保障人员待遇和队伍稳定，做好所承担的服务工作",
    "T38": "落实优抚安置政策，保障优抚对象权益",
    "T39": "及早发现疾病和问题，落实后续服务",
    "T40": "控制疫病和病虫害发生，保障农牧业生产安全",
    "T41": "降低融资成本，扶持创业和生产经营",
}  # fmt: skip


def _joined(*parts: str) -> str:
    return re.sub(r"[；，]{2,}", "；", "；".join(part for part in parts if part) + "。")


def _unmeasured(sheet: Sheet, text: str) -> str:
    """What the validator says a goal promises and no row measures."""
    table = sheet.table().model_copy(update={"goals": (text,)})
    return fold("".join(finding.message for finding in validate([table], select=["S602"]).findings))


def _customary_aims(uses: Uses) -> list[str]:
    """The usual aims of the project's types, in the words its rows can measure."""
    said = "".join(component.nominal for component in uses.components)
    kinds = []
    for component in uses.components:
        if component.type is not None and component.type.code not in kinds and not component.is_cost:
            kinds.append(component.type.code)
    if not kinds and uses.type is not None:
        kinds = [uses.type.code]
    aims = [AIMS[code] for code in kinds[:2] if code in AIMS]
    if "宣传" in said or "广告" in said:
        aims = [aim.replace("，丰富群众文化生活", "，提高政策知晓程度") for aim in aims]
    return aims
