# Our messages on their way to the server: new, sent and waiting for their acks, or due once more. It holds them
# across outages. Times come in by argument, so that it can be tested without a clock.
from micropython import const
from time import ticks_diff

from link.mids import distance

# Lines held at a time. One comes in about every 100 ms, so a few cover any round trip that is not an outage.
# Further lines stay with the client, which we hold off.
_LINES_MAX = const(8)

# The server forgets a mid 128 later (docs/protocol.md §5). A message that is sent again must not be older than
# that, and the flags go by whole bytes; half the distance leaves room.
_SPAN_MAX = const(64)

_MID = const(0)
_LINE = const(1)
_QOS = const(2)
_SENT_AT = const(3)  # None: not sent on this connection


class Window:
    def __init__(self):
        self._entries = []

    def admits(self, mid, wait):
        """True when a message with this mid may be added; `wait`: only once all others have been acked."""
        entries = self._entries
        if not entries:
            return True
        oldest = entries[0][_MID]
        # Nothing overtakes our first message: until the server has acked mid 0 it may still hold the mids of our
        # life before a restart, and would take new messages for old ones.
        if wait or oldest == 0 or len(entries) >= _LINES_MAX:
            return False
        return distance(oldest, mid) < _SPAN_MAX

    def add(self, mid, line, qos):
        """Takes the line over. For qos until it is acked; so also for mid 0, see `admits`."""
        self._entries.append([mid, line, qos or mid == 0, None])

    def next_to_send(self, now_ms, timeout_ms):
        """The oldest entry that is new or has waited for its ack for `timeout_ms`, or None."""
        for entry in self._entries:
            sent_at = entry[_SENT_AT]
            if sent_at is None or ticks_diff(now_ms, sent_at) >= timeout_ms:
                return entry
        return None

    def note_sending(self, entry, now_ms):
        """The entry is about to be written: its ack may come before the write has returned."""
        entry[_SENT_AT] = now_ms

    def note_sent(self, entry):
        """The entry has been written. Without qos that was all there was to do."""
        if not entry[_QOS]:
            self._entries.remove(entry)

    def note_ack(self, mid):
        """The server has the message. An ack for anything else is a late one, and no matter."""
        for entry in self._entries:
            if entry[_MID] == mid and entry[_QOS] and entry[_SENT_AT] is not None:
                self._entries.remove(entry)
                return

    def restart(self):
        """A new connection: everything not acked goes out once more, in order."""
        for entry in self._entries:
            entry[_SENT_AT] = None

    def __len__(self):
        return len(self._entries)


def line_of(entry):
    """The bytes of an entry, as they go on the wire."""
    return entry[_LINE]
