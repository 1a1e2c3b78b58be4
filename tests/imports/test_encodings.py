"""Which encoding a text is in; never a guess that turns its words to rubbish."""

import time

import pytest

from sales.imports.encodings import CHOICES, decoded
from sales.imports.sheet import Unreadable

_GERMAN = "Firma;Ansprechpartner;Straße\r\nMüller Beispiel GmbH;Jürgen Groß;Königsallee 1\r\n"
_FRENCH = "Société,Contact,Fonction\nExemple & Frères,François Modèle,Directrice générale\n"
_CHINESE = "公司,联系人,电话\n甲示例科技有限公司,王样本,13800001111\n"
_TAIWAN = "公司,聯絡人,電話\n臺灣示例股份有限公司,陳範例,02-2345-6789\n"
CASES = [
    (_GERMAN, "utf-8-sig", "UTF-8"),
    (_GERMAN, "cp1252", "Windows-1252"),
    (_GERMAN, "iso-8859-1", "Windows-1252"),
    (_GERMAN, "mac_roman", "Mac Roman"),
    (_GERMAN, "utf-16", "UTF-16"),
    (_FRENCH, "cp1252", "Windows-1252"),
    (_FRENCH, "mac_roman", "Mac Roman"),
    (_CHINESE, "gb18030", "GB18030"),
    (_CHINESE, "gbk", "GB18030"),
    (_CHINESE, "utf-8", "UTF-8"),
    (_TAIWAN, "big5", "Big5"),
    (_TAIWAN, "cp950", "Big5"),
    ("a,b\nMüller,1\n", "cp1252", "Windows-1252"),
    ("a,b\nMüller,1\n", "mac_roman", "Mac Roman"),
    ("Größe\nklein\n", "cp1252", "Windows-1252"),
    ("Firma,Umsatz\nA GmbH,10 €\n", "cp1252", "Windows-1252"),
    ("Firma,Umsatz\nA GmbH,10 €\n", "mac_roman", "Mac Roman"),
    ("Société\nÉcole Étoile\n", "cp1252", "Windows-1252"),
    ("ÖSTERREICHISCHE MÖBEL GMBH\nx\n", "cp1252", "Windows-1252"),
    ("Cliente,Contacto\nAño Nuevo S.A.,Begoña Ibáñez\n", "cp1252", "Windows-1252"),
    ("Cliente\nL’Été à la française – “ça”\n", "cp1252", "Windows-1252"),
    ("Kunde\nÅse Sørensen Bjørk\n", "iso-8859-1", "Windows-1252"),
    ("Entreprise,Budget\nCréée SARL,10\xa0000\xa0€\n", "cp1252", "Windows-1252"),
    ("公司\n甲\n", "gb18030", "GB18030"),
    ("客户,联系人\nMüller示例,王鑫琪\n".replace("ü", "u"), "gb18030", "GB18030"),
    ("公司,備註\n範例,請聯絡\n", "big5", "Big5"),
    ("客戶,聯絡人,職稱\n乙範例企業,林示範,經理\n", "big5", "Big5"),
    ("Company,备注\nABC公司,VIP客户\n", "gb18030", "GB18030"),
    ("公司名称,预算\n测试（北京）有限公司，分部,￥10万\n", "gb18030", "GB18030"),
    ("name\nplain\n", "ascii", "UTF-8"),
    ("Ort\nTemperatur 20°C\n", "cp1252", "Windows-1252"),
    ("公司\n鑫淼晖科技\n", "gbk", "GB18030"),
    ("公司,电话\n珺琪珮,1\n", "gbk", "GB18030"),
    ("公司\n歐陽娜娜範例\n", "gbk", "GB18030"),
    ("公司\nＡＢＣ示例 10\n", "gb18030", "GB18030"),
    ("姓名\n林\n", "big5", "Big5"),
    ("São João Ações\n", "cp1252", "Windows-1252"),
    ("Señor Peña\n¿Qué?\n", "mac_roman", "Mac Roman"),
    ("주식회사 예시,김보기\n", "euc_kr", "EUC-KR"),
    ("Общество,Контакт\nПример Торговля,Иван\n", "cp1251", "Windows-1251"),
]


@pytest.mark.parametrize(("text", "encoding", "expected"), CASES)
def test_the_encoding_is_found(text: str, encoding: str, expected: str) -> None:
    found = decoded(text.encode(encoding))
    assert (found.text.removeprefix("\ufeff"), found.encoding) == (text, expected)


@pytest.mark.parametrize(
    "content",
    [
        _CHINESE.encode("gb18030")[:-3] + b"\xff\xff\n",
        b"a,b\n\xff\xfe\xfd,1\n",
        "会社\nサンプル株式会社\n".encode("shift_jis"),
        "Łódź,Kraków\nŻółć\n".encode("cp1250"),
    ],
)
def test_rubbish_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        decoded(content)


@pytest.mark.parametrize("encoding", CHOICES)
def test_a_chosen_encoding_is_taken(encoding: str) -> None:
    assert decoded(b"a,b\nx,y\n", encoding).encoding == encoding


def test_a_chosen_encoding_that_cannot_be_is_refused() -> None:
    with pytest.raises(Unreadable):
        decoded(b"a\n\x81\x8d\n", "Windows-1252")
    with pytest.raises(Unreadable):
        decoded("Müller".encode("cp1252"), "UTF-8")


def test_time_is_linear() -> None:
    began = time.process_time()
    for unit in ("Müller ", "é", "公司", "\xa0€", "Ö"):
        for encoding in ("cp1252", "gb18030"):
            if unit.isprintable() or encoding == "cp1252":
                content = (unit.encode(encoding, "ignore") or b"x") * 200_000
                try:
                    decoded(content)
                except Unreadable:
                    continue
    assert time.process_time() - began < 8
