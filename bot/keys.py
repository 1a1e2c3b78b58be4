"""What is wrong with the secret keys, as conditions for ``/health``, ``doctor`` and the admins."""

from bot.health import Condition, ConditionSource
from storage.keys import Keys


def key_conditions(keys: Keys) -> ConditionSource:
    """Missing, wrong or unusable keys, and how many values could not be opened. The source raises
    StorageUnavailable."""
    return lambda: [Condition(one.key, "", one.params, one.serious) for one in keys.problems()]
