"""``/library``: the company's scripts, answers and cases. Searching, writing and approving [P12]
[P21]."""
