"""Reads questions about the bot itself, as people type them: who sees a lead, how something is
undone or exported, how reminders end.

Knows words only; what is answered, and to whom, is up to the handlers. A line counts only as a
whole, so that what a customer said is never taken for a question to the bot.
"""

import itertools
import re
from dataclasses import dataclass
from enum import StrEnum
from unicodedata import normalize

from sales.patterns import lazy_pattern

LONGEST = 120
"""Characters of a question; longer lines are something else."""


class QuestionTopic(StrEnum):
    WHO_SEES = "who_sees"
    STORED = "stored"
    ERASE = "erase"
    NOTICES = "notices"
    REMINDERS = "reminders"
    UNDO = "undo"
    EXPORT = "export"
    IMPORT = "import"
    CONTACT = "contact"
    PHONE = "phone"
    LANGUAGE = "language"
    ABSENCE = "absence"
    COLLEAGUE = "colleague"
    HAND_ON = "hand_on"
    SCORE = "score"
    POOL = "pool"
    WHY_ME = "why_me"
    DELETE = "delete"
    MERGE = "merge"
    CHANNEL = "channel"
    RULES = "rules"
    MOVE = "move"
    FIND = "find"
    LOG = "log"
    NEW_LEAD = "new_lead"
    REPORT = "report"
    SIGN_IN = "sign_in"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Question:
    """``about``: the words that name a person or a lead, as typed; empty for none."""

    topic: QuestionTopic
    about: str = ""


