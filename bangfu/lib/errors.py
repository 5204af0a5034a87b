"""The refusals that a user reads."""


class Refused(Exception):
    """An act that the rules do not allow now; the message is a complete Chinese sentence: what, why, how to mend."""


class Stale(Refused):
    """Somebody else changed the object since the page was drawn (version token differs)."""
