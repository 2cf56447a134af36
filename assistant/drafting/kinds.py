"""The project type of a phrase: by the trigger words of the library's types, by its action, by how it ends.

A Chinese noun phrase says what it is at its end (安全生产检查 is a check, 校舍安全鉴定 an appraisal), so the action there outweighs a
trigger that only names the field.
"""

from __future__ import annotations

import re
from functools import lru_cache

from assistant import library
from assistant.drafting import lexicon, phrases
from assistant.library import ProjectType

# Action → type, for words that no trigger covers.
_TYPE_OF_ACTION: dict[str, str] = {
    word: code
    for code, words in {
        "T04": "安装 整治 新建 建设 修建 改建 扩建 改扩建 改造 维修 修缮 修复 硬化 铺设 敷设 加固 亮化 翻建 翻新 重建 拆除 新打 开挖",
        "T05": "购置 更换 更新 配备 配置",
        "T06": "租赁 租用 维护 维保",
        "T09": "制作 刊播 播放 拍摄 演出 比赛 宣传 展览 放映 印制 印刷",
        "T10": "代理 编制 编写 修编 评估 评审 审计 勘察 测绘 设计 监理 调研 编印 修订 鉴定",
        "T12": "救助",
        "T43": "慰问 走访",
        "T15": "资助",
        "T44": "奖励",
        "T01": "补助 补贴 发放",
        "T46": "检测 监测",
        "T17": "抽检 检查 巡查 巡防 巡护 核查 抽查 督查 督导",
        "T18": "清运 清扫 保洁 清理 处置 收集 转运 治理",
        "T19": "疏浚 清淤",
        "T23": "接种 防治 消杀",
        "T25": "演练 排查 储备",
        "T21": "施划",
        "T26": "种植 栽植 补植 绿化 抚育 管护",
        "T27": "调查 普查",
        "T28": "调解 援助 受理",
        "T29": "照料",
        "T07": "开发 部署 升级 数字化",
        "T08": "运维",
        "T31": "征收 拆迁 安置",
        "T33": "偿还 归还",
        "T37": "聘用",
        "T30": "招聘 招考 引进",
        "T39": "体检 筛查",
        "T51": "扫描 著录",
        "T40": "免疫 防控",
    }.items()
    for word in words.split()
}
# Words inside a phrase that no trigger covers.
_TYPE_OF_WORD: dict[str, str] = {
    "垃圾": "T18",
    "污水": "T42",
    "河道": "T19",
    "水渠": "T19",
    "水库": "T19",
    "物业": "T06",
    "水电": "T06",
    "取暖": "T06",
    "房租": "T06",
    "食堂": "T06",
    "公务用车": "T06",
    "助学": "T15",
    "慰问": "T43",
    "软件": "T07",
    "网络": "T08",
    "广播系统": "T08",
    "地名": "T27",
    "保安": "T37",
    "安保": "T37",
    "标线": "T21",
    "护栏": "T21",
    "信号灯": "T21",
    "实训": "T05",
    "巡防": "T17",
    "外包": "T52",
}
HOUSED = frozenset("T06 T18 T22 T23 T25 T28 T29 T30 T34 T37 T38 T46 T47 T48 T51".split())
_TYPE_OF_ENDING = (
    ("运转", "T06"),
    ("运行", "T06"),
    ("生活保障", "T12"),
    ("基本生活", "T12"),
    ("利息", "T33"),
    ("本息", "T33"),
    ("节", "T09"),
    ("晚会", "T09"),
    ("活动", "T09"),
    ("赛事", "T09"),
    ("费用补助", "T15"),
    ("劳务", "T37"),
    ("社保", "T37"),
)
# What a phrase ends with says what is done, whatever field a trigger inside it names: 安全生产检查 checks, 校舍安全鉴定 appraises.
_TYPE_OF_HEAD = {
    "T39": ("筛查", "体检", "医学检查", "健康检查"),
    "T09": ("宣传", "宣讲", "宣教"),
    "T43": ("走访", "慰问"),
    "T17": ("检查", "核查", "抽查", "督查", "督导"),
    "T25": ("演练",),
    "T27": ("调查", "普查"),
    "T10": ("编制", "编修", "鉴定", "评估", "评审", "测绘", "勘察", "设计", "监理"),
    "T06": ("租赁", "租用"),
}
_FIELDS = frozenset("T04 T06 T12 T17 T18 T19 T20 T21 T22 T23 T25 T26 T28 T31 T38 T40 T46 T48 T08".split())
# Pay of people who do the work: 生态护林员管护补助, 防疫员误工补贴.
PAY_OF_WORKERS = re.compile(
    r"(?:(?<![人学党会议成生])|(?<=(?:管护|护林|巡护|巡查|保洁|看护|护理|值班|协管|临聘|编外|聘用|安保|养护)人))员(?:的|管护|巡护|巡查|岗位|生活|工作|误工|人员|务工|绩效){0,2}(?:补助|补贴|报酬|工资|津贴|劳务费?|待遇|误工费|社保)"
)
TYPE_OF_UNIT = {
    "公里": "T04",
    "平方米": "T04",
    "座": "T04",
    "眼": "T04",
    "处": "T04",
    "台": "T05",
    "辆": "T05",
    "套": "T05",
    "场": "T09",
    "份": "T10",
    "条": "T09",
    "期": "T02",
}


