"""People's names in Chinese and English texts, as far as a text shows that they are names."""

import re
from collections.abc import Iterator

from sales.patterns import lazy_pattern

HAN = r"[\u4e00-\u9fff]"
DOUBLE_SURNAME = r"(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯|司徒|南宫|端木|轩辕)"
SURNAME = (
    rf"(?:{DOUBLE_SURNAME}"
    r"|[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任"
    r"沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    r"褚卫尤施华戚喻柏水窦章云葛奚郎鲁昌苗凤花俞袁柳鲍费廉岑倪滕殷毕安常乐傅齐康伍卜元平和穆萧湛祁毛禹狄米贝明"
    r"臧计伏成谈茅庞纪舒屈项祝阮蓝闵席季麻强路娄危童颜梅盛刁骆樊凌霍虞支柯管裴温解应宗宣洪包左甘房时车简关焦巴"
    r"牛隋商佟郁桂冉冷辛牧游])"
)
_NOT_NAMES = (
    "谢谢|周[一二三四五六日末]|方案|方便|方面|方式|高级|高效|高兴|高中|马上|金额|白天|江苏|江西|江南|陆续|万元|毛利|许多"
    "|任何|任务|程序|石油|常见|常用|成本|成都|成交|成立|连接|和平|向上|于是|余额|包括|单位|单价|费用|温度|安全|安装|安排"
    "|安徽|广西|黄金|钱包|关于|项目|祝好|祝您|时间|时候|顾客|顾问|应用|应该|车间|车辆|车队|房产|管理|曾经|段落|武汉|万一|严格"
    "|严重|陶瓷|平台|平时|平均|和谐|明天|明年|明白|明确|强烈|路上|计划|计算|支持|支付|宣传|温馨|解决|解释|简单|简介"
    "|关系|商务|商品|商家|商量|游戏|全部|需求|康复|华东|华南|华北|华中|云端|云南|水平|水泵|花费|盛大|成功|成员|包装|左右"
    "|贝壳|米饭|元旦|米|毕竟|常州|齐全|程度|应当|管家|温州|冷链|房间|关注|项|经理|席位|高新|金融|金属|白色|龙头"
    "|路由|季度|明细|计费|简历|支撑|安心|任意|舒服|和我|和你|和您|万合|何时|何况|高端|解析|强大|管道|水务|常规"
)
_NO_NAME = lazy_pattern(rf"(?:{_NOT_NAMES})")
RANKS = (
    "总经理|副总经理|副总|总监|经理|主任|副主任|校长|副校长|院长|副院长|园长|部长|处长|科长|局长|主管|厂长|店长|董事长|董事"
    "|总裁|主席|会长|站长|队长|班长|组长|所长|馆长|行长"
)
CALLED = "老师|老板|师傅|律师|医生|大夫|护士|会计|教授|博士|工程师|总工|采购|总|工"
POLITE = "先生|女士|小姐|太太|同学|阿姨|哥|姐"
_RANKED = lazy_pattern(rf"({SURNAME}(?:{RANKS}|{CALLED}|{POLITE}))")
CN_NAME = rf"{SURNAME}{HAN}{{1,2}}"
_VERBS = "说想要问打来发在是约提对跟介觉需给找希反咨今昨明表联回看叫的这那您你我（ "
_ALONE = lazy_pattern(rf"({CN_NAME})(?:先生|女士|小姐|老师|同学)?")

_CAP = r"[A-ZÀ-ÖØ-Þ][A-Za-zÀ-ÖØ-öø-ÿ'’-]{0,20}"
_PARTICLE = r"(?:van|von|de|der|den|da|di|del|la|le|bin|al|el|ten|zu)"
EN_NAME = rf"{_CAP}(?:[ ](?:[A-Z]\.|{_PARTICLE}|{_CAP})){{0,2}}[ ]{_CAP}"
TITLED = r"(?:Mrs?|Ms|Miss|Mx|Dr|Prof|Herr|Frau|Mme|Sir)\.?"
_EN_ALONE = lazy_pattern(rf"(?:({TITLED})[ ])?({EN_NAME}|{_CAP})")


def is_chinese_name(text: str) -> bool:
    """Whether a text is nothing but a Chinese name: 王丽, 欧阳一一."""
    match = _ALONE.fullmatch(text)
    return match is not None and not _NO_NAME.match(match[1])


def ranked_name(text: str) -> str:
    """``王总``, ``魏老师``, ``沈女士`` at the beginning of a text; "" without."""
    match = _RANKED.match(text)
    return match[1] if match else ""


def leading_name(text: str) -> str:
    """The Chinese name with which a text begins, if what follows shows where it ends; else ""."""
    if _NO_NAME.match(text):
        return ""
    if ranked := ranked_name(text):
        return ranked
    match = re.match(SURNAME, text)
    if match is None:
        return ""
    short, long = text[: match.end() + 1], text[: match.end() + 2]
    for name in (long, short):
        given = name[match.end() :]
        if len(name) <= len(text) and re.fullmatch(rf"{HAN}{{1,2}}", given) and _ends(name, text):
            return name
    return ""


