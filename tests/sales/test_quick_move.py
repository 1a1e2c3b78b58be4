"""Moves in one line: the stage, the amount, the contract and the reason, and what is left."""

from datetime import date

import pytest

from sales.days import NamedDay, named_days
from sales.leads import Stage
from sales.playbook import Playbook
from sales.quick_move import parse_move

REASONS = {term.key: (term.en, term.zh) for term in Playbook().vocabulary.lost_reasons}
WON, LOST = Stage.WON, Stage.LOST


@pytest.mark.parametrize(
    ("line", "amount", "contract", "note"),
    [
        ("won 120k", "120k", "", ""),
        ("Won for RMB 1,200,000 paid in 3 months", "RMB 1,200,000", "", "paid in 3 months"),
        ("closed won at $120,000", "$120,000", "", ""),
        ("won 120 k on Dec 5", "120 k", "", "on Dec 5"),
        ("signed 1.2 million", "1.2 million", "", ""),
        ("成交 12万", "12万", "", ""),
        ("成交 不到10万", "不到10万", "", ""),
        ("成交 十几万", "十几万", "", ""),
        ("成交 10多万左右 老板签字", "10多万左右", "", "老板签字"),
        ("成交 3.6万元/年 合同编号HT-2026-01", "3.6万元/年", "HT-2026-01", ""),
        ("成交，含税12万8，周五打款", "含税12万8", "", "周五打款"),
        ("成交 20万一年 签两年", "20万一年", "", "签两年"),
        ("成交 12月5日 8万", "8万", "", "12月5日"),
        ("won nearly 10k", "nearly 10k", "", ""),
        ("won EUR 20k", "EUR 20k", "", ""),
        ("won 20k euros paid", "20k euros", "", "paid"),
        ("成交 20万美元", "20万美元", "", ""),
        ("成交 HK$30万 现结", "HK$30万", "", "现结"),
        ("won 20k + VAT, signed", "20k + VAT", "", "signed"),
        ("won 2k/month signed", "2k/month", "", "signed"),
        ("成交 １２．５万", "１２．５万", "", ""),
        ("成交6万8", "6万8", "", ""),
        ("已成交十二万元", "十二万元", "", ""),
        ("到成交签约，12万", "12万", "", ""),
        ("成交了，合同金额12.5万，合同号 HT-2026-01，下周付款", "12.5万", "HT-2026-01", "下周付款"),
        ("成交 2026-12-01 12万", "12万", "", "2026-12-01"),
        ("赢单 20套 12万", "12万", "", "20套"),
        ("won 20 seats", "", "", "20 seats"),
        ("won contract HT-24-031 98,500", "98,500", "HT-24-031", ""),
        ("won", "", "", ""),
    ],
)
def test_a_deal_won(line: str, amount: str, contract: str, note: str) -> None:
    move = parse_move(line, REASONS)
    assert (move.to, move.amount, move.contract, move.note) == (WON, amount, contract, note)


@pytest.mark.parametrize(
    ("line", "reason", "note"),
    [
        ("流失 价格太高", "price", "价格太高"),
        ("lost too expensive", "price", "too expensive"),
        ("Lost: Price", "price", ""),
        ("流失，选择了竞品", "competitor", ""),
        (
            "lost price they went with the cheaper one",
            "price",
            "price they went with the cheaper one",
        ),
        ("流失 价格：他们选了友商", "price", "他们选了友商"),
        ("lost no budget, they chose a rival", "budget", "they chose a rival"),
        ("closed lost, went with a rival", "competitor", "went with a rival"),
        ("流失 没有预算了", "budget", "没有预算了"),
        ("丢单：客户不需要", "need", "客户不需要"),
        ("lost no reply for weeks", "silent", "no reply for weeks"),
        ("流失 时机不对", "timing", ""),
        ("lost 选了友商，价格便宜", "", "选了友商，价格便宜"),
        ("lost their boss left", "", "their boss left"),
        ("流失", "", ""),
    ],
)
def test_a_lead_lost(line: str, reason: str, note: str) -> None:
    move = parse_move(line, REASONS)
    assert (move.to, move.reason, move.note) == (LOST, reason, note)


