# Bytes to lines and back, for both ends of the device: the byte stream from the client (docs/protocol.md §4)
# and the one from the server (§5). Bytes throughout: text is passed on, never decoded, so no byte that a user
# sends can raise a UnicodeError here.
from micropython import const

# Longest line taken, without its newline. The 20 lines that may wait for the client must fit into a heap of 36 KB
# along with everything else.
LINE_MAX = const(512)

KEEPALIVE = b"\n"

_HEX = b"0123456789abcdef"


class LineBuffer:
    """Cuts a byte stream into lines, in bounded memory."""

    def __init__(self, limit=LINE_MAX):
        self._limit = limit
        self._rest = b""
        self._skipping = False
        # Lines thrown away for being longer than the limit.
        self.dropped = 0

    def feed(self, data):
        """The lines that `data` completes, in order, without their newlines."""
        lines = []
        pieces = data.split(b"\n")
        pieces[0] = self._rest + pieces[0]
        self._rest = pieces.pop()
        for line in pieces:
            if self._skipping:
                self._skipping = False  # the end of a line that was already counted
            elif len(line) > self._limit:
                self.dropped += 1
            else:
                lines.append(line)
        if self._skipping:
            self._rest = b""
        elif len(self._rest) > self._limit:
            self._rest = b""
            self._skipping = True
            self.dropped += 1
        return lines


def parse_mid(line):
    """The message id in the first two bytes of a server's line, -1 when there is none."""
    if len(line) < 2:
        return -1
    high = _HEX.find(line[0:1])
    low = _HEX.find(line[1:2])
    return -1 if high < 0 or low < 0 else high << 4 | low


def message_line(mid, text):
    """A message to the server, as it goes on the wire."""
    return b"%02x%s\n" % (mid, text)


def ack_line(mid):
    """An acknowledgement to the server, as it goes on the wire."""
    return b"%02x\n" % mid


def parse_request(line):
    """(text, qos, wait) of a client's line. Raises ValueError for anything that is not a message."""
    if len(line) < 2 or line[0] & 0xFC != 0x30:
        # An empty text is refused too: `mm` + nothing would be an ack (docs/protocol.md §5).
        raise ValueError("not a message line")
    return line[1:], bool(line[0] & 2), bool(line[0] & 1)
