"""``genjin setup``: from the sample to a company, by questions or from a file of answers.

``answers`` is what can be answered, ``dialogue`` asks it, ``env_file`` keeps the settings,
``people_file`` reads colleagues from a table, ``company`` fills the database, and ``command`` runs
these in order. Everything may be repeated: what is there already stays as it is.
"""
