"""``genjin setup``: from the sample to a company, by questions or from a file of answers.

``answers`` is what can be answered. ``dialogue`` asks it at a terminal, with ``prompts`` for one
question, ``platform_questions`` and ``people_questions`` for the longer parts, ``regions`` for what
a country suggests, ``current_state`` for what is there already and ``draft`` for what was typed so
far. ``platform_lookup`` asks the platforms, ``people_file`` reads colleagues from a table,
``env_file`` keeps the settings, ``company`` changes the database, ``steps`` does so answer by
answer, and ``cli`` runs these in order. Everything may be repeated: only what was changed is
changed.
"""
