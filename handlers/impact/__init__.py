"""Impact: a team's own figures before and after adoption, or a version of the playbook [P25]."""
