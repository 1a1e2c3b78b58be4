"""``genjin setup``: from the sample to a company, by questions or from a file of answers.

``answers`` is what can be answered. ``dialogue`` asks it at a terminal, with ``prompts`` for one
question, ``platform_questions`` and ``people_questions`` for the longer parts, ``places`` for what
a country suggests, ``present`` for what is there already and ``draft`` for what was typed so far.
``lookup`` asks the platforms, ``people_file`` reads colleagues from a table, ``env_file`` keeps the
settings, ``company`` changes the database, ``filling`` does so answer by answer, and ``command``
runs these in order. Everything may be repeated: only what was changed is changed.
"""
