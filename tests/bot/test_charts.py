"""Charts as pictures: of the right size, with every text shown or left out."""

import os
import struct
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from subprocess import run
from zoneinfo import ZoneInfo

import pytest

from bot import fonts
from bot.charts import Charts, draw
from bot.health import Condition
from handlers.core.language import LOCALES, Languages
from handlers.core.ui import Chart, Series

TEXTS = Path(__file__).parents[2] / "handlers" / "texts"

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

    def test_leaves_pillow_alone_until_then(self) -> None:
        program = "import bot.charts, bot.platforms.web.render, sys; sys.exit('PIL' in sys.modules)"
        assert run([sys.executable, "-c", program], check=False).returncode == 0

    def test_without_what_drew_charts_before(self) -> None:
        """numpy and matplotlib took 90 MB and a third of a second."""
        program = (
            "import sys; from bot.charts import draw; from tests.bot.test_charts import TREND;"
            "draw(TREND, 'en'); sys.exit('numpy' in sys.modules or 'matplotlib' in sys.modules)"
        )
        assert run([sys.executable, "-c", program], check=False).returncode == 0


class TestCharts:
    def test_draws(self) -> None:
        charts = Charts()
        assert charts.draw(TREND, "zh_CN") == draw(TREND, "zh_CN")
        assert not list(charts.conditions())

    def test_gives_the_words_a_way_when_it_cannot(self, monkeypatch: pytest.MonkeyPatch) -> None:
        charts = Charts()
        with monkeypatch.context() as broken:
            broken.setattr(fonts, "files", _broken)
            assert charts.draw(TREND, "zh_CN") is None
        [condition] = charts.conditions()
        assert condition == Condition(
            "chart_not_drawn", params={"reason": "NotImplementedError"}, serious=False
        )
        assert charts.draw(TREND, "zh_CN")
        assert not list(charts.conditions())

    @pytest.mark.parametrize("language", LOCALES)
    def test_says_so_in_words(self, language: str) -> None:
        words = Languages(ZoneInfo("UTC"))(language)
        for key in ("health.chart_not_drawn", "health.chart_not_drawn.advice"):
            assert words.text(key, reason="OSError") != key


class TestFonts:
    def test_have_every_character_of_gb2312(self) -> None:
        pairs = (bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
        characters = "".join(pair.decode("gb2312", errors="ignore") for pair in pairs)
        assert len(characters) == 6_763
        assert fonts.shown(characters) == characters

    def test_have_rarer_names_and_other_alphabets(self) -> None:
        for text in (
            "段喆、王镕、罗堃",
            "“引号”——《书名》￥12.5万",
            "Zoë Łukasz Đặng",
            "Привет שלום",
        ):
            assert fonts.shown(text) == text

    @pytest.mark.parametrize("catalogue", [*TEXTS.glob("*/*.po")], ids=lambda path: path.stem)
    def test_have_every_character_of_our_texts(self, catalogue: Path) -> None:
        letters = {one for one in catalogue.read_text(encoding="utf-8") if one.isalpha()}
        assert fonts.shown("".join(sorted(letters))) == "".join(sorted(letters))

    @pytest.mark.parametrize("broken", [b"", b"no font", b"\0" * 4096])
    def test_a_bad_font_of_the_machine_is_never_opened(self, tmp_path: Path, broken: bytes) -> None:
        """In a process of its own, which finds fonts as a new machine would."""
        home = tmp_path / "home with spaces"
        folder = home / ".local/share/fonts"
        folder.mkdir(parents=True)
        (folder / "Emoji.ttf").write_bytes(broken)
        environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(Path.cwd())}
        program = (
            "import hashlib; from bot.charts import draw; from tests.bot.test_charts import TREND;"
            "print(hashlib.sha256(draw(TREND, 'zh_CN')).hexdigest())"
        )
        there = run(
            [sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
        assert there.stdout.strip() == sha256(draw(TREND, "zh_CN")).hexdigest()

    def test_number_what_they_cannot_write(self) -> None:
        assert fonts.labels(["\U0001f3c6", "\U0001f9ca"]) == ("1", "2")
        assert fonts.labels(["新增 \U0001f3c6", "新增"]) == ("1", "2")

    def test_leave_out_what_no_font_has(self) -> None:
        assert fonts.labels(["A\U000f0000", "B\n"]) == ("A", "B")
        assert fonts.shown("\U0001f3c6 最近5周") == "最近5周"


def _broken() -> tuple[Path, ...]:
    raise NotImplementedError("a font that cannot be opened")
