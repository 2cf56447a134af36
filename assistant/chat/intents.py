"""What a sentence wants, without a model: one recogniser per kind of wish, tried in order; None = not understood.

The recognisers look at how a whole sentence is built (把…改成…, 再加一个…指标, 第3个问题怎么改), not at any project's own words and not at
a word somewhere inside it: 用于检查站改造 is no wish to check. What is left and asks goes to answering; what is left and names a
project with money goes to drafting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assistant.chat.reckoning import reckoned
from assistant.chat.saying import asks, bare, clean, is_question, ordinal
from assistant.chinese import fold


@dataclass(frozen=True, slots=True)
class Intent:
    """A wish: its kind and its parts by name."""

    kind: str
    parts: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """A part's text, empty when it was not said."""
        return self.parts.get(name, "")


_NUMBER = r"(\d+|[一二两三四五六七八九十]+)"
_THIS = r"(?:这|那|本|整|全|该)?(?:一)?(?:张|份|个)?(?:的)?"
_TABLE = rf"(?:{_THIS}(?:绩效)?(?:目标)?(?:申报)?(?:草稿|表格?|稿子))"
_FIND = re.compile(
    rf"(?:再|重新|整体|全部?|都)*(?:检查|校验|审查|审核|核查|核对|自查|自检|查查|查一查|审一审|验一?下)(?:一下|一遍|一次|下|看看|看)?(?:{_TABLE}|"
    rf"它|结果)?(?:看看)?(?:有没有|有无)?(?:什么|啥)?(?:问题|毛病|错误?)?(?:没有|没|吗|呗)?|"
    rf"(?:看看?|你?看看|帮看看|查一?下)?(?:{_TABLE}|它|现在|目前|这样)?(?:里面?|中|上)?(?:还)?(?:有没有|有无|有啥|有什么|有哪些|有|"
    rf"哪里有|哪儿有|哪些地方有)(?:什么|啥|哪些)?(?:问题|毛病|错误?|不对的?(?:地方)?|不合[适规格]的?(?:地方)?)(?:没有|没|吗|不)?|"
    rf"(?:{_TABLE}|它|现在|这样)?(?:还|能不能|能|可不可以|可以|合不合|合|行不|算)+(?:过审?|通过(?:审[核查])?|用|格|规|报|交|上报|提交|"
    rf"报上去|交上去|合格|合规|行)(?:格|规)?(?:了)?(?:吗|么|不|吧)|"
    rf"(?:{_TABLE})?(?:还|是不是|有没有|看看)*(?:(?:漏|落)(?:掉|了|下)?(?:什么|哪些|哪个|啥)(?:指标|内容|栏目|行|东西)?|(?:缺|少)(?:了)?(?:什么|哪些|哪个|啥)(?:指标|栏目))"
    rf"(?:没有|没|吗|了)?|"
    rf"(?:{_TABLE}|它|现在|这样)?(?:能|可以|大概|一共)?(?:得|打|评|算)?(?:几|多少)分(?:吗|呢)?|(?:给)?(?:{_TABLE})?(?:打个?分|评个?分|评个?级|什么等级|哪个等级)|"
    rf"(?:为什么|为啥|哪里|怎么)(?:会)?扣(?:了)?分(?:了)?|"
    rf"(?:{_TABLE}|它)(?:怎么样|行不行|行吗|好了吗|对吗|对不对|可以吗)|(?:查一?下|查看)(?:{_TABLE})?(?:的)?问题"
)
_ABOUT_FINDING = (
    r"(?:呢|是什么意思|什么意思|啥意思|怎么回事|(?:该|要|应该|具体)?(?:怎么|咋|如何)(?:改|办|处理|弄|解决|修改|整)|为什么(?:报|有|"
    r"会报)?|为啥|的?依据(?:是什么|呢)?|"
    r"详细(?:说说|点|说一下)?|说说|解释(?:一下)?|说的是什么|是什么|在哪(?:里|儿)?)"
)
_EXPLAIN = re.compile(
    rf"(?:(?:你|请)?(?:为什么|为啥|怎么|咋)(?:要|会|还)?(?:报|有|出现|说|提示)|(?:详细)?(?:解释|说说|讲讲|说明|看看?)(?:一下|"
    rf"下)?)?(?P<which>第?{_NUMBER}(?:个|条|项|号)|(?:上面|前面|刚才)?(?:这|那|刚才的?|刚刚的?|上面的?)(?:个|条|些)?|下一?(?:个|条)|"
    rf"(?P<code>[A-Za-z]{{1,3}}\d{{2,4}}))"
    rf"(?P<noun>的?(?:问题|错误|警告|提示|发现|意见|规则))?(?:是|要)?{_ABOUT_FINDING}?"
)
_LIKE_THAT = re.compile(
    r"(?:这个|那个|它|这|那)?(?:该|要|应该|具体)?(?:怎么|咋|如何)(?:改|办|处理|弄|解决|修改|整)(?:呢|啊)?|(?:这|那)?(?:是)?(?:为什么|"
    r"为啥)(?:呢|啊)?|什么意思|为什么(?:会)?报(?:这个|它|错)?"
)
_FIX = re.compile(
    rf"(?:那)?(?:你|帮我|你帮我)?(?:就|都|全都?|一起|全部)?(?:按照?|照)(?:着)?(?:你的?|您的?|这个|检查|上面的?)?(?:建议|改法|提示|"
    rf"说的)(?:的)?(?:来|去)?(?:都|全部|帮我|给我)?(?:改|修|办|弄|做)(?:一下|改|吧|了|正)*|"
    rf"(?:把)?(?:(?:第{_NUMBER}(?:个|条|项)(?:问题)?)|这个(?:问题)?|那个(?:问题)?|它|这些(?:问题)?|能改的|问题)?(?:都|全部?)?(?:帮我|"
    rf"给我|自动|直接)?(?:改|修|修正|修复|改正|解决)(?:一下|了|掉|好|下|正)+(?:吧|呗)?"
)
_DIFF = re.compile(
    r"(?:和|跟|与|同|比|较|对比|比较|对照)(?:一下)?(?:去年|上年|上一年|往年|原来|今年(?:的?老?表)?)(?:的)?(?:那张|那份)?(?:表|"
    r"稿)?(?:相)?(?:比|对比|比较|对照)?|(?:去年|上年)(?:的)?(?:表)?(?:比|相比|对比)|"
    r"(?:都|到底|具体|一共)?(?:改|变|动)(?:了|动了|过)(?:什么|哪些|哪里|哪儿|多少|啥|几处)|(?:有|都有)?(?:什么|哪些|啥)(?:变化|改动|"
    r"变动|不同|不一样|区别|差别)|哪些(?:地方)?(?:是)?(?:改|新加|新增|沿用|变)|^(?:对比|比较|差异|变化)(?:一下)?$"
)
_SOURCES = re.compile(
    r"(?P<what>.{0,24}?)(?:的)?(?:这个|那个)?(?:数|数字|值|内容|指标值|金额|数据|依据)?(?:都)?(?:是|都是)?(?:从)?(?:哪儿|哪里|哪)(?:来|"
    r"得来|得|出|弄来|算|找|抄)(?:来|到|出来)?的?(?:呢|啊)?|"
    r"(?P<what2>.{0,24}?)(?:的)?(?:出处|来源|数据来源)(?:呢|是什么|是哪|在哪里?|是哪里|都有哪些)?|(?:有)?什么(?:出处|来源)|"
    r"(?P<what3>.{0,24}?)(?:是)?(?:怎么|咋|如何)(?:算|得|定|来|测算|计算)(?:出来|出|过来|来)?的(?:呢|啊)?"
)
_WHY_SO = re.compile(
    r"(?P<what>.{0,24}?)(?:为什么|为啥|怎么|咋|凭什么)(?:会|要|就|都|是|选|用|定|写)*(?:这样|这么|这些|那样|那么)(?:写|定|填|设|做|选|改|编|多|少|高|低|指标|行|数|的)*(?:呢|啊)?"
)
_WHY = re.compile(
    r"(?:为什么|为啥|怎么|咋|干嘛)(?:会|要)?(?:加|增加|有|新增|多)?(?:了|出来?)?(?P<what>.{1,24}?)(?:这一?行|这一?条)?(?:会|就|是|要|"
    r"还)*(?:变|写|定|填|改|这么|那么|不一样|多|少|高|低|空|待核实|"
    r"这个[数值]?|不是|是)(?:.{0,16})|"
    r"(?P<what2>.{1,24}?)(?:为什么|为啥|怎么|咋|干嘛)(?:会|就|要|还)*(?:变|写|定|填|改|这么|那么|不一样|多|少|高|低|空|待核实|是|不是|"
    r"加|增|删|去掉|没有).{0,16}"
)
_FORMAT = r"word|wrod|doc[xs]?|excel|execl|xlsx?|电子表格|pdf|markdown|md|html?|网页|json|csv|wps|ppt|txt|[a-z]{2,5}"
_PLACE = re.compile(
    rf"(?P<wish>.*?)(?:另存|存放|保存|存|放|拷|复制|导出|拿|发)?(?:一份)?(?:成|为)?(?P<to>{_FORMAT})?(?:文件|格式|版)?(?:保存|存|放|导)?(?:到|在|进|为|成)?"
    rf"(?:我的?|电脑的?)*(?P<place>桌面|下载文件夹|文档文件夹|[“\"]?(?:/|~/|\./|[A-Za-z]:[\\/])[^“”\"，,]*[”\"]?)(?:上面?|里面?|去|下)*(?:吧)?",
    re.IGNORECASE,
)
_EXPORT = re.compile(
    rf"(?:把|将)?(?:{_TABLE}|它|结果|这个|目标表)?(?:都)?(?:给我|帮我|再)?(?:导出|导|输出|下载|打印|打|另存|存|转|生成|做|弄|搞|出|发|来|"
    rf"要|整|保存)(?:出|一下|出来|成|为|到|个|我|一份|一个|一张|下|来)*(?:一份|一个|一张|正式的?|最终的?|这张|这份)?"
    rf"(?:成|为)?(?P<to>{_FORMAT})(?:的)?(?:文档|文件|格式|版本?|表格?)?(?:出来|来|吧|给我|看看|(?:放|存)到.*)?|"
    rf"(?:把|将)?(?:{_TABLE}|它|结果|这个|正式表)?(?:都)?(?:给我|帮我|再)?(?:导出|导出去|输出|下载|打印|打出|导)(?:一下|出来|来|下|"
    rf"成文件|文件|{_TABLE})*(?:吧|呗)?|(?P<to2>{_FORMAT})(?:(?:版|格式|文件|文档)(?:的)?(?:吧|呢|发?给我|发我|来一份)?|"
    rf"(?:发?给我|发我|来一份))",
    re.IGNORECASE,
)
_SHOW = re.compile(
    rf"(?:再)?(?:让我|给我|我)?(?:看|看看|看一看|显示|列出|打开|回到|瞧瞧?|展示|查看|预览)(?:一下|看|下|一眼)*(?:现在的?|当前的?|刚才的?|"
    rf"目前的?|我的|最新的?|整个|改后的?|改好的?)*(?:{_TABLE}|全部|全文|内容|效果|结果)?(?:的)?(?:内容|样子|效果|全文)?|"
    rf"(?:现在|目前)?(?:的)?{_TABLE}?(?:现在|目前)?(?:是|变成|成)?(?:什么|啥|怎么)(?:样|样子|样的|样了)(?:了)?|{_TABLE}(?:呢)?"
)
_HOW_MANY = re.compile(rf"(?:现在|目前|{_TABLE})*(?:一共|总共|共)?有?(?:几|多少)(?:行|个指标|条指标|项指标|个三级指标)(?:了)?")
_QUESTIONS = re.compile(
    r"(?:现在|草稿|表|这张表)?还(?:缺|差|需要|欠|剩|要填|要补)(?:什么|哪些|啥|多少|几).*|(?:还)?(?:有)?(?:哪些|什么|啥|哪里|"
    r"多少)(?:地方|格|项|内容)?(?:还)?(?:是)?(?:没填|空着|待核实|没有?(?:填|定|给)|要填|要补|需要补|没补).*|"
    r"待核实(?:的)?(?:有|还有|是)?(?:哪些|什么|多少|几).*|(?:我们?)?(?:接着|继续)(?:填|问|补|来|刚才的|吧)?|(?:把)?(?:待核实|空着的?|"
    r"没填的?)(?:的)?(?:都|再)?(?:填|补|问)(?:一遍|一下|上|完)*|"
    r"(?:现在|草稿|表)?(?:里)?(?:还)?(?:有)?(?:几|多少|哪几|哪些)(?:处|个|格|项|地方)?(?:是)?(?:带|写着?)?[“\"]?待核实[”\"]?(?:的)?|"
    r"(?:把)?(?:所有|全部)?(?:带|写着?)?[“\"]?待核实[”\"]?的?(?:地方|格|内容)?(?:都)?(?:列出来?|列一下|给我看看|看看)"
)
_COMMAND = r"(?:起草|草拟|拟定?|编制?|编写|写|做|填|填报|生成|弄|出|来|新建|新增|申报|申请|建|准备|搞|整|制作|再来)(?:一下|下)?(?:一|1)?(?:张|个|份)?"
_FORM_NAMES = r"(?:预算)?(?:项目)?(?:支出)?(?:绩效)?(?:目标)?(?:申报|批复|自评)?(?:表格?|草稿)|绩效目标|绩效|预算项目|项目"
_DRAFT = re.compile(rf"(?:再|另外?|重新|新|还要?|先)?{_COMMAND}(?P<body>.{{0,80}}?)(?:{_FORM_NAMES})(?P<rest>(?:$|[，,。；;：:\s（(].*))", re.DOTALL)
_BARE_DRAFT = re.compile(r"(?:再|另外?|重新|新|还要?)?(?:起草|草拟|新建|编制|拟)(?:一下|下)?(?:一|1)?(?:张|个|份)?(?P<body>.+)", re.DOTALL)
_TABLE_FIRST = re.compile(r"(?P<body>.{2,60}?)(?:的)?(?:绩效目标|目标|绩效)(?:申报)?表(?:怎么)?(?:起草|草拟|编|写|做|弄|填)(?:一下|出来|一张|一份)?")
_AGAIN = re.compile(r"(?:再)?重新?(?:起草|生成|做|写|来|弄)(?:一遍|一次|一份|一张|一下)?")
_LIKE_LAST = re.compile(r"照(?:今年|去年|上年|着去年).{0,4}(?:改|做|写|编|弄)")
_LIKE_THIS = re.compile(
    r"就?(?:按照?|照着?|参照|用|拿)(?:这个|那个|它|这张|那张|该项目)(?:的样子)?(?:再|另外?|也)*(?:做|弄|写|编|起草|来)一?(?:张|份|个)(?:明年|今年|20\d\d年)?度?的?(?:[，,；;].*)?"
)
_CARRY = re.compile(
    r"(?:把|将|用|拿|照着?|按照?)?(?:去年|上年|今年|往年|20\d\d年)(?:的)?(?P<body>.{2,30}?)(?:的)?(?:那张|那份)?(?:绩效)?(?:目标)?(?:表|申报表)(?:格)?"
    r"(?:直接)?(?:改|做|变|调整|更新|沿用|照搬|搬|复制|换|挪|顺延)(?:成|为|到|至)?(?P<year>今年|明年|20\d\d年)?(?:的)?(?:表)?(?P<rest>(?:$|[，,。；;].*))",
    re.DOTALL,
)
# A table or a project wanted in passing: what it is for stands before or behind what is asked.
_VAGUE = re.compile(
    rf"(?:.{{0,6}}?(?:让|叫|要求|安排))?(?:我们?|咱们?)?(?:想|要|需要|打算|准备|得)*(?:(?:给|为|替)(?P<whom>.{{2,12}}?){_COMMAND}(?P<what>.{{1,24}}?)(?:的)?"
    rf"(?:钱|经费|资金)?(?:的)?{_FORM_NAMES}|(?:申请|要|争取|报)(?:点|一?笔|一?些)(?:钱|资金|经费)(?:来|去|用于|用来)?(?P<use>.{{2,30}})|"
    rf"(?:报|申请|申报|弄|搞|上)(?:一?个|一项)(?P<named>.{{2,20}}?)的?(?:项目|资金|经费))"
)
_MONEY = re.compile(r"\d(?:\.\d+)?\s*(?:个)?(?:万元?|亿元?|元|块)|[一二两三四五六七八九十百千]+万")
_NEXT_YEAR = re.compile(r"20[2-4]\d\s*年?|明年|今年|后年|下一?年|来年")
_LABELLED = re.compile(r"(?:^|[\n；;])\s*(项目(?:名称)?|名称|预算(?:数|金额)?|金额|(?:资金)?用途|内容|年度|年份|(?:预算)?单位(?:名称)?)\s*[:：]\s*")
_HELP = re.compile(
    r"(?:帮助|help|(?:你)?(?:都|还)?(?:能|会|可以)(?:做|干|帮)(?:我|些)?(?:什么|啥|点什么|些什么).*|(?:这个)?(?:怎么|咋|如何)(?:用|使用|"
    r"操作|开始|弄)(?:你|这个|呢|啊)?|(?:都)?有(?:什么|哪些|啥)功能.*|使用说明|不会用|"
    r"你是(?:谁|什么|哪位|干(?:什么|啥)的).*|介绍(?:一下)?(?:你)?自己|(?:都)?有(?:哪些|什么)命令|命令)",
    re.IGNORECASE,
)
_GREETING = re.compile(r"(?:你好|您好|早上好|早|上午好|下午好|晚上好|在吗|在不在|嗨|哈喽|hello|hi)[啊呀吗哈]?", re.IGNORECASE)
_THANKS = re.compile(
    r"(?:谢谢|多谢|感谢|谢了|辛苦了?|好的谢谢|太好了|很好|不错|挺好|真棒|可以了?|就这样吧?|行了?|好的?|明白了?|知道了?|了解|收到|懂了|"
    r"清楚了|没问题|没事了?|ok|嗯+|哦+|噢)(?:你|您|啦|了|的|吧|呀|哈)?",
    re.IGNORECASE,
)
_BYE = re.compile(r"(?:再见|拜拜?|退出|结束(?:对话)?|走了|下班了?|不聊了|关闭|exit|quit|bye|q)(?:吧|了|啦)?", re.IGNORECASE)
_UNDO = re.compile(
    rf"(?:再|还)?(?:帮我)?(?:撤销|撤消|撤回|取消(?:刚才|上一步|修改|上次)|恢复(?:刚才|原来|上一步|回去|删掉的|原样)?|还原|回退|改回(?:去|"
    rf"来|原来的?|原样)|退回(?:去|上一步)?|后退|不改了|(?:刚才|刚刚|上一步)(?:那步|的|那个|改的|说的)?(?:不算|作废|撤销|取消|不要|删除|"
    rf"改错了?|不改了)|undo)"
    rf"(?:掉)?(?:{_NUMBER}(?:步|次|个))?(?:一下|吧|了|的(?:修改|改动|操作|那步|那个)|上一步|上一?个|刚才的?(?:修改|改动|操作|那步)?|一次|一步|修改)*",
    re.IGNORECASE,
)
_REDO = re.compile(r"(?:重做|恢复撤销|(?:撤销|撤回)(?:错了|的不算)|redo)(?:吧|了)?", re.IGNORECASE)
_DRAFTS = re.compile(
    r"(?:我|现在|一共|总共|都|手上|手头)*(?:有|做了|起草了|存了)?(?:哪些|什么|几份|几张|多少(?:份|张)?|啥)(?:草稿|表|目标表|"
    r"稿子)(?:了)?|(?:列出|看看?|显示)(?:一下)?(?:所有|全部|我的)的?草稿|草稿(?:列表|有哪些|清单)|所有草稿|"
    r"上次(?:做|弄|编|填|改|说)到(?:哪|哪里|哪儿|什么地方)了?|(?:我|还)*有(?:什么|哪些|啥)(?:草稿|表)?没(?:有)?(?:做|弄|填|编|审)完(?:的)?(?:草稿|表)?"
)
_WHICH = re.compile(
    r"(?:现在|当前|目前|手上)(?:的)?(?:是|在改|在弄|打开的?是|用的是|改的是)?(?:哪|什么|啥)(?:一)?(?:张|份|个)(?:表|草稿|项目)?|(?:这|"
    r"现在)是(?:哪|什么)(?:张|份|个)?(?:项目|表|草稿)(?:的表)?"
)
_WHERE = re.compile(
    r"(?:文件|草稿|表|导出的?(?:文件)?|word|它)?(?:都)?(?:存|保存|放|导出|导)?(?:到|在)?(?:哪|哪里|哪儿|什么地方)(?:去)?了?(?:呢|啊)?|"
    r"(?:文件|草稿|表|word)(?:的)?(?:位置|路径|地址|在哪里?)(?:是什么|呢)?",
    re.IGNORECASE,
)
_SAVE = re.compile(rf"(?:先|帮我)?(?:把)?(?:{_TABLE}|它|这一?版)?(?:保存|存)(?:一下|好|起来|下|{_TABLE})*(?:吧|了吗|没有|了没)?")
_SESSIONS = re.compile(r"(?:列出|看看?|显示|查看)(?:一下)?(?:所有的?|全部的?|以前的?|我的)*(?:对话|会话|聊天)(?:记录)?|(?:对话|会话)(?:列表|记录)")
_PRIVATE = re.compile(
    r"(?:你)?(?:现在)?(?:用|使用|接|连)(?:的|了)*(?:是)?(?:什么|哪个|哪家|啥)(?:大)?模型(?:啊|呢)?|.{0,8}(?:联网|上网|上传|泄露|外传|传出去|发出去|传到外面|"
    r"保密|泄密).{0,6}(?:吗|么|不|[?？])?|(?:会不会|是不是|有没有).{0,10}(?:联网|上网|上传|泄露|外传|传出去|发出去|泄密)"
)
_HOW = re.compile(
    r"(?:请问)?(?:我)?(?:要|想|该)?(?:怎么|如何|咋|怎样)(?:去|来|能)?(?P<act>导出|打印|下载|签字|签名|审核|定稿|撤销|反悔|退回上一步|起草|填表|做表|新建|修改|改表|改指标|加指标|加行|"
    r"删行|移动|检查|提问|问问题|查资料|查政策|查往年|退出|结束)(?:一张表|草稿|表|它)?(?:呢|啊|呀)?"
)
_SEND = re.compile(r"(?:把)?(?:它|表|草稿)?(?:发|报|送|交|转)(?:送|给|交)?(?:领导|财政局?|上级|科长|局长|主任)(?:看看|看|审|签字)*(?:吧)?")
_OPEN = re.compile(
    r"(?:打开|切换到?|切到|切回|换到|换成|换回|回到|转到|接着(?:弄|改|做|编|看)|继续(?:弄|改|做|编|看)|(?:还是)?看看?|"
    r"改)(?P<what>.{2,40}?)(?P<sure>(?:的)?(?:那|这|刚才那)(?:一)?(?:张|份|个)(?:草稿|表|目标表|项目)?|(?:的)?草稿|(?:的)?目标表)?"
)
_PREVIOUS = re.compile(
    r"(?:打开|看看?|回到|切回?到?|换回?|换到)?(?:上|前|之前(?:的)?那?|先前(?:的)?那?|另外?)(?:一)?(?:个|份|张)(?:的)?(?:草稿|表格?|稿子|目标表)|"
    r"(?:换|切|转)回(?:去|上一个|上一张|上一份|前一个|前一张)|打开(?:最近|最新|上次)(?:的|那)?(?:一)?(?:份|个|张)?(?:草稿|表)?"
)
_FRESH = re.compile(r"(?:重新开始|从头(?:开始|来)|(?:新的?|另起(?:一个)?|换个?)(?:对话|话题|会话)|重来|清空对话)(?:吧)?")
_SIGN = re.compile(
    rf"(?:我?要?)?(?:签字|签名|签发|送审|提交审核|(?:全屏)?审核|定稿|领导审)(?:一下|{_TABLE})?(?:吧|了)?|(?:怎么|在哪里?|如何)(?:签字|"
    rf"审核|定稿)"
)
_DROP = re.compile(
    rf"(?:这个|该|本)?(?:项目|表)(?:我|我们)?不(?:要|弄|做|报|搞)了|不(?:要|弄|做|报|搞)(?:这个|该|本)(?:项目|表)了?|"
    rf"(?:把|将)?(?:{_TABLE}|所有的?(?:指标|行|内容)?|全部的?(?:指标|行|内容)?|整张表|指标)?(?:都|全都?|全部)?(?:删除|删掉|删了|删光|"
    rf"清空|清掉|清除|删|作废|扔掉|不要了)(?:{_TABLE}|所有的?(?:指标|行|内容)|全部的?(?:指标|行|内容)?|整张表|全部)?(?:吧)?"
)
_READ = re.compile(
    r"(?:帮我)?(?P<verb>检查|校验|审核|看看?|读一?下?|读取|打开|查看|核对)(?:一下|下)?(?:这个|这份)?(?:文件|文档|"
    r"表)?[:：\s]*[“\"'《]?(?P<path>\S[^“”\"'》]*\.(?:docx?|xlsx?|pdf|txt|rtf|odt|html?|csv|wps|et|json|zip))[”\"'》]?\s*"
    r"(?:这个文件|这份)?(?P<asked>里?面?(?:有没有|有什么|有啥)(?:问题|毛病|错误?)?|对不对|行不行)?",
    re.IGNORECASE,
)
_FORMATS = {
    **dict.fromkeys(("word", "wrod", "doc", "docx", "docs", "wps"), "docx"),
    **dict.fromkeys(("excel", "execl", "xlsx", "xls", "电子表格", "et"), "xlsx"),
    **dict.fromkeys(("markdown", "md"), "md"),
    **dict.fromkeys(("html", "htm", "网页"), "html"),
}