def _ends(name: str, text: str) -> bool:
    """Whether a name of two or three characters ends where it is cut."""
    rest = text[len(name) :]
    if len(name) > 2 and name[-1] in "说想要问打来在约找的是叫" and rest:
        return False
    return (
        not rest
        or not re.match(HAN, rest)
        or rest[0] in _VERBS
        or bool(
            re.match(
                rf"{POLITE}|{RANKS}|{CALLED}|先生|女士|电话|手机|微信|邮箱|预算|报价|急|刚|已|也"
                rf"|和",
                rest,
            )
        )
    )


def rank_in(name: str) -> str:
    """The job that a form of address names: 主任 of 雷主任; "" for 老师 and the like."""
    match = re.search(rf"({RANKS})$", name)
    return match[1] if match and len(name) <= 5 else ""


def as_english_name(text: str) -> str:
    """A text that may be an English name, without ``Mr``; "" for anything else.

    Doctors keep their title, since they are addressed by it.
    """
    match = _EN_ALONE.fullmatch(text.strip())
    if match is None:
        return ""
    return text.strip()


def english_names(text: str) -> Iterator[str]:
    """What stands in English texts where a name stands: ``this is Kim Example``."""
    for pattern in _INTRODUCED:
        for match in pattern.finditer(text):
            yield match[1].rstrip(".")


_NAMED = rf"((?:{TITLED}[ ])?{_CAP}(?:[ ](?:[A-Z]\.|{_PARTICLE}|{_CAP})){{0,3}})"
_INTRODUCED = (
    lazy_pattern(
        rf"(?:[Mm]y name is|[Nn]ame's|[Tt]his is|I am|I['’]m|[Ii]t['’]s)[ ]{{1,2}}{_NAMED}"
    ),
    lazy_pattern(
        rf"(?:[Cc]all|[Cc]ontact|[Rr]ing|[Rr]each(?: out to)?|[Aa]sk for|[Ss]poke (?:to|with)"
        rf"|[Ss]peak (?:to|with)"
        rf"|[Tt]alked to|[Mm]et|[Tt]ouch with)[ ]{_NAMED}"
    ),
    lazy_pattern(rf"\b((?:{TITLED})[ ]{EN_NAME})"),
    lazy_pattern(
        rf"\b({EN_NAME})(?= here\b| \((?:[A-Z]|[a-z]+ )| (?:from|of|at|with|phoned|called|asked"
        rf"|left|wants|needs)\b)"
    ),
)
_FIRST_NAMES_TEXT = """
    aaron adam agnes ahmed aisha alan alba alex alice alina ali alison amanda amber amir amy ana
    andrea andrew andy angela anita ann anna anne anton antonio arthur ashley barbara beatrice
    ben benjamin bella bernard beth betty bill bob boris brad brandon brian bruce camille carl
    carla carlos carmen carol caroline catherine cathy charles charlie charlotte chen chloe
    chris christian christina christine christopher claire clara claudia cleo colin craig dan
    dana daniel daniela dave david dawn deb deborah denise dennis derek diana diane diego
    dimitri dominic donna doris dorothy doug duncan dylan ed eddie edgar edith edward elena elin
    elisa elise elizabeth ella ellen ellie elsa emily emma eric erica erik erin ernest esther
    ethan eva evan eve fay felix fiona finn florence frances francis frank fred gail gareth gary
    gavin george gerald gina glen gloria gordon grace graham greg gwen hana hannah harold
    harriet harry hassan heather heidi helen helena henry herbert holly hugh hugo ian ibrahim
    ida ines ingrid irene iris isaac isabel ivan ivy jack jackie jacob jake james jamie jan jane
    janet jason jean jeff jen jenna jennifer jenny jeremy jerry jessica jill jim jimmy jo joan
    joanna joe joel johan john jon jonah jonathan jordan jorge jose joseph joy juan judith judy
    julia julian julie june justin karen karin karl kate katherine kathy katie kay keith kelly
    ken kenneth kevin kim kirsten kurt kyle lars laura lauren lea leah lee lena leo leon leonard
    leslie liam lily linda lisa liz lou louis louise lucas lucia lucy luis luke lydia lynn
    maggie marc marco marcus margaret maria marie marina mario mark marta martha martin mary
    mara matt matthew maurice max maya megan mei melanie melissa michael michelle miguel mike
    miles milan mira miriam mohammed molly monica nadia nancy naomi natalie natasha nathan neil
    nia nicholas nick nicola nicole nigel nils nina noah noor nora norman olga oliver olivia
    omar oscar otto owen pam pamela pat patricia patrick paul paula pedro peggy penny peter petr
    phil philip phoebe pierre piotr priya rachel raj ralph ravi ray raymond rebecca rex rhys
    richard rick rita rob robert robin roger roland ron rory rosa rose ross roy ruby russell
    ruth ryan sally sam samantha samuel sandra sara sarah scott sean sebastian sergio shane
    sharon sheila shirley sid simon sofia sophia sophie stan stella stephanie stephen steve
    steven stu stuart sue susan suzanne sven sylvia tamara tanya tara ted teresa terry tessa
    theo theresa thomas tim timothy tina tobias todd tom tommy tony tracy ursula valerie vanessa
    vera vicky victor victoria vincent viola virginia vivian walt walter wanda wendy will
    william yana yusuf yvonne zara zoe
"""
FIRST_NAMES = frozenset(_FIRST_NAMES_TEXT.split())
