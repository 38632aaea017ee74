# Lines on their way to the client (docs/protocol.md §4): messages, keepalives, states and reports share one
# channel that takes a payload about every 100 ms, and none at all while the client holds off.
from micropython import const

from link.compat import asyncio

# Received lines that wait for the client (docs/protocol.md §5), and their bytes: 20 lines that fit a payload each;
# fewer, if they are longer, before the heap runs out.
_MESSAGES_MAX = const(20)
_BYTES_MAX = const(4096)

# State changes that wait for the client; outages last seconds each, so it has stopped reading when there are more.
_STATES_MAX = const(4)


class Outbox:
    def __init__(self):
        # Called when a message leaves for the client.
        self.on_message_taken = None
        self._messages = []
        self._message_bytes = 0
        self._states = []
        self._report = None
        self._keepalive = False
        self._line = None
        self._filled = asyncio.Event()

    def put_message(self, text):
        """Takes over a line from the server. False when there is no space: then it has not been taken."""
        waiting = self._messages
        if len(waiting) >= _MESSAGES_MAX or (waiting and self._message_bytes + len(text) > _BYTES_MAX):
            return False
        waiting.append(text)
        self._message_bytes += len(text)
        self._filled.set()
        return True

    def messages_waiting(self):
        """Messages taken over that have not left for the client."""
        return len(self._messages)

    def put_keepalive(self):
        """One is enough, however long the client holds off."""
        self._keepalive = True
        self._filled.set()

    def put_status(self, up):
        """The link to the server came up or went down."""
        self._put_state(b"u" if up else b"d")

    def put_failure(self, header):
        """`b` or `s`: why we are about to stop."""
        self._put_state(header)

    def put_report(self, text):
        """Replaces a report that the client has not fetched."""
        self._report = text
        self._filled.set()

    async def run(self, stream):
        """Writes line after line to the client, for ever."""
        while True:
            self._line = self._take()
            if self._line is None:
                self._filled.clear()
                await self._filled.wait()
            else:
                # One write, so one payload; a line above 200 bytes goes on in the next ones.
                stream.write(self._line)
                await stream.drain()

    def is_empty(self):
        """True when nothing waits here any more."""
        return not (self._line or self._keepalive or self._states or self._report or self._messages)

    def _put_state(self, header):
        if len(self._states) >= _STATES_MAX:
            del self._states[:2]  # a change and its opposite
        self._states.append(header)
        self._filled.set()

    def _take(self):
        # Keepalives first: behind 20 messages one would come 2 s late, half of what the client allows.
        if self._keepalive:
            self._keepalive = False
            return b"k\n"
        if self._states:
            return self._states.pop(0) + b"\n"
        if self._report is not None:
            report = self._report
            self._report = None
            return b"r" + report + b"\n"
        if self._messages:
            text = self._messages.pop(0)
            self._message_bytes -= len(text)
            if self.on_message_taken:
                self.on_message_taken()
            return b"n" + text + b"\n"
        return None