# Wishes that make no sense without a draft, however they are said.
_ABOUT_ONE = frozenset(("check", "export", "show", "count", "questions", "where", "save", "sign", "drop"))


def recognise(text: str, *, has_draft: bool, after_check: bool = False) -> Intent | None:
    """What a sentence wants. ``has_draft``: there is a draft that 改成 and 检查 could speak of; ``after_check``: findings were just shown,
    so that 第2个呢 speaks of them. None = not understood.
    """
    if text.lstrip().startswith(("/", "／")):
        return _slash(text.strip())
    if (found := small_talk(bare(text))) is not None:
        return found
    if has_draft and (found := _questions(bare(text))) is not None:
        return found
    words = bare(clean(text))
    if read := _READ.fullmatch(words):
        judged = read["asked"] or read["verb"] in ("检查", "校验", "审核", "核对")
        return Intent("read", {"path": read["path"].strip(), "check": "1" if judged else ""})
    if (found := small_talk(words)) is not None:
        return found
    if (told := reckoned(words)) is not None:
        return Intent("reckon", {"told": told})
    found = about_the_draft(words, after_check=after_check)
    if found is not None and (has_draft or (found.kind == "explain" and found.get("code"))):
        return found
    if (sentence := draft_wanted(words)) is not None:
        command = "1" if re.match(rf"(?:再|另外?|重新|新|还要?|先)?{_COMMAND}", words) or _CARRY.fullmatch(words) else ""
        return Intent("draft", {"sentence": sentence, "command": command, "again": "1" if _AGAIN.fullmatch(words) else ""})
    if found is not None and (found.kind in _ABOUT_ONE or (found.kind not in ("sources", "explain", "diff") and not asks(words))):
        # Editing or checking with nothing at hand: say so instead of guessing.
        return Intent("no-draft", {"wish": found.kind})
    if re.search(r"\w", words) and (is_question(words) or is_question(text)):
        return Intent("ask", {"question": text.strip()})
    return Intent("no-draft", {"wish": found.kind}) if found is not None else None


