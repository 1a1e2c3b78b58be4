"""Address cards: every way to reach a person, and who they are."""

import pytest

from tests.imports.reading import taken


def _card(*lines: str) -> str:
    return "\r\n".join(
        ("BEGIN:VCARD", "VERSION:3.0", "FN:王样本", "ORG:甲示例", *lines, "END:VCARD", "")
    )


@pytest.mark.parametrize(
    "lines",
    [
        ("X-WECHAT:kay_sample",),
        ("X-WECHAT;TYPE=HOME:kay_sample",),
        ("X-WEIXIN:kay_sample",),
        ("IMPP;X-SERVICE-TYPE=WeChat:kay_sample",),
        ("IMPP:wechat:kay_sample",),
        ("IMPP:weixin://dl/chat?kay_sample",),
        ("IMPP;X-SERVICE-TYPE=weixin;type=pref:x-apple:kay_sample",),
        ("X-SOCIALPROFILE;TYPE=wechat:x-apple:kay_sample",),
        ("X-SOCIALPROFILE;type=WeChat;x-user=kay_sample:",),
        ("X-SOCIALPROFILE;type=wechat;x-user=kay_sample:http://weixin.example/kay_sample",),
        ("item1.IMPP:kay_sample", "item1.X-ABLabel:微信"),
        ("item2.X-ABLabel:WeChat", "item2.IMPP:x-apple:kay_sample"),
        ("IMPP:skype:other_name", "X-WECHAT:kay_sample"),
        ("X-SOCIALPROFILE;type=linkedin:http://x.example/other", "X-WECHAT:kay_sample"),
    ],
)
def test_a_wechat_id(lines: tuple[str, ...]) -> None:
    [lead] = taken(_card(*lines)).leads
    assert lead.wechat == "kay_sample"


@pytest.mark.parametrize(
    "line", ["IMPP:skype:other_name", "X-QQ:123456", "item1.IMPP:x-apple:other", "NOTE:none"]
)
def test_another_service_is_no_wechat(line: str) -> None:
    read = taken(_card(line))
    assert (read.leads[0].wechat, read.said) == ("", {})


def test_all_phones_with_their_extensions() -> None:
    [lead] = taken(
        _card(
            "TEL;TYPE=WORK,VOICE:+86 571 8888 9999 ext. 802",
            "TEL;TYPE=CELL:13800000001",
            "TEL;VALUE=uri;TYPE=work:tel:+49-30-901820;ext=12",
            "TITLE:采购经理",
            "NOTE:需要报价\\n下周联系",
        )
    ).leads
    assert lead.phone == "+8613800000001"
    assert set(lead.others) == {"+8657188889999;ext=802", "+4930901820;ext=12"}
    assert (lead.title, lead.need) == ("采购经理", "需要报价 下周联系")


def test_a_role_stands_for_a_title() -> None:
    assert taken(_card("ROLE:CTO", "TEL:13800000001")).leads[0].title == "CTO"


def test_rows_with_one_wechat_id_are_one_contact() -> None:
    from sales.imports.outcomes import contacts_of

    leads = taken("公司,微信\n甲示例,Kay_sample\n乙示例,kay_SAMPLE\n").leads
    assert len({contacts_of(lead) for lead in leads}) == 1