_EDGE = " \t,，.。:：;；!！?？、~～…\"'“”‘’"
_LEAD_IN = lazy_pattern(
    r"(?:(?:please|pls|hi|hello|hey|genjin|ok|so|and|sorry|thanks)\b[ ,]{0,3}"
    r"|(?:can|could|would|will) you (?:please )?(?:tell me|show me|explain|help me)? ?"
    r"|(?:tell me|show me|help me|i wonder|do you know|explain) (?:to )?"
    r"|i(?:['’]d| would) (?:like|love) to |i (?:want|need|wish|have) to |i wanna "
    r"|(?:请问|你好|您好|请|麻烦|帮我|帮忙|教我|告诉我|我们|我|想要|想|要|可以|能不能|可不可以|能否"
    r"|应该|该|能)[ ,，]{0,2})",
    re.IGNORECASE,
)
_HOW = lazy_pattern(
    r"(?:how (?:do|can|could|should|would|does) (?:i|we|you|one) |how to |how (?=about)"
    r"|where (?:do|can|could|should) (?:i|we) |where to |can (?:i|we) |may i |am i able to "
    r"|is (?:it possible|there (?:a|any) way) to |what(?:['’]s| is) the (?:best |easiest )?way to "
    r"|(?:怎么样?|怎样|如何|咋|在?哪里|在?哪儿|去哪里?)(?:才)?(?:能|可以|去)?)",
    re.IGNORECASE,
)
_TAIL = lazy_pattern(
    r"(?:[ ,]{0,2}(?:please|pls|thanks|thank you|then|here|in genjin|with genjin|in this bot)"
    r"|(?:怎么办|怎么弄|怎么操作|怎么做|怎么搞|咋办|咋弄|在哪里?|在哪儿|可以吗|行吗|行不行|好吗"
    r"|吗|呢|啊|呀|吧|么|嘛|一下|功能))$",
    re.IGNORECASE,
)
_AMID = re.compile(r"怎么样?|怎样|如何")
_ASKS_AT_END = re.compile(r"怎么[办弄操做搞]|咋|在哪")
_ITEMS = (
    r"(?: (?:all|my|our|the|a|an|list|lists|of|leads?|customers?|contacts?|clients?|accounts?"
    r"|deals?"
    r"|data|everything|csv|excel|spreadsheets?|files?|tables?|as|to|into|in|from|old|crm|another"
    r"|sales|pipeline|salesforce|hubspot|pipedrive|vcard|xlsx)){0,9}"
)
_LEADS = r"(?:leads?|customers?|clients?|deals?|accounts?|线索|客户|商机|单子)"
_ANYONE = (
    r"(?:any ?one|any ?body|some ?one|every ?one|every ?body|others?|other (?:people|reps|teams)"
    r"|(?:my |the |our )?(?:colleagues?|team|managers?|boss|admins?|reps?))"
)
_SEE = r"(?:see|read|view|access|open|find|look at)"
_DATA = r"(?:personal )?(?:data|information|info|details|records?)"
_DATA_OF = re.compile(r"['’]s? (?:personal )?(?:data|information|info|details|records?)$")
_ABOUT = r"(?: (?:about|on|of|for|from|regarding) (?P<about>.{1,60}))?"
_ZH_ANY = (
    r"(?:其他|别的|其它)?(?:谁|哪些人|什么人|别人|他人|人|同事|经理|领导|老板|主管|管理员|团队)"
)
_ZH_DATA = r"(?:个人)?(?:数据|信息|资料|记录|隐私|东西)"
_PATTERNS: dict[QuestionTopic, str] = {
    QuestionTopic.ERASE: (
        r"(?:delete|erase|remove|forget|wipe|purge|clear) (?:every ?thing|all(?: of)?(?: the)?"
        rf"(?: {_DATA})?|(?:the |any )?{_DATA})"
        r"(?: (?:that |which )?(?:you|we) (?:have|know|store|keep|hold))?"
        + _ABOUT
        + rf"|(?:delete|erase|remove|wipe|forget) (?:all|everything"
        rf"|any)(?: of)? (?P<about>.{{1,60}}?)['’]s? {_DATA}"
        rf"|(?:delete|erase|remove|wipe) (?P<about>.{{1,60}}?)(?:['’]s?)? (?:whole "
        rf"|entire )?{_DATA}"
        r"|(?:the )?right to be forgotten|gdpr (?:request|deletion)"
        r"|(?:把|将)?(?P<about>.{1,30}?)(?:的)?(?:所有|全部|一切)?(?:个人)?(?:数据|信息|资料)"
        r"(?:都|全部?|全都|彻底)?(?:删除|删掉|删了|清除|抹掉|删)(?:掉|干净)?"
        r"|(?:彻底)?(?:删除|删掉|清除|抹掉|删)(?P<about>.{1,30}?)(?:的)?(?:所有|全部|一切)?(?:的)?"
        rf"{_ZH_DATA}"
        r"|被遗忘权"
    ),
    QuestionTopic.STORED: (
        rf"(?:what|which)(?:['’]s)?(?: kind of| sort of)?(?: (?:personal"
        rf"|customer))? ?(?:{_DATA})? ?(?:do"
        rf"|does"
        r"|have|has|did) (?:you|genjin|the bot|we) (?:store|keep|know|have|save|hold|stored|kept"
        r"|saved|collect|collected|record|recorded|got)"
        + _ABOUT
        + rf"|(?:(?:show|give|send) (?:me )?)?(?:all |the |any |my |every |everything )*?{_DATA}"
        r" (?:that )?(?:you (?:have|store|keep|hold) )?(?:about|on) (?P<about>.{1,60})"
        rf"|where (?:is|are|do you (?:store|keep)) (?:my |our |the |all )?(?:customer )?{_DATA}"
        r"(?: (?:stored|kept|saved))?"
        rf"|(?:is|are) (?:my |our |the )?(?:customer )?{_DATA} (?:safe|secure|private|encrypted)"
        r"|privacy(?: policy)?|data (?:protection|privacy)"
        r"|你?们?(?:都)?(?:存|保存|存储|收集|记录|保留|掌握|知道|有)(?:了|着)?(?:关于)?"
        rf"(?P<about>.{{0,30}}?)(?:的)?(?:什么|哪些|多少|啥){_ZH_DATA}"
        rf"|(?P<about>.{{0,30}}?)(?:的)?{_ZH_DATA}(?:都)?(?:存|保存|放)(?:了"
        rf"|着)?(?:在)?(?:哪里?|什么|哪些)?"
        rf"|(?:我们?的?|公司的?|客户的?|的|会|这些){{0,3}}{_ZH_DATA}(?:会不会|会|都|是)?(?:安全"
        rf"|保密|加密|泄露|外泄|丢失?)|隐私(?:政策|说明|保护)?"
    ),
    QuestionTopic.WHO_SEES: (
        r"who (?:else )?(?:has|have|gets?) access to (?P<about>.{1,40})"
        rf"|who (?:else )?(?:can|could|may|is able to|is allowed to) {_SEE} (?P<about>.{{1,40}})"
        rf"|(?:can|could|do|does|will|is|are) {_ANYONE}(?: else)? (?:able to )?{_SEE}"
        r" (?P<about>.{1,40})"
        r"|(?:is|are) (?:my |our |this |these |the )?(?:leads?|customers?|notes?|chats?|messages?"
        r"|conversations?|follow-?ups?) (?:private|visible|shared|public|secret)(?: to .{1,30})?"
        r"|(?:还有)?(?:谁|哪些人|什么人)(?:都|也)?(?:能|可以|会)?(?:看到|看见|看|查看|看得到"
        r"|访问|打开)(?:到)?"
        r"(?P<about>.{1,30})"
        rf"|{_ZH_ANY}(?:都|也)?(?:能|可以|会)(?:不能|不会)?(?:看到|看见|看|查看|看得到|访问"
        rf"|打开)(?:到)?"
        r"(?P<about>.{0,8}?(?:我|线索|跟进|lx[0-9]).{0,20})"
        rf"|(?P<about>.{{1,20}}?){_ZH_ANY}(?:都|也)?(?:能|可以|会)(?:看到|看见|看|查看"
        rf"|看得到)(?:到)?"
        rf"|(?P<about>.{{1,20}}?)(?:会)?被{_ZH_ANY}看到"
    ),
    QuestionTopic.NOTICES: (
        r"(?:turn|switch) (?:the |all |my )*(?:reminders?|notifications?|messages|alerts) off"
        r"|(?:晚上|夜里|周末|休息日|下班后?)(?:请)?(?:别|不要|不想|不)(?:再|给我)?(?:发|提醒"
        r"|打扰|推送|收)(?:到)?(?:我|消息|通知|提醒)*"
        r"|(?:把)?(?:提醒|通知|消息|推送)(?:都|全)?(?:关掉|关闭|关了|停掉|停了|取消)"
        r"|(?:cancel|stop|quit|don['’]?t|do not|no more|turn off|disable|switch off|mute"
        r"|silence|pause"
        r"|unsubscribe(?: me)?(?: from)?|opt(?:ing)? out(?: of)?|get rid of|fewer|less|reduce|limit"
        r"|change|set|snooze)"
        r"(?: (?:sending|getting|receiving|pinging|bothering|reminding|nagging|notifying|messaging"
        r"|remind|bother|ping|message|notify|send|disturb))?(?: me| us)?"
        r"(?: (?:all|the|these|those|so|many|any|your|my|of|with))*"
        r"(?: (?:reminders?|notifications?|notices?|messages?|alerts?|pings?|digests?|quiet hours"
        r"|(?:notification|reminder) (?:settings|times?)))"
        r"(?: (?:please|any ?more|so often|so much|at night|on weekends?|at the weekend|today))?"
        r"|(?:stop|quit|don['’]?t|do not) (?:pinging|bothering|reminding|nagging|notifying"
        r"|messaging"
        r"|remind|bother|ping|message|notify|disturb|spamming)(?: (?:me|us))?"
        r"(?: (?:please|any ?more|so often|so much|at night|on weekends?|at the weekend|today))?"
        r"|(?:mute|silence|pause|stop) (?:you|genjin|this bot|the bot)(?: (?:at night"
        r"|on weekends?|today))?"
        r"|too many (?:reminders|notifications|notices|messages|alerts)|quiet hours|do not disturb"
        r"|unsubscribe|opt out|(?:notification|reminder) settings"
        r"|(?:请)?(?:别|不要|停止|不想|不用|关闭|关掉|取消|退出|退订|屏蔽|暂停|减少|少)(?:再|老"
        r"|总是?|收到|给我"
        r"|发|接收|这么多|这些|所有|全部)*(?:提醒|通知|消息|推送|打扰|日报|周报)(?:我)?(?:了)?"
        r"|(?:提醒|通知|消息|推送)(?:太多|太烦|太频繁|好多)(?:了)?|免打扰|勿扰|静音|退订"
        r"|(?:修改|调整|设置|改)?(?:通知|消息|提醒)(?:设置|时间|偏好)"
    ),
    QuestionTopic.REMINDERS: (
        r"when (?:do|will|are|would) you (?:going to )?(?:remind|notify|tell|ping)(?: (?:me|us))?"
        r"(?: (?:about|of) .{1,30})?"
        r"|(?:set|create|add|make|schedule)(?: up)? (?:a |an |my "
        r"|new )*reminders?(?: for (?!lx).{1,20})?"
        r"|remind me"
        r"|(?:你)?(?:什么时候|何时|几点|提前多久)(?:会)?(?:提醒|通知)(?:我)?"
        r"|(?:设置?|加|添加|新建|定)(?:一?个|条)?提醒|提醒我"
    ),
    QuestionTopic.UNDO: (
        r"(?:undo|revert|take back|reverse)(?: (?:that|this|it|last|the|my|a|an"
        r"|what)(?: .{1,30})?)?"
        r"|(?:cancel|correct|fix|change|edit|delete|remove) (?:that|this|it|(?:the|my) last"
        r" (?:one|thing|step|entry|action|message|follow-?up)|a? ?(?:follow-?up|mistake|entry|typo)"
        r"|an entry|what i (?:did|wrote|logged|typed|said)|a (?:logged|wrong) .{1,20})"
        r"|(?:i made|made) (?:a|an) (?:mistake|error|typo)|that was (?:wrong|a mistake)|oops"
        r"|wrong lead"
        r"|i logged (?:it|that|this) (?:to|on|for|under) the wrong .{1,20}"
        r"|(?:撤销|撤回|回退|反悔|恢复|还原)(?:刚才|刚刚|刚写|刚发|刚录|写|上一步|上一条|操作"
        r"|跟进|推进|成交|的|一条|那条)*"
        r"|(?:刚才|刚刚)?(?:写|录|记|填|点|发|弄|推)错(?:了)?(?:线索|客户|人|跟进|阶段)?(?:怎么改)?"
        r"|(?:修改|更正|改|删除|删)(?:刚才|刚刚|上一条|写错的|已写的|已经写的|的|一条|那条)*"
        r"(?:跟进|记录|跟进记录)"
    ),
    QuestionTopic.EXPORT: (
        rf"(?:export|download|extract|back ?up|print){_ITEMS}"
        rf"|(?:get|have)(?: (?:my|all|our|the))*(?: (?:leads?|customers?|contacts?|data|list"
        rf"|everything))(?: .{{1,20}})? (?:excel|csv|xlsx|spreadsheet)(?: (?:file|sheet"
        rf"|format|table))?"
        r"|(?:导出|下载|备份|打印)(?:为|成|到|全部|所有|我的|团队|的|线索|客户|数据|表格?|名单"
        r"|清单|excel"
        r"|csv|文件)*"
    ),
    QuestionTopic.IMPORT: (
        rf"(?:import|upload|bring in|migrate|load|paste){_ITEMS}"
        r"|(?:批量)?(?:导入|上传|迁移)(?:从|我的|客户|线索|名单|数据|表格?|excel|csv|文件"
        r"|旧系统|的)*"
        r"|批量(?:录入|添加|新增)(?:线索|客户)?"
    ),
    QuestionTopic.CONTACT: (
        r"(?:change|update|correct|edit|fix|replace|add)(?: (?:a|an|the|my|his|her|their|its|of|new"
        r"|wrong|customer['’]?s?|contact['’]?s?|client['’]?s?|lead['’]?s?))*"
        r" (?:phone(?: numbers?)?|mobile(?: numbers?)?|numbers?|e-?mails?(?: address(?:es)?)?"
        r"|wechat"
        r"|contact(?:s| details| persons?| data)?)(?: (?:of|for|on) .{1,40})?"
        r"|(?:my|the|their|his|her)(?: customer['’]s| contact['’]s)? (?:phone(?: number)?"
        r"|number|e-?mail)"
        r"(?: has)? changed"
        r"|(?:修改|更改|更新|改|换|更换|变更|添加|补|补充)(?:我的|我|客户的?|联系人的?|一个"
        r"|线索的?|他的"
        r"|她的)*(?:手机号?码?|电话号?码?|号码|邮箱|邮件地址|微信号?|联系方式|联系人)"
        r"|(?:我的?|客户的?|他的?|她的?)?(?:手机号?码?|电话号?码?|号码|邮箱|微信号?)(?:变|换|改"
        r"|错|填错|写错|改不)了?"
    ),
    QuestionTopic.PHONE: (
        r"(?:see|get|show|find|call|reveal|unmask|view)(?: (?:a|an|the|my|full|whole|real|of"
        r"|customer"
        r"['’]?s?|contact['’]?s?|client['’]?s?|their))*"
        r" (?:phone(?: numbers?)?|numbers?|contact (?:details|data)|e-?mails?)"
        r"|why (?:can['’]?t|cannot|can) i (?:not )?see (?:the |a |my )?(?:customer['’]s )?"
        r"(?:phone(?: numbers?)?|number|e-?mail)s?"
        r"|why (?:is|are) (?:the |my )?(?:phone(?: numbers?)?|numbers?|e-?mails?) (?:hidden|masked"
        r"|stars|asterisks)"
        r"|(?:看|查看|查|显示|看到)(?:到)?(?:客户的?|联系人的?|完整的?|全部的?)*(?:手机号?码?"
        r"|电话号?码?"
        r"|号码|联系方式|邮箱)"
        r"|(?:为什么|为啥|怎么)(?:看不到|看不见|隐藏了?|不显示)(?:客户的?|完整的?)*(?:手机号?码?"
        r"|电话号?码?|号码|联系方式)"
        r"|(?:为什么|为啥)?(?:手机号?码?|电话号?码?|号码)(?:为什么|为啥|怎么)?(?:是星号|被隐藏"
        r"|看不到"
        r"|打了?码|显示不全)(?:了)?"
    ),
    QuestionTopic.LANGUAGE: (
        r"(?:change|switch|set)(?: (?:the|my|your|to|into))*"
        r" (?:language|english|chinese|mandarin)(?: (?:to|into) .{1,20})?"
        r"|(?:do you )?speak (?:english|chinese|mandarin)|in (?:english|chinese)"
        r"|(?:切换|换|改|设置|说|用|改成|换成|切换到|切换成)(?:语言|英文|英语|中文)(?:版|界面)?"
    ),
    QuestionTopic.ABSENCE: (
        r"i(?:['’]m| am| will be|['’]ll be)(?: going)? (?:on (?:vacation|leave|holiday"
        r"|a business trip)"
        r"|away|out(?: of (?:the )?office)?|sick|off)(?: .{1,40})?"
        r"|(?:report|enter|set|book|take|request|register|mark|tell you)(?: (?:a|an|my|some|the|me"
        r"|myself|as|about))* (?:absences?|vacations?|holidays?|leave|time off|days? off|sick leave"
        r"|away|out of office)(?: .{1,30})?|going on (?:vacation|leave|holiday)(?: .{1,30})?"
        r"|(?:从|到|大?后天|[明今]天|[上下]午|[这本下]周[一二三四五六日天]?"
        r"|周[一二三四五六日天]|国庆|春节|月底|下个?月|\d{1,2}[月日号]){0,6}(?:请假|休假|不在"
        r"|出差|调休|病假"
        r"|年假|休息)"
        r"(?:了|几天|一天|一周|两天|三天|设置)?"
    ),
    QuestionTopic.COLLEAGUE: (
        r"(?:add|invite|onboard|create|register)(?: (?:a|an|my|new|another|the|more))*"
        r" (?:colleagues?|users?|persons?|people|team ?mates?|team members?|members?|reps?"
        r"|sales ?(?:reps?|people|persons?)|employees?)(?: .{1,30})?"
        r"|(?:添加|加|增加|邀请|新增|拉)(?:一个|新的?|个)*(?:同事|员工|成员|用户|销售|人员|人)"
        r"(?:进来|进团队|加入)?"
    ),
    QuestionTopic.HAND_ON: (
        r"(?:hand|pass|give|transfer|reassign|assign|move|share)(?: (?:over|on))?(?: (?:a|an|my|the"
        rf"|this|these|some|all|of))* {_LEADS}(?: (?:over|on))?(?: (?:to|with) (?:a |an |my "
        rf"|another "
        r"|the )*(?:colleagues?|someone(?: else)?|somebody(?: else)?|reps?|persons?|else|team"
        r"|others?))?"
        rf"|(?:把)?(?:我的|一条|这条|一个)*{_LEADS}?(?:转给?|转移|移交|分配|分给|转交|交给"
        rf"|共享给?|分享给?)(?:给)?"
        rf"(?:别人|同事|其他人|其他同事|他人|其他销售)?(?:我的|一条|这条)*{_LEADS}?"
    ),
    QuestionTopic.SCORE: (
        r"(?:how|why|what).{0,30} (?:scores?|scored|grades?|graded|scoring|rated|rating"
        r"|ranked)(?: .{1,30})?"
        r"|why is (?:this|my|the|that) lead (?:low|medium|high)(?: value)?"
        r"|(?:线索)?(?:的)?(?:评分|打分|分数|分级|等级|价值)(?:规则|标准)?(?:是)?(?:什么|怎么"
        r"|如何|怎样)?"
        r"(?:来的|算的?|计算的?|得出的?|打的|定的?|评的?)?(?:出来的?)?"
        r"|(?:为什么|为啥)(?:这条线索|这个客户|这条|它)?(?:是|只有|评)?(?:低|中|高)(?:价值|分"
        r"|意向)?"
    ),
    QuestionTopic.POOL: (
        r"what(?:['’]s| is| does) (?:the |a )?(?:public )?pool(?: mean| for)?"
        r"|how does (?:the )?(?:public )?pool work"
        r"|(?:claim|take|get)(?: (?:a|more|new|some|from|the|out|of|public|customers?|leads?))*"
        r" (?:pool|leads?|customers?)"
        r"|(?:什么是公海|公海(?:池)?(?:是什么|是啥|什么意思|规则|怎么用|怎么领))"
        r"|(?:领取?|认领|捞|抢)(?:公海)?(?:的|里的?)?(?:线索|客户)"
    ),
    QuestionTopic.WHY_ME: (
        r"why (?:did|do) i (?:get|receive) .{1,40}"
        r"|why (?:did|was|were|is|are) .{1,40} (?:to|for) me(?: .{1,20})?|why me"
        r"|线索(?:是)?(?:按什么)?(?:分配|分)的?"
        r"|(?:为什么|为啥|凭什么)(?:把|这条|这个|线索|客户|会)*(?:是我|分给我|分配给我|派给我|给我)"
        r"(?:线索|的)?|(?:这条|这个)?(?:线索|客户)?(?:为什么|为啥)(?:会)?(?:分|分配|派|给)(?:给)?我"
    ),
    QuestionTopic.DELETE: (
        r"(?:delete|remove|archive|drop|get rid of|close)(?: (?:a|an|the|my|this|old|test|some"
        r"|wrong"
        rf"|dead))* {_LEADS}"
        rf"|(?:把)?(?:这条|一条|这个|我的)*{_LEADS}(?:删除|删掉|删了|删|归档|关闭)"
        rf"|(?:删除|删掉|删|归档|关闭|结束)(?:这条|一条|这个|无效的?|测试的?|我的|错误的?)*{_LEADS}"
    ),
    QuestionTopic.MERGE: (
        rf"(?:merge|combine|join)(?: (?:a|an|the|two|my|these|duplicate|double|of))* (?:{_LEADS}"
        r"|duplicates?)|(?:find |handle |deal with |remove |see )?duplicates?(?: leads?"
        r"| customers?)?"
        r"|重复(?:了)?(?:的)?合并"
        rf"|(?:合并|去重)(?:两条|两个|重复的?|这两条|客户|线索|的)*|{_LEADS}(?:重复|录重)(?:了)?"
        rf"|重复的?{_LEADS}(?:合并|处理)?"
    ),
    QuestionTopic.CHANNEL: (
        r"(?:post|send|get|put|share|show|connect|bind|add|use)(?: .{1,30})? (?:to|in|into|with)"
        r" (?:a |an |our |the |my |this |your )*(?:channel|group(?: chat)?|team chat)"
        r"|(?:把)?(?:周报|摘要|周总结|简报|喜报|你|机器人)?(?:发|发送|推送|绑定|拉|加)(?:到|进|在)?"
        r"(?:我们|这个|团队)?(?:的)?(?:群|群里|群聊|频道)(?:里)?"
    ),
    QuestionTopic.RULES: (
        r"(?:change|edit|adjust|set|see|configure|customi[sz]e|find|where are)(?: (?:the|our|my"
        r"|assignment|routing|scoring|reminder|pool|follow-?up))*"
        r" (?:rules?|settings?|playbook|configuration)"
        r"|(?:修改|更改|调整|设置|改|配置|看|查看)(?:分配|评分|提醒|公海|跟进|销售|我们的|团队的)*"
        r"(?:规则|设置|配置|流程)"
    ),
    QuestionTopic.MOVE: (
        r"(?:mark|set|record|log|register|close|enter|move|change)(?: (?:a|an|the|my|this|it"
        r"|lead|deal"
        r"|customer|as|to|of))* (?:won|win|signed|closed|lost|loss|stages?)(?: .{1,20})?"
        r"|(?:标记|设为|改成|登记|录入?|记录?|改|推进|更新|修改)(?:为|成|线索|客户|一个|的|商机)*"
        r"(?:成交|赢单|签约|输单|丢单|流失|阶段|状态)"
    ),
    QuestionTopic.SIGN_IN: (
        r"(?:i )?(?:forgot|lost|reset|change)(?: (?:my|the))* (?:passwords?|login)"
        r"|(?:log|sign) ?(?:in|out|off)"
        r"|(?:忘记|忘了|修改|改|重置)(?:我的)?密码(?:了)?|(?:退出)?登录"
    ),
    QuestionTopic.PROBLEM: (
        r"(?:something(?:['’]s| is)|it(?:['’]s| is)|this is|genjin is|you(?:['’]re| are))"
        r" (?:broken|not working|buggy)"
        r"|(?:it |this )?(?:doesn['’]?t|does not) work|(?:i have|there['’]?s|there is"
        r"|report) (?:a|an)"
        r" (?:problem|bug|question|issue|error)(?: with (?:you|genjin|this bot))?"
        r"|(?:你|机器人|系统)?(?:出错|报错|坏|出问题|没反应|用不了|有问题|卡住|出bug)(?:了)?"
        r"|反馈问题|报bug"
    ),
}
"""Questions that need no *how* before them."""
_AFTER_HOW: dict[QuestionTopic, str] = {
    QuestionTopic.LOG: (
        r"(?:log|record|write|add|enter|note|save)(?: (?:a|an|the|my|down|new))*"
        r" (?:follow[- ]?ups?|calls?|visits?|meetings?|notes?|conversations?)(?: .{1,20})?"
        r"|(?:写|记|录|添加|填)(?:一?条|一个)?(?:跟进|拜访|电话|面谈)(?:记录)?"
    ),
    QuestionTopic.NEW_LEAD: (
        rf"(?:add|create|enter|log|record|make|register|start)(?: (?:a|an|the|my|new))* {_LEADS}"
        rf"|(?:录入?|添加|新建|新增|建|登记)(?:一?条|一个|新)*{_LEADS}"
    ),
    QuestionTopic.FIND: (
        r"(?:find|search(?: for)?|look up|look for|see|open|show|view|list)(?: (?:a|an|the|my"
        r"|all|old"
        rf"|some|one|of|team['’]s|team))* {_LEADS}(?: .{{1,20}})?"
        rf"|(?:找|查找?|搜索?|看|查看|打开)(?:到)?(?:我的|一条|一个|以前的|团队的|某个)*{_LEADS}"
    ),
    QuestionTopic.REPORT: (
        r"(?:write|submit|send|see|get|find|file)(?: (?:a|an|the|my|weekly|monthly))* reports?"
        r"|(?:写|交|提交|看|查看)(?:我的|团队的?)*(?:周报|月报|报表)"
    ),
}
"""What would be an order, or said of a customer, were it not asked how it is done."""
_STRIPPED = 6
"""How many polite words a question has before and behind it, at most."""


