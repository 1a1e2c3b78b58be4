"""A form that asks for a file, and a file to send: the same for every platform."""

from handlers.core.ui import Attachment, File, Form, Text
from tests.conversations.driver import SentFile

ASKS_FOR_A_FILE = Form(
    "import.take",
    "Import leads",
    (File(name="file", label="File", required=True, kinds=("csv", "xlsx")),),
    "Read it",
    "Cancel",
    state={"from": "test"},
)
ASKS_FOR_MORE = Form(
    "import.take",
    "Import more",
    (*ASKS_FOR_A_FILE.fields, Text(name="note", label="Note")),
    "Read it",
    "Cancel",
)
SENT = SentFile("客户 list.csv", "客户,电话\nA公司,1\n".encode("gb18030"))
HANDED_OVER = Attachment("wrong rows.csv", b"\xef\xbb\xbfrow\r\n1\r\n", "Rows that I left out")