def small_talk(words: str) -> Intent | None:
    """A wish of fixed words: greeting, help, undo, the list of drafts; None for anything else."""
    for kind, pattern in (
        ("help", _HELP), ("greeting", _GREETING), ("bye", _BYE), ("redo", _REDO), ("undo", _UNDO), ("thanks", _THANKS),
        ("sessions", _SESSIONS), ("private", _PRIVATE), ("how", _HOW), ("fresh", _FRESH), ("drafts", _DRAFTS), ("which", _WHICH), ("previous", _PREVIOUS),
    ):  # fmt: skip
        if match := pattern.fullmatch(words):
            if kind == "how":
                return Intent(kind, {"act": match["act"]})
            return Intent(kind, {"times": str(ordinal(match[1]) or 1)} if kind == "undo" and match[1] else {})
    if _SEND.fullmatch(words):
        return Intent("how", {"act": "送领导"})
    # 谢谢，下班了: small talk in several clauses is what its last one is.
    clauses = [clause for clause in re.split(r"[，,。；;！!\s]+", words) if clause]
    if len(clauses) > 1 and all(pattern.fullmatch(clause) for clause in clauses[:-1] for pattern in (_THANKS,)):
        return Intent("bye") if _BYE.fullmatch(clauses[-1]) else Intent("thanks") if _THANKS.fullmatch(clauses[-1]) else None
    return None


