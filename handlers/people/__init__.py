"""The people of the company: roles, teams, accounts and newcomers."""