def _compiled(words: str) -> "re.Pattern[str]":
    count = itertools.count()
    named = re.sub(r"\(\?P<about>", lambda _: f"(?P<about{next(count)}>", words)
    return lazy_pattern(named, re.IGNORECASE)


_READ = {topic: _compiled(words) for topic, words in _PATTERNS.items()}
_READ_AFTER_HOW = {topic: _compiled(words) for topic, words in _AFTER_HOW.items()}


def read_question(line: str) -> Question | None:
    """Read what a line asks about the bot itself; None for any other line."""
    if len(line) > 2 * LONGEST:
        return None
    text = " ".join(normalize("NFKC", line).split()).strip(_EDGE)
    if not text or len(text) > LONGEST:
        return None
    return _read(text, asks_how=bool(_ASKS_AT_END.search(text)))


def _read(text: str, *, asks_how: bool) -> Question | None:
    """Try the whole line, then ever less of what is before and behind the question."""
    for _ in range(_STRIPPED):
        rest = text
        for _ in range(_STRIPPED):
            if found := _matched(rest, asks_how=asks_how):
                return found
            end = _TAIL.search(rest)
            if end is None:
                break
            rest = rest[: end.start()].strip(_EDGE)
        start = _HOW.match(text) or _LEAD_IN.match(text)
        if start is None:
            # 线索怎么删: how it is done is asked in the middle.
            apart = _AMID.sub("", text, count=1)
            return _matched(apart, asks_how=True) if apart != text else None
        asks_how = asks_how or _HOW.match(text) is not None
        text = text[start.end() :].strip(_EDGE)
    return None


