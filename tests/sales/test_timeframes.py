from datetime import date

import pytest

from sales.leads import Timeframe
from sales.timeframes import read_timeframe

SATURDAY = date(2026, 11, 28)

MONTH = """
30天内|三十天内|30日内|30天之内|一个月内|1个月以内|两周内|2周内|三个星期内|半个月内|十天内|
15天内|二十天内|15个工作日内|20个工作日内|未来30天|30天内采购|预计30天内采购|计划30天内上线|
30天左右|本月|这个月|本月内|当月|月底|月底前|月底之前|月内|本月底|这个月要定|这个月底前|
本月采购|11月底|11月30日前|30号前|下周|下星期|下下周|本周|这周|这周内|周内|周五前|下周五|
下周三定|下个礼拜|下月初|下个月初|下个月5号|12月5日|12月中旬|12月上旬|2026-12-15|2026年12月20日|
两周后|10天后|20天后|尽快|尽快采购|尽早|马上|马上要用|立即|立刻|急|急用|紧急|很急|加急|挺急的|
越快越好|今天|明天|这两天|这几天就定|近几天|急需一套系统|需要尽快上线客户管理系统|
客户管理系统，月底前上线|预算已批，本月要定|时间：30天内|采购时间：本月|不超过30天|最迟月底|
不晚于12月10日|两周上线|能不能本月上线|圣诞节前|下周看演示后本月采购|先了解，月底前定下来|
30天内需要上线|３０天内|30 days or less|by Xmas|within the month|ASAP|asap|as soon as possible|
urgent|urgently needed|immediately|right away|today|tomorrow|ready to buy|within 30 days|
within a month|within one month|within the next 30 days|in the next two weeks|in 2 weeks|
in a week|in three weeks|within 10 business days|less than 30 days|less than 1 month|
under a month|next 30 days|about 2 weeks|0-30 days|2-3 weeks|3 weeks|two weeks from now|
in a couple of weeks|in a few weeks|this month|end of month|by end of the month|EOM|
end of the week|this week|next week|the week after next|by Friday|next Tuesday|by Dec 5|
by December 15|Dec. 20|15 December|5th of December|early December|mid-December|
December 10, 2026|before Christmas|early next month|beginning of next month|
We want to buy within 30 days|Need a CRM asap|must go live by 20 December|
Please call me tomorrow, we want to purchase this month|Timeline: 2 weeks
"""
QUARTER = """
60天内|30个工作日内|within 30 business days|明年初|early next year|两个月内|三个月内|3个月内|
90天内|一两个月内|1-2个月内|2-3个月内|一个半月内|30-60天|一个月后|两个月后|下个月|下月|下个月底|
12月|12月底|十二月|年底|年底前|今年内|今年底|年内|2026年底|本季度|下半年|下季度|下个季度|一季度|
Q1|明年一季度|明年Q1|2027年Q1|2027年第一季度|明年1月|明年2月|1月|1月15日|2027年1月|春节前|年前|
元旦前|过年前|本月或下个月上线|尽快联系我，下个月采购|本月立项，下季度采购|next month|
end of next month|December|in January|January 2027|by end of year|EOY|year end|this year|
this quarter|next quarter|Q1 next year|Q1 2027|first quarter|first quarter of 2027|
within 3 months|within 60 days|in two months|1-3 months|3 months|60 days|in the next quarter|
within a quarter|by 15 January|February 1
"""
LATER = """
明年|明年采购|来年|明年底|明年下半年|明年上半年|上半年|半年内|半年后|六个月内|6个月内|一年内|
一年后|两年后|明年3月|明年6月|3月|5月|2027年|2027年6月|二季度|明年第三季度|Q2|Q3 2027|3-6个月|
6个月以上|半年以上|不急|不着急|以后再说|暂时不买|尽快联系我，明年上线|后年|五一后|劳动节前|
国庆前|开春|next year|in 2027|by 2028|end of next year|in six months|in half a year|
within a year|3-6 months|more than 6 months|over 12 months|6+ months|after 6 months|H2 2027|
second half of next year|Q3|June|in May|mid-2027 Q3|不太急|没那么急|no rush|not urgent|someday|
in the future|long-term
"""
UNKNOWN = """
||  |需要客户管理工具|提升招生效率|近期|最近|有空再说吧|不清楚|待定|soon|not sure|unknown|
尽快联系我|请尽快回电|麻烦尽快报价|下周演示|下周见面聊聊|明天下午电话沟通|本周安排拜访|
Please call me ASAP|send me a quote this week|get back to me tomorrow|demo next week|
looking forward to your reply today|30天内付款|账期30天|30天内无理由退货|质保3年|试用30天|
免费试用14天内|payment within 30 days|net 30|30 days free trial|合作了三年|成立10年|近30天|
过去30天内|最近三个月内|每月|每周一次|每30天内|月活|月费|年费|3月前联系过|上个月|上周|去年|
last month|2 weeks ago|in the last 30 days|2020年|2020-01-01|本月不会采购|30天内不打算买|
不是本月|won't buy this month|not this month|no plans to buy this year|15-20万|2.5月|第1名|Q5|
13月|12.5|maybe we may look|周先生|周一鸣|双十二前|3个月试用|our contract expires in 30 days|
日本|下周围|月亮|年会
"""


def expressions(listed: str) -> list[str]:
    return listed.replace("\n", "").split("|")


def read(listed: str) -> dict[str, str]:
    return {text: read_timeframe(text, SATURDAY)[0].value for text in expressions(listed)}


class TestReadTimeframe:
    @pytest.mark.parametrize(
        ("listed", "timeframe"),
        [
            (MONTH, Timeframe.MONTH),
            (QUARTER, Timeframe.QUARTER),
            (LATER, Timeframe.LATER),
            (UNKNOWN, Timeframe.UNKNOWN),
        ],
    )
    def test_reads_the_last_day_that_the_words_allow(
        self, listed: str, timeframe: Timeframe
    ) -> None:
        wrong = {text: found for text, found in read(listed).items() if found != timeframe.value}
        assert wrong == {}
