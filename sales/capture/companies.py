"""Names of companies: by the words that they end in, or by the place where they stand."""

import re
from collections.abc import Iterator

from sales.capture.people_names import HAN
from sales.patterns import lazy_pattern

_STRONG = (
    r"有限责任公司|股份有限公司|有限公司|分公司|子公司|公司|集团|大学|学院|学校|中学|小学|幼儿园"
    r"|幼稚园|医院|诊所|门诊部|卫生院|银行"
    r"|研究院|研究所|设计院|事务所|出版社|报社|旅行社|养老院|敬老院|协会|商会|基金会|合作社|工厂"
    r"|印刷厂|食品厂|机械厂|服装厂|制造厂"
    r"|厂|专卖店|书店|花店|酒店|饭店|宾馆|超市|商场|药房|药店|影院|剧院|实验室|俱乐部|工作室"
    r"|律所|车行|民宿|餐厅|饭馆|茶馆|图书馆|博物馆"
    r"|管委会|委员会|人民政府"
)
_WEAK = (
    r"科技|农业|医疗|医疗器械|器械|物流|教育|食品|机械|印务|建筑|建筑工程|工程|口腔|汽车零部件"
    r"|零部件|汽车|汽配|茶业|光电|水务|餐饮|餐饮管理"
    r"|金属|装饰|装修|培训|保险代理|保险|服饰|服装|铝业|钢铁|软件|运输|家具|家居|船务|海运|化工"
    r"|电器|药业|制药|医药|乳业|文旅|旅游"
    r"|航空服务|航空|传媒|广告|丝绸|自动化|五金|物业|贸易|商贸|外贸|纺织|健康|体育|健身|商管"
    r"|农机|印刷|渔业|投资|资本|电子|通信|通讯|园林"
    r"|养老服务|养老|置业|地产|环保|环保科技|建材|粮油|电气|能源|新能源|电力|新材料|材料|半导体"
    r"|生物|生物科技|基因|金融|证券|基金|文化|设计"
    r"|咨询|服务|网络|信息|信息技术|数据|智能|智造|制造|工业|实业|控股|股份|供应链|快递|货运"
    r"|美容|美业|连锁|重工|精密|仪器|仪表|包装|塑料|橡胶|玻璃"
    r"|陶瓷|照明|灯饰|珠宝|眼镜|玩具|母婴|宠物|酒业|饮料|饮品|水产|畜牧|种业|花卉|矿业|石化|燃气"
    r"|热力|环境|检测|认证|安防|安保|家政|人力资源|人力"
    r"|财税|法务|会展|动漫|游戏|影视|音乐|艺术|舞蹈|早教|留学|人才|云|电商|跨境|鞋业|皮具|箱包"
    r"|日化|化妆品|护肤|卫浴|门窗|涂料|管业|电缆|电池|光伏"
    r"|风电|船舶|铁路|地铁|公交|出行|租赁|拍卖|典当|担保|信托|钟表|乐器|造纸|木业|竹业|石材|水泥"
    r"|混凝土|路桥|市政|测绘|勘探|气象|海洋"
    r"|模具|渔具|精工|精机|光学|码头|港口|港务|仓储|轴承|阀门|泵业|电机|机电|机床|工具|量具|磨具"
    r"|技术|系统集成|集成|互联|互动|在线|国际|中国|实验学校|国际学校|职业技术学院|商城|生鲜|果业"
    r"|粮业|糖业|盐业|肉业|禽业|蛋业|面业|油脂|酿造|调味品"
)
_X = rf"(?:{HAN}|[A-Za-z0-9·&])"
_PLACE = rf"(?:[（(]{HAN}{{2,6}}[)）])?"
_TAIL = rf"(?:{_PLACE}(?:{_STRONG})){{0,2}}"
CN_COMPANY = rf"{_X}{{1,16}}?{_PLACE}(?:{_STRONG}|{_WEAK}){_TAIL}"
STRONG_START = lazy_pattern(rf"(?:{_STRONG})")
"""A run that goes on like this is not yet the whole name: 职业技术|学院."""
_STRONG_END = lazy_pattern(rf"(?:{_STRONG})$")
_STOP = lazy_pattern(
    r"我|你|您|他|她|它|们|这|那|哪|吗|呢|请|把|想[要了看做问换]|要|是|了|女士|先生|小姐|来电"
    r"|推荐|介绍|联系|做|买|卖|一家|几家|某|需|的|问|看|用|找|上线|对|给|跟|换|报价|方案|号码"
    r"|贵公司|本公司|该公司|总公司|没说|不说"
)
_NOT_ALONE = frozenset(
    {"公司", "集团", "学校", "医院", "银行", "大学", "学院", "工厂", "酒店", "超市"}
)


def is_company(name: str) -> bool:
    """Whether a Chinese run that ends like a company's name may be one."""
    return len(name) > 2 and name not in _NOT_ALONE and not _STOP.search(name)


def is_plainly_company(name: str) -> bool:
    """Whether it says itself that it is an organisation: 公司, 医院, 学校."""
    return is_company(name) and bool(_STRONG_END.search(name))


