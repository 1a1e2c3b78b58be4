"""``/library``: the company's scripts, answers and cases: searching, writing and approving [P12]
[P21]."""
