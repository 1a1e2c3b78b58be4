"""``/playbook``: the company's rules in plain words, changed by forms, tried before in force."""