EN_SUFFIX = lazy_pattern(
    r"\b(?:Ltd|Limited|Inc|LLC|LLP|GmbH|AG|KG|SE|PLC|Plc|plc|Corp|Corporation|Co|Company|Group"
    r"|Holdings|S\.?A\.?|SpA|B\.?V\.?"
    r"|Oy|AB|AS|A/S|Pty|Pte|K\.?K\.?|University|College|School|Academy|Hospital|Bank|Council"
    r"|Institute|Foundation|Association"
    r"|Co-op|Cooperative)\b\.?"
)
_COMPANY_WORDS_TEXT = """
    academy accounting advertising aerospace agency agriculture air airlines airways analytics
    apparel architects associates authority auto automation automotive aviation bakery bank
    beauty beverages bikes biotech books boutique brands brewery builders building cafe capital
    care cars casting catering ceramics charity chemicals clinic clinics clothing cloud club
    coffee college communications components computing construction consultants consulting
    contractors cosmetics council couriers crane creative cycles dairy data dental design
    developments diagnostics digital distribution drones education electric electrical
    electronics energy engineering enterprises entertainment equipment estates events express
    fabrics farm farms fashion ferries films finance fisheries fitness flooring food foods forge
    foundation freight furniture games garage garden gardens gear glass goods group gyms
    hardware health healthcare hire holdings home homes hospital hospitality hotel hotels house
    industries innovations institute instruments insurance interiors international investments
    jewellery kitchens laboratories labs landscapes law leather legal leisure lighting lines
    logistics machinery manufacturing marine maritime market marketing markets materials media
    medical metals mills mining mobility motors museum music networks news nursery oil optics
    organics outfitters packaging paper park partners petroleum pharma pharmaceuticals pharmacy
    photography plastics plumbing polymers power press printing products properties property
    publishing rail realty records recruitment recycling rentals research resorts resources
    restaurant restaurants retail roasters robotics sails school schools science seafood
    security seeds semiconductors services shipping shoes shop software solar solutions spa
    sports steel storage stores street studio studios supplies supply surgery systems
    technologies technology telecom textiles theatre timber tools tours toys traders trading
    training transport travel trust tutors university utilities ventures veterinary warehouse
    waste water weddings wellness windows wines winery wood works workshop
"""
COMPANY_WORDS = frozenset(_COMPANY_WORDS_TEXT.split())
_PLACES_TEXT = """
    africa america amsterdam argentina asia athens australia austria bangkok barcelona beijing
    belgium berlin boston brazil bristol brussels california canada chicago chile china
    copenhagen dallas denmark denver dubai dublin edinburgh egypt england europe finland france
    frankfurt geneva germany glasgow greece guangzhou hamburg hangzhou hong india indonesia
    ireland israel italy jakarta japan kenya korea kuala leeds lisbon london madrid malaysia
    manchester melbourne mexico miami milan montreal moscow mumbai munich nanjing netherlands
    new norway oslo paris philippines poland portland portugal rome russia scotland seattle
    seoul shanghai shenzhen singapore spain stockholm sweden switzerland sydney taipei taiwan
    tel texas thailand tokyo toronto turkey uk usa vancouver vienna vietnam wales warsaw zurich
"""
PLACES = frozenset(_PLACES_TEXT.split())
_NO_COMPANY_TEXT = """
    monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july august september october november december mon tue wed thu fri sat sun google
    linkedin facebook twitter instagram wechat whatsapp slack dingtalk website your our my his
    her their you we i it the a an this that please thanks thank regards best hi hello dear hey
    today tomorrow yesterday crm erp demo quote price pricing phone mobile email tel fax sent
    sales team
"""
_NO_COMPANY = frozenset(_NO_COMPANY_TEXT.split())
EN_COMPANY = (
    r"(?:The )?[A-Z0-9][\w&'’.-]{0,24}"
    r"(?:[ ](?:(?:&|and|of|the|for|de|for the|of the)[ ])?[A-Z&][\w&'’-]{0,24}){0,5}"
    r"(?:\.?, ?(?:Ltd|Inc|LLC|LLP|Limited|GmbH|PLC)\b)?"
)
_AFTER = lazy_pattern(
    rf"(?:\b(?:from|at|of|with|for|own|run|are|behalf of|join|@|here at)[ ]"
    rf"|@[ ]?)({EN_COMPANY})(?:,? (?:Ltd|Inc|LLC|LLP|GmbH)\b\.?)?"
)


_HERE = lazy_pattern(rf"\b({EN_COMPANY}) here\b")
_TRAILS = re.compile(r"(?: (?:I|We|Our|My|It|Is|Are|The|And|Has|Here|Wants|Needs|Would|Please))$")


def cleaned(name: str) -> str:
    """An English company's name as it stands, without what the sentence adds around it."""
    name = name.strip(" .,;:-–()").removesuffix("'s").removesuffix("’s")
    return _TRAILS.sub("", name)


def companies_after(text: str) -> Iterator[re.Match[str]]:
    """Capitalised words where a company's name stands: ``from …``, ``at …``, ``… here``."""
    yield from _AFTER.finditer(text)
    yield from (one for one in _HERE.finditer(text) if company_score(one[1], "") > 2)


def may_be_company(name: str) -> bool:
    """Whether capitalised words may name a company: no place, day, greeting or bare number."""
    if not any(letter.isalpha() for letter in name):
        return False
    words = [word.strip(".,").lower() for word in name.split()]
    if not words or words[0] in _NO_COMPANY or (len(words) == 1 and words[0] in PLACES):
        return False
    return any(word not in _NO_COMPANY and word not in PLACES for word in words)


def company_score(name: str, domain: str) -> int:
    """How much a capitalised run looks like a company's name; ``domain`` is a hint only."""
    words = [word.strip(".,'’()").lower() for word in name.split()]
    score = 4 if EN_SUFFIX.search(name) else 0
    score += 3 if any(word in COMPANY_WORDS for word in words) else 0
    score += 1 if "&" in name else 0
    host = re.sub(r"[^a-z0-9]", "", domain.partition(".")[0])
    together = re.sub(r"[^a-z0-9]", "", name.lower())
    if host and (host in together or (len(host) > 4 and together.startswith(host[:5]))):
        score += 3
    return score
