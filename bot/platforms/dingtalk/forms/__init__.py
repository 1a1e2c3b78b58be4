"""Forms in DingTalk, of both kinds: interactive cards and guided chats."""