def about_the_draft(words: str, *, after_check: bool = False) -> Intent | None:
    """A wish about the draft at hand, or None."""
    from assistant.chat import edits

    if "\n" in words and _LABELLED.search(words):
        return None
    for kind, pattern in (("where", _WHERE), ("save", _SAVE), ("sign", _SIGN), ("drop", _DROP), ("count", _HOW_MANY), ("goal-too", edits.GOAL_TOO)):
        if pattern.fullmatch(words):
            return Intent(kind)
    if after_check and (found := _explain(words, after_check=True) or _fix(words)) is not None:
        return found
    for recogniser in (
        edits.merge,
        edits.move,
        edits.add,
        edits.edit,
        edits.delete,
        _explain,
        _fix,
        _check,
        _diff,
        _sources,
        _export,
        _show,
        _questions,
        edits.relative,
    ):
        if (found := recogniser(words)) is not None:
            return found
    return None


def draft_wanted(words: str) -> str | None:
    """The request inside a sentence that wants a table drafted, without the words of the command; None when it wants something else."""
    if _AGAIN.fullmatch(words) or re.fullmatch(r"(?:起草|草拟|新建|编制)(?:一下|草稿)?", words):
        return ""
    labels = _LABELLED.findall(words)
    if len(labels) >= 2 and any(label.startswith(("项目", "名称", "用途", "资金用途")) for label in labels):
        return words
    if (carried := _CARRY.fullmatch(words)) and not _asks_how(words):
        # Of the two years only one written out is meant as a number: 去年 and 今年 are last year's table and the one to make.
        year = carried["year"] if carried["year"] and carried["year"][:2] == "20" else ""
        return "，".join(part for part in (f"{carried['body']}{year}", carried["rest"].strip(" ，,。；;")) if part)
    for pattern in (_DRAFT, _BARE_DRAFT, _TABLE_FIRST):
        match = pattern.fullmatch(words)
        if match is None or _asks_how(words):
            continue
        body, rest = match["body"].strip(" 的，,：:"), (match.groupdict().get("rest") or "").strip(" ，,。；;：:")
        return "，".join(part for part in (body, rest) if part)
    if (vague := _VAGUE.fullmatch(words)) and not _asks_how(words):
        return vague["use"] or vague["named"] or f"{vague['whom']}{vague['what'].strip(' 的')}"
    if (_LIKE_LAST.search(words) or _LIKE_THIS.fullmatch(words)) and not asks(words):
        return words
    if _MONEY.search(words) and _NEXT_YEAR.search(words) and not is_question(words):
        return words
    return None


