"""Amounts in the ways of several countries: one reading, or a question."""

from decimal import Decimal

import pytest

from sales.amounts import (
    AmountStyle,
    NotAnAmount,
    decimal_in,
    is_bare,
    parse_amount,
    parse_budget,
    written_amount,
)

CHINA, GERMANY = AmountStyle.of("CNY", "CN"), AmountStyle.of("EUR", "DE")
AMERICA, BRITAIN = AmountStyle.of("USD", "US"), AmountStyle.of("GBP", "GB")
INDIA, HONG_KONG = AmountStyle.of("INR", "IN"), AmountStyle.of("HKD", "HK")


class TestReadings:
    @pytest.mark.parametrize(
        ("text", "style", "low", "high"),
        [
            ("约15万", CHINA, 150_000, 150_000),
            ("15万左右", CHINA, 150_000, 150_000),
            ("15万以内", CHINA, 150_000, 150_000),
            ("不超过20万", CHINA, 200_000, 200_000),
            ("15万+", CHINA, 150_000, 150_000),
            ("大概 8 万块", CHINA, 80_000, 80_000),
            ("预算：15万元左右", CHINA, 150_000, 150_000),
            ("50万起", CHINA, 500_000, 500_000),
            ("￥１２．５万", CHINA, 125_000, 125_000),
            ("１５－２０万", CHINA, 150_000, 200_000),
            ("约15-20万左右", CHINA, 150_000, 200_000),
            ("15万元～20万元", CHINA, 150_000, 200_000),
            ("七八万", CHINA, 70_000, 80_000),
            ("二十五六万", CHINA, 250_000, 260_000),
            ("十五万", CHINA, 150_000, 150_000),
            ("壹拾伍万元整", CHINA, 150_000, 150_000),
            ("一百二十万", CHINA, 1_200_000, 1_200_000),
            ("人民币15万元", CHINA, 150_000, 150_000),
            ("15万RMB", CHINA, 150_000, 150_000),
            ("12.345万", CHINA, 123_450, 123_450),
            ("around 120k", AMERICA, 120_000, 120_000),
            ("120k-150k", AMERICA, 120_000, 150_000),
            ("$120-150k", AMERICA, 120_000, 150_000),
            ("5000-2万", CHINA, 5_000, 20_000),
            ("120k-ish", AMERICA, 120_000, 120_000),
            ("between 100k and 150k", AMERICA, 100_000, 150_000),
            ("from $10k to $20k", AMERICA, 10_000, 20_000),
            ("up to USD 80,000", AMERICA, 80_000, 80_000),
            ("1.5 million dollars", AMERICA, 1_500_000, 1_500_000),
            ("£45k", BRITAIN, 45_000, 45_000),
            ("HK$120,000", HONG_KONG, 120_000, 120_000),
            ("港币12万", HONG_KONG, 120_000, 120_000),
            ("12 lakh", INDIA, 1_200_000, 1_200_000),
            ("₹1.2 crore", INDIA, 12_000_000, 12_000_000),
            ("Rs. 12,00,000", INDIA, 1_200_000, 1_200_000),
            ("3 to 5 lakhs", INDIA, 300_000, 500_000),
            ("€1.250,00", GERMANY, 1_250, 1_250),
            ("125.000", GERMANY, 125_000, 125_000),
            ("1.250.000", CHINA, 1_250_000, 1_250_000),
            ("98,5", GERMANY, "98.5", "98.5"),
            ("12,5 Mio €", GERMANY, 12_500_000, 12_500_000),
            ("10.000 bis 20.000", GERMANY, 10_000, 20_000),
            ("1 250,00", CHINA, 1_250, 1_250),
            ("1\u202f250\u00a0000,50", CHINA, "1250000.5", "1250000.5"),
            ("1'250.00", CHINA, 1_250, 1_250),
            ("1’250’000", CHINA, 1_250_000, 1_250_000),
            ("100.000,00", CHINA, 100_000, 100_000),
            ("0.125万", CHINA, 1_250, 1_250),
            ("0,5 Mio", GERMANY, 500_000, 500_000),
            ("不到10万", CHINA, 100_000, 100_000),
            ("20万不到", CHINA, 200_000, 200_000),
            ("10万出头", CHINA, 100_000, 100_000),
            ("将近10万", CHINA, 100_000, 100_000),
            ("顶多10万吧", CHINA, 100_000, 100_000),
            ("二十来万", CHINA, 200_000, 200_000),
            ("大概10来万", CHINA, 100_000, 100_000),
            ("十几万", CHINA, 100_000, 200_000),
            ("10多万", CHINA, 100_000, 200_000),
            ("预算二十多万元左右", CHINA, 200_000, 300_000),
            ("大概在十几万到三十万之间", CHINA, 100_000, 300_000),
            ("10余万元", CHINA, 100_000, 200_000),
            ("100多万", CHINA, 1_000_000, 2_000_000),
            ("一百二十多万", CHINA, 1_200_000, 1_300_000),
            ("15万多一点", CHINA, 150_000, 150_000),
            ("百万左右", CHINA, 1_000_000, 1_000_000),
            ("两三百万", CHINA, 2_000_000, 3_000_000),
            ("一个亿", CHINA, 100_000_000, 100_000_000),
            ("20万/年", CHINA, 200_000, 200_000),
            ("每年20万", CHINA, 200_000, 200_000),
            ("10-20万/年", CHINA, 100_000, 200_000),
            ("含税20万", CHINA, 200_000, 200_000),
            ("20万元（含税）", CHINA, 200_000, 200_000),
            ("不含税每年20万左右", CHINA, 200_000, 200_000),
            ("nearly 10k", AMERICA, 10_000, 10_000),
            ("just under $10k", AMERICA, 10_000, 10_000),
            ("a little over 10k", AMERICA, 10_000, 10_000),
            ("upwards of 50k", AMERICA, 50_000, 50_000),
            ("20k per year", AMERICA, 20_000, 20_000),
            ("10-20k/yr", AMERICA, 10_000, 20_000),
            ("between 10k and 20k a year", AMERICA, 10_000, 20_000),
            ("£20k + VAT", BRITAIN, 20_000, 20_000),
            ("USD 20k (excl. tax)", AMERICA, 20_000, 20_000),
        ],
    )
    def test_of_what_is_clear(
        self, text: str, style: AmountStyle, low: object, high: object
    ) -> None:
        assert parse_budget(text, 1, style) == (Decimal(str(low)), Decimal(str(high)))

    @pytest.mark.parametrize(
        ("text", "style", "params"),
        [
            ("125.000", CHINA, {"small": "125", "large": "125000"}),
            ("¥98.500", CHINA, {"small": "98.5", "large": "98500"}),
            ("10.000-20.000", AMERICA, {"small": "20", "large": "20000"}),
            ("125,000", GERMANY, {"small": "125", "large": "125000"}),
            ("1.234k", GERMANY, {"small": "1.234", "large": "1234"}),
        ],
    )
    def test_asks_where_there_are_two(
        self, text: str, style: AmountStyle, params: dict[str, str]
    ) -> None:
        with pytest.raises(NotAnAmount) as refused:
            parse_budget(text, 1, style)
        assert refused.value.problem.key == "amount_ambiguous"
        assert params.items() <= refused.value.problem.params.items()

    @pytest.mark.parametrize(
        ("text", "style", "named"),
        [
            ("HK$120,000", CHINA, "HKD"),
            ("$50k", CHINA, "USD"),
            ("20万美元", CHINA, "USD"),
            ("£45k", AMERICA, "GBP"),
            ("45k pounds", AMERICA, "GBP"),
            ("10万元", AMERICA, "CNY"),
            ("¥120,000", GERMANY, "CNY"),
            ("10k - 20k EUR", CHINA, "EUR"),
        ],
    )
    def test_says_a_foreign_currency(self, text: str, style: AmountStyle, named: str) -> None:
        with pytest.raises(NotAnAmount) as refused:
            parse_budget(text, 1, style)
        assert refused.value.problem.key == "amount_currency"
        assert refused.value.problem.params["named"] == named
        assert parse_budget(text)

    @pytest.mark.parametrize(
        "text", ["十万八万", "/年", "几", "1,2", "0,5.5", "..", "about", "12 lakhs 5"]
    )
    def test_refuses_the_rest(self, text: str) -> None:
        with pytest.raises(NotAnAmount):
            parse_budget(text, 1, CHINA)

    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("几十万", "amount_vague"),
            ("上百万", "amount_vague"),
            ("几百块", "amount_vague"),
            ("2万/月", "amount_each"),
            ("每月2万", "amount_each"),
            ("150元/人/月", "amount_each"),
            ("$50 per seat", "amount_each"),
            ("2k monthly", "amount_each"),
        ],
    )
    def test_asks_what_is_no_total(self, text: str, key: str) -> None:
        with pytest.raises(NotAnAmount) as refused:
            parse_budget(text)
        assert refused.value.problem.key == key

    @pytest.mark.parametrize(
        ("text", "small", "large"),
        [
            ("十几万", "100000", "200000"),
            ("15-20万", "150000", "200000"),
            ("几万", "10000", "100000"),
        ],
    )
    def test_asks_for_one_amount(self, text: str, small: str, large: str) -> None:
        with pytest.raises(NotAnAmount) as refused:
            parse_amount(text, 1, CHINA)
        assert refused.value.problem.key == "amount_vague"
        assert {"small": small, "large": large}.items() <= refused.value.problem.params.items()

    @pytest.mark.parametrize("style", [CHINA, GERMANY, AMERICA, INDIA])
    @pytest.mark.parametrize("amount", ["5", "1234", "125000", "98500.5", "1250000", "0.25"])
    def test_what_is_written_is_read_again(self, style: AmountStyle, amount: str) -> None:
        for locale in ("en", "zh_CN"):
            exact = Decimal(amount).quantize(Decimal("0.01"))
            assert parse_amount(written_amount(exact, locale, style), 1, style) == exact

    def test_a_column_proves_its_decimal_sign(self) -> None:
        assert decimal_in(["125.000", "1.250,00"]) == ","
        assert decimal_in(["125.000", "98.500"]) == ""
        assert decimal_in(["1,250.50", "125,000"]) == "."
        assert decimal_in(["1.250.000", "12.5"]) == ""

    def test_a_bare_number_among_words_is_still_bare(self) -> None:
        assert is_bare("约15")
        assert is_bare("15-20左右")
        assert not is_bare("15万左右")
