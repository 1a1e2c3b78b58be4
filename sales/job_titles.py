"""What a contact's title says of their authority to decide (BANT's A).

Careful: a product, project or account manager leads no department, and neither does an assistant,
whoever they assist. Of several titles the highest counts.
"""

import re
import unicodedata
from typing import Final

from sales.leads import Authority
from sales.patterns import lazy_pattern

_LONGEST: Final = 200
"""Maximum number of characters of a title; a longer text is a story."""
_SIMPLIFIED: Final = str.maketrans(
    "經總監長負責採購產項專員書處創辦闆廠館會師實習務業團隊組區顧問銷財運營網執將軍兼",
    "经总监长负责采购产项专员书处创办板厂馆会师实习务业团队组区顾问销财运营网执将军兼",
)
_CJK: Final = "[\u4e00-\u9fff]"
_SEAM: Final = lazy_pattern(rf"(?<={_CJK})(?=[a-z])|(?<=[a-z])(?={_CJK})")
_BETWEEN: Final = re.compile(r"[兼和及、/&,，;；+|()（）\n]|\band\b|\bcum\b")

_FORMER: Final = lazy_pattern(
    r"^(?:前任|原任|原|已离职|离职|退休|ex[- ]|former\b|retired\b)|^前(?!台|端|厅|厨|锋)"
)
_OFFICE: Final = lazy_pattern(
    r"(?:总经理|董事长|总裁|校长|院长|厂长|老板|ceo)\s?(?:办公室|办(?!公)|室)"
    r"|\boffice of the \w+(?: \w+)?|\b(?:ceo|gm|general manager|president|chairman|director|md)"
    r"(?:['’]s)? office\b"
)
"""An office beside a decider: whoever works there is not one."""
_AIDES: Final = lazy_pattern(
    r"助理(?!总裁|总经理|副总裁)|助手|(?<!董事会)秘书(?!长)|文员|内勤|专员|实习|见习|管培|学徒|学生|职员|"
    r"业务员|采购员|销售员|前台|接待|司机|保安|会计师?$|出纳|翻译|"
    r"\b(?:assistant|asst)\b|\bsecretary\b(?![- ]general)|\b(?:pa|ea)(?: to\b|$)|"
    r"\bintern\b|\btrainee\b|"
    r"\bclerk\b|\breceptionist\b|\bapprentice\b|\bstudent\b|\baide\b"
)
_LEAD_NOTHING: Final = lazy_pattern(
    r"(?:产品|项目|客户|业务|商务|bd ?|理财|投资|基金|渠道|大堂|值班|社群|账户)经理(?!部|中心)"
    r"|经理人|项目负责人|班主任|主任(?:医|药|护|技|法医|科员|编辑|记者|律师|工程师|播音|教师|研究)"
    r"|主管(?:医|药|护|技|会计|工程师|科员)|副(?:经理|部长|主任|科长|主管|股长|组长)"
    r"|(?:班|小?组|队|课代|船|列车|机)长"
    r"|首席(?!.{1,6}官|代表|运营|财务|技术|信息|执行)"
    r"|\b(?:product|project|program|programme|account|client|customer|customer success|"
    r"relationship|community|social media|content|office|case|territory|partner|channel|delivery|"
    r"release|product marketing) manager\b"
    r"|\b(?:product|process|project|problem|risk) owner\b|\bbusiness partner\b|\bpartner manager\b"
    r"|\bprincipal (?!of\b|at\b|$)[a-z]+"
    r"|\b(?:team|tech|technical|project|product|shift|account|squad|design|development) "
    r"lead(?:er)?\b|\b(?:deputy|associate|shift|trainee|junior) (?:manager|head|supervisor)\b"
    r"|\blead (?!of\b|for\b|buyer\b|,)[a-z]+|\bhead ?hunter\b|\bdirector(?:y|ate)\b"
)
_DECIDERS: Final = lazy_pattern(
    r"董事长|董事(?!会|局)|(?<!副)(?<!助理)总裁|(?<!副)(?<!助理)总经理|老板|老总|东家|创始人|创办人|创办者|合伙人|股东|经营者|"
    r"法人|法定代表|业主|企业主|店主|个体户|首席执行官|一把手|当家|"
    r"(?<!副)(?:校长|院长|厂长|园长|行长|馆长|社长|会长|理事长|主席|所长|村长|镇长|市长|县长)|"
    r"(?:公司|企业|总|集团|机构|学校|门店|工厂)负责人|"
    r"\b(?:ceo|(?:co-?)?founder|(?:co-?)?owner|proprietor|president|chair(?:man|woman|person)?|"
    r"boss|entrepreneur|self[- ]employed|gm|managing director|"
    r"managing partner|partner|executive director|general manager|"
    r"chief executive|principal|head ?(?:master|mistress|teacher)|country manager)\b"
)
_BELOW: Final = lazy_pattern(
    r"\b(?:deputy|vice|associate) (?:president|principal|chair(?:man)?|general manager|gm|"
    r"head ?(?:master|mistress|teacher)|managing director|director|ceo|dean)\b"
)
"""Just below a decider, and still above a department."""
_LEADERS: Final = lazy_pattern(
    r"总监|经理|部长|部门长|处长|科长|课长|股长|局长|厅长|司长|署长|系主任|主任|主管|总管|副总|总裁|总经理|"
    r"校长|院长|厂长|行长|园长|馆长|会长|所长|站长|店长|护士长|护理长|秘书长|理事|书记|"
    r"负责人|掌柜|总工|总会计师|总设计师|总建筑师|总编|主编|董秘|董事会秘书|首席|教务长|"
    r"[\u4e00-\u9fff]总$|"
    r"\b(?:head|hod|director|manager|mgr|supervisor|superintendent|controller|comptroller|"
    r"treasurer|dean|rector|provost|vp|svp|evp|hrvp|hrd|c[a-z]o|ciso|chro|cxo|lead|in[- ]charge|"
    r"vice[- ]president|secretary[- ]general|chief [a-z]+(?: [a-z]+)? officer|chief engineer|"
    r"chief accountant|chief of staff|chief procurement|chief buyer)\b"
)


