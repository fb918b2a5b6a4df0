"""What every message of a refusal has to say."""

_ASKS = ("ください", "進められます", "進めます")


def says_what_to_do(message: str) -> bool:
    """A sentence that asks for something or names what can be done, not only what is missing."""
    whole = message.endswith("。") and message[0] not in "/_{"
    return whole and any(words in message for words in _ASKS)
