"""The catalogues, one gettext file per subject and language, and their check."""