@lru_cache(maxsize=8192)
def classify(text: str, action: str = "") -> ProjectType | None:
    """The project type of a phrase by its trigger words: the longest wins, then the one that stands last; None when none occurs."""
    if not text:
        return None
    if text.endswith(("租金补贴", "住房补贴", "租房补贴", "交通补贴", "取暖补贴")):
        return type_of("T01")
    if PAY_OF_WORKERS.search(text):
        return type_of("T37")
    best: tuple[float, int, ProjectType] | None = None
    head = re.sub(r"(?:服务|工作|项目|经费)+$", "", text)
    for kind in library.project_types():
        held = [match.span() for word in kind.excluded for match in re.finditer(re.escape(word), text)]
        for trigger in kind.triggers:
            place = text.rfind(trigger)
            if place < 0 or any(start < place + len(trigger) and place < end for start, end in held):
                continue
            # 购置 before anything is a purchase, whatever the thing is for.
            weight = len(trigger) + (1.5 if action in lexicon.BUYING and kind.code == "T05" else 0)
            score = (float(weight), place + len(trigger))
            if best is None or score > best[:2]:
                best = (*score, kind)
    ends = next((code for code, words in _TYPE_OF_HEAD.items() if head.endswith(words)), None)
    if ends is not None and best is not None and best[1] < len(head) and best[2].code in _FIELDS:
        return type_of(ends)
    if action == "安装" and re.search(r"路灯|庭院灯|太阳能灯", text):
        return type_of("T04")
    if action in ("更换", "更新", "安装", "施划") and re.search(r"路灯|护栏|信号灯|标线|标志牌|交通标志|指示牌", text):
        return type_of("T21")
    if action in lexicon.BUILDING and re.search(r"长城|文物|古建|遗址|烽火台|故居|古城|城墙|石窟|寺|庙", text):
        return type_of("T24")
    if action == "开发" and re.search(r"岗$|岗位", text):
        return type_of("T14")
    if action in ("更换", "安装", "维修", "修补") and re.search(r"井盖|雨水?篦|下水道", text):
        return type_of("T48")
    if action in lexicon.BUYING and (best is None or best[0] < 4):
        return type_of("T05")
    if action in lexicon.BUILDING - {"清淤", "疏浚"} and best is not None and best[2].code in HOUSED:
        # 校舍维修 is a building job, whatever the building is for.
        return type_of("T04")
    if best is not None:
        return best[2]
    if code := next((code for ending, code in _TYPE_OF_ENDING if text.endswith(ending)), None):
        return type_of(code)
    if word := next((word for word in _TYPE_OF_WORD if word in text), None):
        return type_of(_TYPE_OF_WORD[word])
    code = _TYPE_OF_ACTION.get(action) or next((_TYPE_OF_ACTION[word] for word in _TYPE_OF_ACTION if text.endswith(word)), None)
    if code is None and (unit := phrases.unit_of(text)) in TYPE_OF_UNIT and action:
        code = TYPE_OF_UNIT[unit]
    return type_of(code) if code else None


def type_of(code: str | None) -> ProjectType | None:
    """The project type of a code, None when there is none."""
    return next((kind for kind in library.project_types() if kind.code == code), None)
