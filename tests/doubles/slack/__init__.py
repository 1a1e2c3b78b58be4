"""The project's own local Slack, for tests only."""

from tests.doubles.slack.server import Call, Fault, LocalSlack

__all__ = ["Call", "Fault", "LocalSlack"]
