"""Charts as pictures: of the right size, with every word shown or left out."""

import struct
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from subprocess import run

import pytest

from bot import fonts
from bot.charts import cjk_font, draw
from handlers.ui import Chart, Series

TREND = Chart(
    "bar",
    "最近5周",
    ("2月5日", "2月12日"),
    (Series("新增", (18.0, 24.0)), Series("成交", (0.0, 12_500.0))),
    alt="新增 18 → 24",
)


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.fixture(autouse=True)
def no_missing_glyphs() -> Iterator[None]:
    """matplotlib warns of each character that it draws as an empty box."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        yield


@pytest.fixture
def no_cjk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_CJK", ())


def chart(**changes: object) -> Chart:
    known = {"kind": "bar", "title": "Leads", "categories": ("A", "B"), "alt": "A 1, B 2"}
    return Chart(**known | {"series": (Series("Leads", (1.0, 2.0)),)} | changes)  # type: ignore[arg-type]


class TestDraw:
    def test_is_wide_enough_for_a_phone_and_not_taller_than_wide(self) -> None:
        width, height = size(draw(TREND, "zh_CN"))
        assert width == 1080
        assert 400 < height < width

    def test_grows_with_the_rows_of_lying_bars(self) -> None:
        few, many = chart(), chart(
            categories=tuple("ABCDEFGH"), series=(Series("Leads", (1.0,) * 8),)
        )  # fmt: skip
        assert size(draw(few, "en"))[1] < size(draw(many, "en"))[1]

    @pytest.mark.parametrize(
        "odd",
        [
            chart(categories=(), series=()),
            chart(kind="line", categories=(), series=(Series("x", ()),)),
            chart(series=(Series("x", (float("nan"), float("inf"))),)),
            chart(series=(Series("x", (0.0, 0.0)), Series("y", (-1.0, 0.0)))),
            chart(kind="line", categories=("one",), series=(Series("x", (5.0,)),)),
            chart(title="costs $5 to $6 {x} \\frac", categories=("$a$", "a_b")),
            chart(title="long " * 40, categories=("long " * 40, "B")),
            chart(
                categories=tuple(f"Week {n}" for n in range(20)),
                series=tuple(Series(f"Series number {n}", (1.0,) * 20) for n in range(12)),
            ),
        ],
        ids=["empty", "empty line", "nan", "negative", "one point", "formula", "long", "full"],
    )
    def test_draws_whatever_it_is_given(self, odd: Chart) -> None:
        assert size(draw(odd, "en"))[0] == 1080

    def test_is_the_same_from_several_threads(self) -> None:
        with ThreadPoolExecutor(4) as pool:
            pictures = set(pool.map(lambda _: draw(TREND, "zh_CN"), range(4)))
        assert len(pictures) == 1

    def test_leaves_matplotlib_alone_until_then(self) -> None:
        program = "import bot.charts, sys; sys.exit('matplotlib' in sys.modules)"
        assert run([sys.executable, "-c", program], check=False).returncode == 0


class TestFonts:
    def test_finds_the_installed_chinese_font(self) -> None:
        font = cjk_font()
        if font is None:
            pytest.skip("no Chinese font on this machine")
        assert fonts.readable(["新增", "成交"]) == ("新增", "成交")
        assert fonts.title("最近5周") == "最近5周"

    def test_draws_no_empty_boxes_without_one(self, no_cjk: None) -> None:
        assert cjk_font() is None
        assert size(draw(TREND, "zh_CN"))[0] == 1080

    def test_numbers_what_it_cannot_write(self, no_cjk: None) -> None:
        assert fonts.readable(["线索获取", "线索筛选"]) == ("1", "2")
        assert fonts.readable(["新增 A", "成交 A"]) == ("1", "2")
        assert fonts.title("最近5周") == ""

    def test_keeps_what_can_be_written(self, no_cjk: None) -> None:
        assert fonts.readable(["2月5日", "2月12日"]) == ("2/5", "2/12")
        assert fonts.readable(["华东 East", "West"]) == ("East", "West")

    def test_leaves_out_what_no_font_has(self) -> None:
        assert fonts.readable(["A\U000f0000", "B\n"]) == ("A", "B")