def has_money(words: str) -> bool:
    """Whether a sentence names an amount of money and asks nothing."""
    return bool(_MONEY.search(words)) and not is_question(words)


def _asks_how(words: str) -> bool:
    return bool(re.search(r"[?？]|怎么|如何|咋|吗$|多少|什么|哪", words))


def labelled(words: str) -> dict[str, str]:
    """The parts of a request pasted as 项目：… 预算：… 用途：…, by the names of ``Request``; empty when it is none."""
    pieces = _LABELLED.split("\n" + words)
    names = {"项目": "name", "名称": "name", "预算数": "budget", "预算金": "budget", "预算": "budget", "金额": "budget", "内容": "purpose", "年": "year"}
    found: dict[str, str] = {}
    for label, text in zip(pieces[1::2], pieces[2::2], strict=False):
        field_name = "unit" if "单位" in label else "purpose" if "用途" in label else next((to for key, to in names.items() if label.startswith(key)), "")
        if field_name and text.strip():
            found[field_name] = " ".join(text.split())
    return found if len(found) >= 2 else {}


def opened(words: str) -> tuple[str, bool] | None:
    """The name in 打开残保金那份草稿, and whether nothing but a draft can be meant; None for other sentences."""
    match = _OPEN.fullmatch(bare(clean(words)))
    if match is None or re.search(r"[，,；;。]", match["what"]) or _PREVIOUS.fullmatch(bare(clean(words))):
        return None
    if re.fullmatch(rf"(?:刚才的?|(?:{_TABLE})|它|那个?|这个?|文件|整个|全部|一下|看)+", match["what"] + (match["sure"] or "")):
        return None
    sure = bool(match["sure"]) or words.strip().startswith(("切", "打开", "换到", "换回", "回到"))
    return match["what"].strip(" 的"), sure