@pytest.mark.parametrize(
    ("line", "to", "note"),
    [
        ("推到谈判", Stage.NEGOTIATION, ""),
        ("to negotiation they want 10% off", Stage.NEGOTIATION, "they want 10% off"),
        ("方案呈现", Stage.PROPOSAL, ""),
        ("quoted yesterday", Stage.PROPOSAL, "yesterday"),
        ("需求挖掘 已约周五", Stage.DISCOVERY, "已约周五"),
        ("screened budget ok", Stage.SCREENED, "budget ok"),
        ("nurture until spring", Stage.NURTURE, "until spring"),
        ("放到培育池", None, "放到培育池"),
        ("售后", Stage.AFTERSALES, ""),
        ("foo bar", None, "foo bar"),
        ("the window is closed", None, "the window is closed"),
        ("", None, ""),
    ],
)
def test_any_other(line: str, to: Stage | None, note: str) -> None:
    move = parse_move(line, REASONS)
    assert (move.to, move.note) == (to, note)


@pytest.mark.parametrize(
    ("line", "to", "before"),
    [
        ("A科技成交12万", WON, "A科技"),
        ("price too high, lost", LOST, "price too high"),
        ("Acme Sample won 120k", WON, "Acme Sample"),
    ],
)
def test_what_stands_before_the_stage(line: str, to: Stage, before: str) -> None:
    move = parse_move(line, REASONS)
    assert (move.to, move.before) == (to, before)


TODAY = date(2026, 11, 27)


def days(text: str) -> tuple[NamedDay, ...]:
    return named_days(text, TODAY)


@pytest.mark.parametrize(
    ("line", "amount", "close", "note"),
    [
        ("方案 12万 预计12月20日", "12万", date(2026, 12, 20), ""),
        ("proposal 120k closing Dec 20", "120k", date(2026, 12, 20), ""),
        ("proposal closing Dec 20, 120k", "120k", date(2026, 12, 20), ""),
        ("proposal expected to close on 2026-12-20 worth $120,000", "$120,000",
         date(2026, 12, 20), ""),
        ("报价 预计12月20日前签约 客户要案例", "", date(2026, 12, 20), "客户要案例"),
        ("方案，金额12万，12月20日签约，等领导", "12万", date(2026, 12, 20), "等领导"),
        ("谈判 约12万左右 争取月底成交", "12万", date(2026, 11, 30), ""),
        ("negotiation about 80000, close by Dec 4, CFO asks for terms", "80000",
         date(2026, 12, 4), "CFO asks for terms"),
        ("方案 3.6万/年 预计下周五", "3.6万/年", date(2026, 12, 4), ""),
        ("方案 客户要12万的版本", "", None, "客户要12万的版本"),
        ("方案 12月20日演示", "", None, "12月20日演示"),
        ("方案 3 个版本", "", None, "3 个版本"),
        ("proposal v2 sent, demo on Dec 5", "", None, "v2 sent, demo on Dec 5"),
        ("方案 已发 预计12月20日", "", None, "已发 预计12月20日"),
        ("negotiation 120k by dec 20", "120k", date(2026, 12, 20), ""),
        ("方案 12万 12月20日前", "12万", date(2026, 12, 20), ""),
        ("方案 12万，下周五", "12万", date(2026, 12, 4), ""),
        ("proposal 120k by Dec 20 they decide", "120k", None, "by Dec 20 they decide"),
        ("proposal by dec 20", "", None, "by dec 20"),
        ("proposal", "", None, ""),
        ("方案 预计成交日期：2026-12-20", "", date(2026, 12, 20), ""),
        ("方案 预计成交 年底", "", date(2026, 12, 31), ""),
        ("proposal ETA Dec 20", "", date(2026, 12, 20), ""),
    ],
)  # fmt: skip
def test_what_is_expected(line: str, amount: str, close: date | None, note: str) -> None:
    move = parse_move(line, REASONS, days)
    assert (move.amount, move.close, move.note) == (amount, close, note)


def test_what_is_expected_is_no_part_of_setting_aside() -> None:
    move = parse_move("培育 12万 预计12月20日", REASONS, days)
    assert (move.amount, move.close, move.note) == ("", None, "12万 预计12月20日")
