"""The public pool 公海: search it, claim from it, give leads up to it, return leads to it."""