def _explain(words: str, *, after_check: bool = False) -> Intent | None:
    if after_check and _LIKE_THAT.fullmatch(words):
        return Intent("explain", {"which": "this"})
    if after_check and (short := re.fullmatch(rf"第?{_NUMBER}{_ABOUT_FINDING}", words)):
        return Intent("explain", {"number": str(ordinal(short[1]) or "")})
    match = _EXPLAIN.fullmatch(words)
    if match is None:
        return None
    if match["code"]:
        return Intent("explain", {"code": match["code"].upper()})
    number = ordinal(match[2]) if match[2] else None
    if not match["noun"] and not (after_check and (number or match["which"].startswith("下"))):
        return None
    if number is None and not match["which"].startswith("下") and words == match["which"] + (match["noun"] or ""):
        return None
    return Intent("explain", {"number": str(number)} if number else {"which": "next" if match["which"].startswith("下") else "this"})


def _fix(words: str) -> Intent | None:
    match = _FIX.fullmatch(words)
    if match is None:
        return None
    number = ordinal(match[1]) if match[1] else None
    every = bool(re.search(r"都|全|这些|能改的|按.*建议", words)) and number is None
    return Intent("fix", {"number": str(number or ""), "all": "1" if every else ""})


def _check(words: str) -> Intent | None:
    if not _FIND.fullmatch(words):
        return None
    return Intent("check", {"grade": "1"} if re.search(r"分|级", words) else {})


