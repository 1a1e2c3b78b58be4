"""Examples of what people type, as the company's country writes it: phones and amounts.

The one place for them, so that nobody is shown another country's habits. Knows no field and no
text: the catalogues have the placeholders (``{example_phone}``), whose names are the keys here.
"""

from collections.abc import Mapping
from functools import cache

from sales.amounts import AmountStyle
from sales.contacts import example_phone

_CHINESE = {
    "example_budget": "15-20万 或 150,000",
    "example_amount": "12.5万 或 125,000",
    "example_limit": "10万 或 100,000",
    "example_price": "2万 或 20,000",
    "example_target": "100万 或 1,000,000",
    "example_loss": "8万",
}


@cache
def examples(country: str, currency: str, locale: str) -> Mapping[str, str]:
    """Every example by its placeholder, for readers of ``locale`` in a company of the country."""
    style = AmountStyle.of(currency, country)
    abroad = "+49 30 901820" if country == "GB" else "+44 20 7946 0018"
    return {
        "example_country": country,
        "example_currency": "元" if (currency, locale) == ("CNY", "zh_CN") else f" {currency}",
        "example_phone": example_phone(country),
        "example_phone_abroad": abroad,
        **(_CHINESE if locale == "zh_CN" else _in_digits(style)),
    }


def _in_digits(style: AmountStyle) -> dict[str, str]:
    """Amounts in whole units and in thousands, grouped as the country does."""

    def whole(amount: int) -> str:
        return f"{amount:,}".replace(",", "." if style.decimal == "," else ",")

    return {
        "example_budget": f"150-200k or {whole(150_000)}",
        "example_amount": f"125k or {whole(125_000)}",
        "example_limit": f"100k or {whole(100_000)}",
        "example_price": f"20k or {whole(20_000)}",
        "example_target": whole(1_000_000),
        "example_loss": whole(80_000),
    }