def _matched(text: str, *, asks_how: bool) -> Question | None:
    for topic, pattern in (*_READ.items(), *(_READ_AFTER_HOW.items() if asks_how else ())):
        if match := pattern.fullmatch(text):
            about = next((words for words in match.groupdict().values() if words), "")
            return Question(topic, _DATA_OF.sub("", about).strip(_EDGE))
    return None


_OF_DAY = (
    r"(?:(?:today|now|next|first|tonight|this (?:morning|afternoon)"
    r"|for (?:today|me|now)|on)\s{0,2}){0,3}"
)
_DAY_ASKED = lazy_pattern(
    r"(?:那|请问|看看?|查看?)?我?(?:今[天日儿早]|早上|上午|下午|现在|接下来)"
    r"我?的?(?:都|还|该|应该|要|需要|得|能|先|有){0,3}"
    r"(?:(?:干|做|忙|办|处理|跟进?)[点些]?(?:啥|什么|嘛|哪些)(?:事情?|活|客户|线索)?"
    r"|(?:什么|啥|哪些)?(?:安排|日程|计划|工作|事情?)(?:是什么|有哪些)?)[呢啊呀吗]?"
    rf"|(?:so )?what(?:['’]?s| is)(?: there)? (?:on|up|next|first)\s?{_OF_DAY}"
    rf"|what(?:['’]?s| is) on my (?:plate|agenda|list|schedule|calendar|diary)\s?{_OF_DAY}"
    r"|what (?:(?:do|should|must|shall|can) i (?:(?:have|need) to )?do|am i doing|have i got"
    rf"|do i have)\s?{_OF_DAY}"
    rf"|(?:show (?:me )?)?(?:my|today['’]?s) (?:day|agenda|schedule|diary|plan)\s?{_OF_DAY}"
    rf"|where (?:do|should|shall) i (?:start|begin)\s?{_OF_DAY}",
    re.IGNORECASE,
)


def asks_for_day(line: str) -> bool:
    """Whether a line asks what is to be done today: ``今天要干啥``, ``what's on today``."""
    return len(line) <= LONGEST and _DAY_ASKED.fullmatch(line.strip(_EDGE)) is not None
