# Message ids (docs/protocol.md §5): 0, 1, 2 ... 255, 1, 2 ... ; 0 occurs once, right after the sender started,
# and tells the receiver to forget the mids that it has seen.


class MidSource:
    """The mids of our own messages."""

    def __init__(self):
        # The mid of the next message.
        self.upcoming = 0

    def take(self):
        mid = self.upcoming
        self.upcoming = mid % 255 + 1
        return mid


def distance(older, newer):
    """Messages from mid `older` to mid `newer` of one sender, neither of them 0 unless it is `older`."""
    return (newer - (older or 0)) % 255


class MidFilter:
    """Which mids of the server's messages have been delivered: 256 flags, the far half forgotten in passing."""

    def __init__(self):
        self._flags = bytearray(32)
        self._first_text = None

    def is_new(self, mid, text):
        """True when the message has not been delivered yet."""
        if mid == 0:
            # A mid of 0 is the server's first message, or the same one once more because our ack got lost in an
            # outage; taking the second for a restart would deliver it twice. The text tells them apart, but for a
            # restarted server that begins with the very same words.
            return not (self._flags[0] & 1 and text == self._first_text)
        return not self._flags[mid >> 3] & (1 << (mid & 7))

    def add(self, mid, text):
        """Notes that the message is delivered."""
        if mid == 0:
            for index in range(32):
                self._flags[index] = 0
            self._first_text = text
        index = mid >> 3
        self._flags[index] |= 1 << (mid & 7)
        opposite = (index + 16) & 31  # 128 mids away
        self._flags[opposite] = 0
        if opposite == 0:
            self._first_text = None
