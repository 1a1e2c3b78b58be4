"""``/playbook``: the company's rules in plain words, edited by forms and tried before use."""