def authority_of(title: str) -> Authority:
    """The authority; UNKNOWN where the title does not plainly show it."""
    plain = _plain(title)
    if not plain or len(title) > _LONGEST or _FORMER.search(plain):
        return Authority.UNKNOWN
    # An assistant to two people has two titles only at first sight.
    assists = re.search(r"\b(?:assistant|secretary|pa|ea|aide) (?:to|of|for)\b", plain)
    parts = [plain] if assists else _BETWEEN.split(plain)
    found = {_of_one(part.strip()) for part in parts}
    for authority in (Authority.DECIDER, Authority.MANAGER):
        if authority in found:
            return authority
    return Authority.UNKNOWN


def _plain(title: str) -> str:
    """Half-width, simplified, lower case, with a space between Chinese and Latin letters."""
    text = unicodedata.normalize("NFKC", title[:_LONGEST]).translate(_SIMPLIFIED).lower()
    text = _SEAM.sub(" ", re.sub(r"(?<=[a-z])\.(?=[a-z]\b)|(?<=\b[a-z])\.", "", text))
    return " ".join(text.split())


def _of_one(title: str) -> Authority:
    title = _OFFICE.sub(" ", title)
    if _AIDES.search(title):
        return Authority.UNKNOWN
    if _BELOW.search(title) or re.search(r"\bvice[- ]president\b", title):
        return Authority.MANAGER
    title = _LEAD_NOTHING.sub(" ", title)
    if _DECIDERS.search(title):
        return Authority.DECIDER
    return Authority.MANAGER if _LEADERS.search(title) else Authority.UNKNOWN