def _diff(words: str) -> Intent | None:
    # 今年比去年多多少钱 asks the corpus; 和去年比有什么变化 asks about the draft.
    if re.search(r"多少|几|项目|预算", words) and not re.search(r"草稿|这张|变化|改", words):
        return None
    if re.search(r"改成|改为|按|填|写成|一样$", words):
        return None
    return Intent("diff") if _DIFF.search(words) else None


def _sources(words: str) -> Intent | None:
    if match := _SOURCES.fullmatch(words):
        what = match["what"] or match["what2"] or match["what3"] or ""
        return Intent("sources", {"what": what.strip(" 的是，,？?")})
    if match := _WHY_SO.fullmatch(words):
        return Intent("sources", {"what": match["what"].strip(" 的，,"), "question": words if match["what"] else ""})
    if match := _WHY.fullmatch(words):
        what = match["what"] or match["what2"] or ""
        return Intent("sources", {"what": what.strip(" 的是会就，,？?"), "question": words})
    return None


def _export(words: str) -> Intent | None:
    if (placed := _PLACE.fullmatch(words)) and re.search("存|放|拷|复制|导|拿|发", words[: placed.start("place")]):
        found = _export(placed["wish"]) if placed["wish"] else None
        to = (placed["to"] or (found.get("to") if found is not None else "")).lower()
        return Intent("export", {"to": _FORMATS.get(to, to), "place": placed["place"].strip('“”" ')})
    if several := re.fullmatch(
        rf"(?P<head>.*?)(?P<one>{_FORMAT})(?:和|跟|与|、|以及|还有)(?P<more>{_FORMAT})(?:各一份|两种|都要|格式|版本?)?", words, re.IGNORECASE
    ):
        first, second = (_export(f"{several['head']}{several[name]}") for name in ("one", "more"))
        if first is not None and second is not None:
            return Intent("export", {"to": f"{first.get('to')}+{second.get('to')}"})
    match = _EXPORT.fullmatch(words)
    if match is None:
        return None
    to = (match["to"] or match["to2"] or "").lower()
    return Intent("export", {"to": _FORMATS.get(to, to) or "docx"})


def _show(words: str) -> Intent | None:
    return Intent("show") if _SHOW.fullmatch(words) else None


def _questions(words: str) -> Intent | None:
    return Intent("questions") if _QUESTIONS.fullmatch(fold(words)) else None


def _slash(text: str) -> Intent:
    name, _, rest = text.lstrip("/／").partition(" ")
    return Intent("slash", {"name": name.lower(), "rest": rest.strip()})
