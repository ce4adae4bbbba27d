"""A case of network_fuzz.py."""


class Case:
    """What is sent, and what must come of it."""

    def __init__(self, area, note, data, method="GET", statuses=None, is_framed=False, pause_at=None):
        self.area, self.note, self.data, self.method = area, note, data, method
        # The allowed statuses of the first answer.
        self.statuses = statuses
        # Whether exactly one answer comes before the client ends; otherwise the client ends, and any number may come.
        self.is_framed = is_framed
        # Where the data is sent in two parts.
        self.pause_at = pause_at
        # For WebSockets: whether the server must let in, and then the pongs and the number of messages that must come.
        self.is_follow = False
        self.token_verdict = "open"
        self.echoes = None
        # The frame that ends the connection after all that must come; without one the client stops sending.
        self.close = None
        # The codes that it may have closed with, which the server repeats.
        self.codes = set()
