import pytest

from sales.leads import Clarity
from sales.stated_needs import clarity_of

CLEAR = """
需要客户管理工具|提升招生效率|想要一套CRM|CRM|ERP系统|客户管理|需要CRM|想了解客户管理工具|
采购20套考勤设备|库存管理混乱，想上系统|门店多，数据对不上|销售跟进靠Excel，容易漏单|
替换现有的OA|要对接钉钉|需要和金蝶对接|降低获客成本|招生难|线索流失严重|希望减少手工录入|
想做一个小程序|预算15万，需要客户管理系统|客户资料管理|需要30个账号的SaaS|教务排课|订单管理|
了解一下，我们需要一套库存系统|给销售团队用的跟进工具|培训机构招生管理|智能考勤|
a tool to keep track of customers|wants a customer tool|Needs a CRM for 20 people|
replace our spreadsheets|looking for inventory management|improve lead conversion|
We're struggling with follow-ups|crm|need CRM|Just looking for a CRM that integrates with Slack|
integration with SAP|automate invoicing|order tracking|ERP升级|替换SAP|降本增效|提升业绩|
营销自动化|采购办公电脑50台|数据分散|客户跟进混乱|We lose leads|RFQ 200 laptops|
interested in inventory management|sales team of 12, Excel is a mess|need reporting
"""
VAGUE = """
了解一下|先了解一下|想了解一下|想了解一下你们的产品|随便看看|先看看|看看|问问价格|随便问问|
了解一下情况|还没想好|好奇|暂无需求|没有需求|无明确需求|需求不明确|需求未明确|暂时没有具体需求|
不需要|了解了解|考虑中|还在比较|在对比几家|想了解一下客户管理系统的报价|看看你们的方案|
先看看再说|doing research|comparing vendors|just looking|Just browsing|just curious|
looking around|exploring options|no specific need|not interested|no need|just checking|
nothing specific
"""
UNKNOWN = """
||  |-|—|无|暂无|n/a|N/A|tbd|unknown|待定|待确认|未知|test|测试|你好|您好，请联系我|
请尽快联系我|加微信|报价|需要报价|发份资料|咨询|咨询产品|产品咨询|价格|多少钱|请介绍一下产品|
你们的产品|合作|其他|同上|13812345678|a@b.example|请回电13812345678|hello|Hi there|
Please contact me|call me back|send me a quote|pricing|price list please|more information|
interested|I want to know more about your products|demo|.|?|123|www|需要|急需|提升|参加展会|
展会上聊过|老客户介绍|下周见面|请发资料到邮箱|名片|maybe next year|no budget yet|
Newsletter signup|需求|我想要|谢谢|Renewal B|省份：中国/北京市|采购时间：30天内|
Industry: Aviation and Space
"""


def needs(listed: str) -> list[str]:
    return listed.replace("\n", "").split("|")


class TestClarity:
    @pytest.mark.parametrize(
        ("listed", "clarity"),
        [(CLEAR, Clarity.CLEAR), (VAGUE, Clarity.VAGUE), (UNKNOWN, Clarity.UNKNOWN)],
    )
    def test_tells_a_stated_need_from_looking_around(self, listed: str, clarity: Clarity) -> None:
        found = {need: clarity_of(need)[0] for need in needs(listed)}
        assert {need: of for need, of in found.items() if of is not clarity} == {}

    @pytest.mark.parametrize("need", ["Quartz deal", "Quartz Example - New Deal"])
    def test_a_deal_named_after_its_customer_states_none(self, need: str) -> None:
        assert clarity_of(need, "Quartz Example")[0] is Clarity.UNKNOWN
