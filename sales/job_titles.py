"""What a contact's title says of their authority to decide (BANT's A).

Careful: a product, project or account manager leads no department.
"""

import re

from sales.leads import Authority

_NO_LEADERS = re.compile(
    r"(?:产品|项目|客户|大客户)经理|助理|秘书|assistant"
    r"|\b(?:product|project|account|office) manager\b",
    re.IGNORECASE,
)
_DECIDERS = re.compile(
    r"董事长|总裁|(?<!副)总经理|老板|创始人|校长|院长|厂长|法人|首席执行官"
    r"|\b(?:ceo|founder|co-founder|owner|president|managing director|general manager|principal)\b",
    re.IGNORECASE,
)
_LEADERS = re.compile(
    r"总监|经理|部长|处长|主任|副总|店长|首席|\b(?:head|director|manager|vp|c[a-z]o)\b",
    re.IGNORECASE,
)


def authority_of(title: str) -> Authority:
    """The authority; UNKNOWN where the title does not plainly show it."""
    if _NO_LEADERS.search(title):
        return Authority.UNKNOWN
    if re.search(r"vice president", title, re.IGNORECASE):
        return Authority.MANAGER
    if _DECIDERS.search(title):
        return Authority.DECIDER
    return Authority.MANAGER if _LEADERS.search(title) else Authority.UNKNOWN
