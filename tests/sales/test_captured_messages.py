"""The share of fields that are found in invented messages, and of those that are found wrongly.

``chinese.txt`` and ``english.txt`` were written first and tuned for; ``held_out.txt`` was written
with them and never tuned for: 94 % at the first run (decision 0025).
"""

from collections import Counter

import pytest

from sales.capture import read_message
from tests.sales.messages import FIELDS, found_in, is_same, messages


def shares(*names: str) -> tuple[dict[str, float], float, int]:
    """The share found by field and of all fields, and how many values are false."""
    there, found, false = Counter[str](), Counter[str](), 0
    for message in messages(*names):
        read = found_in(read_message(message.text))
        for field in FIELDS:
            right, got = message.right.get(field, ""), read.get(field, "")
            there[field] += bool(right)
            found[field] += bool(right) and is_same(field, right, got)
            false += bool(got) and not is_same(field, right, got)
    by_field = {field: found[field] / n for field, n in there.items() if n}
    return by_field, found.total() / there.total(), false


def test_what_a_hundred_and_fifty_messages_say_is_found() -> None:
    by_field, of_all, false = shares("chinese.txt", "english.txt")
    print({field: f"{share:.0%}" for field, share in by_field.items()})
    assert len(messages("chinese.txt", "english.txt")) == 150
    assert min(by_field.values()) >= 0.95
    assert of_all >= 0.97
    assert false <= 10


def test_so_is_most_of_forty_that_nothing_was_tuned_for() -> None:
    by_field, of_all, false = shares("held_out.txt")
    print({field: f"{share:.0%}" for field, share in by_field.items()}, f"{of_all:.1%}", false)
    assert len(messages("held_out.txt")) == 40
    assert of_all >= 0.93
    assert false <= 8


FORWARDED = """帮忙跟进

Robin Sample
robin.sample@ours.example  13900009999

发件人：{sender}
发送时间：2026年11月26日 10:12
收件人：Robin Sample <robin.sample@ours.example>
主题：询价

想要60个账号的报价，电话 0571-88889999-802。
{sender_name}
"""


class TestForwarded:
    @pytest.mark.parametrize(
        ("sender", "name", "address"),
        [
            ("王丽 <wangli@hua.example>", "王丽", "wangli@hua.example"),
            ('"Ines Vogel" <ines@kiefer.example>', "Ines Vogel", "ines@kiefer.example"),
            ("Ines Vogel [mailto:ines@kiefer.example]", "Ines Vogel", "ines@kiefer.example"),
            ("王丽（wangli@qq.com）", "王丽", "wangli@qq.com"),
        ],
    )
    def test_the_sender_is_the_customer_and_not_who_pastes(
        self, sender: str, name: str, address: str
    ) -> None:
        read = read_message(FORWARDED.format(sender=sender, sender_name=name))
        assert (read.contact, read.emails) == (name, (address,))
        assert read.phones == ("+8657188889999;ext=802",)

    def test_a_mail_between_colleagues_is_not_the_customers(self) -> None:
        text = FORWARDED.format(sender="Kim Colleague <kim@ours.example>", sender_name="Kim")
        inner = "From: Ines Vogel <ines@kiefer.example>\nTo: kim@ours.example\nSubject: CRM\n\nHi!"
        read = read_message(f"{text}\n\n{inner}")
        assert (read.contact, read.emails) == ("Ines Vogel", ("ines@kiefer.example",))

    def test_an_answer_above_our_own_mail_is_the_customers(self) -> None:
        ours = "From: Robin Sample <robin@ours.example>\nTo: ines@kiefer.example\nSubject: Offer\n"
        text = f"We take it, please call +49 30 901820.\n\nInes Vogel\nKiefer GmbH\n\n{ours}\nDear"
        read = read_message(text, ours=("robin@ours.example",))
        assert (read.contact, read.customer) == ("Ines Vogel", "Kiefer GmbH")
        assert read.emails == ()

    def test_colleagues_are_never_the_contact(self) -> None:
        text = "13900009999 robin@ours.example 转给我：华康医疗王丽 13800000101"
        read = read_message(text, ours=("robin@ours.example", "+8613900009999"))
        assert (read.phones, read.emails) == (("+8613800000101",), ())


class TestDetails:
    @pytest.mark.parametrize(
        ("text", "wechat"),
        [
            ("微信：wang_li-88", "wang_li-88"),
            ("加微信 wangli2026 聊", "wangli2026"),
            ("WeChat ID: WangLi88", "WangLi88"),
            ("手机13800000101，微信同号", "13800000101"),
            ("微信聊过了", ""),
            ("wechat pay is fine", ""),
        ],
    )
    def test_the_wechat_id(self, text: str, wechat: str) -> None:
        read = read_message(text)
        assert read.wechat == wechat
        assert not wechat or wechat.isdecimal() or wechat not in read.need

    @pytest.mark.parametrize(
        "text",
        [
            "我们是做教育的，想了解一下",
            "周五下午三点开会，方案发我",
            "谢谢，辛苦了",
            "需求：车队管理",
            "Please send the quote by Monday.",
            "Thanks for the demo, see you on Friday in Berlin.",
            "Can we talk about pricing?",
            "The server at Frankfurt is down",
        ],
    )
    def test_nothing_is_made_up(self, text: str) -> None:
        read = read_message(text)
        assert (read.customer, read.contact, read.title) == ("", "", "")

    def test_a_number_of_another_country_is_kept_as_typed(self) -> None:
        read = read_message("Kim Sample, (212) 555-0134, Gable Homes Inc")
        assert (read.phones, read.doubtful) == ((), ("(212) 555-0134",))
        assert read_message("call (212) 555-0134", "US").phones == ("+12125550134",)


class TestKinds:
    """Kinds that came up after the corpus, so that they stay found."""

    @pytest.mark.parametrize(
        ("text", "customer", "contact"),
        [
            ("昨天展会认识的刘总（刘建军），恒远建材，13800000305", "恒远建材", "刘建军"),
            ("我们是样例光学有限公司，联系人：李明月 13800000301", "样例光学有限公司", "李明月"),
            ("请联系苏州博瑞精工陈工，13800000312", "苏州博瑞精工", "陈工"),
            ("张伟民 采购部\n富康精密模具（东莞）有限公司\n0769-88880307",
             "富康精密模具（东莞）有限公司", "张伟民"),
            ("朋友推荐的客户，瑞丰农业科技有限公司张总，13800000306",
             "瑞丰农业科技有限公司", "张总"),
            ("老王介绍来的客户，叫赵一诺，13800000310", "", "赵一诺"),
            ("Hi team, Acme Robotics here. Contact: Maria Lopez", "Acme Robotics", "Maria Lopez"),
            ("Best,\nHiroshi Tanaka\nBuyer\nSakura Precision Co., Ltd\n+81 3 1234 5678",
             "Sakura Precision Co., Ltd", "Hiroshi Tanaka"),
        ],
    )  # fmt: skip
    def test_are_read(self, text: str, customer: str, contact: str) -> None:
        read = read_message(text)
        assert (read.customer, read.contact) == (customer, contact)
