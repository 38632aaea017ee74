# One TCP connection to the server: opened without blocking, read in lines, closed for certain.
import errno
import select
import socket
from micropython import const
from time import ticks_diff, ticks_ms

from link.compat import asyncio
from link.lines import LineBuffer

# A lost SYN is sent again after 3 s by the chip's TCP stack; two may get lost.
_OPEN_MS = const(10000)
_OPEN_POLL_MS = const(20)

_READ_MAX = const(256)


class Outage(Exception):
    """The connection is of no use any more."""


class Connection:
    def __init__(self):
        self._socket = None
        self._stream = None
        self._lines = LineBuffer()
        # When the last bytes came in and went out.
        self.received_at = ticks_ms()
        self.sent_at = self.received_at

    async def open(self, host, port):
        """Connects. Raises OSError. `host` had better be an address: looking up a name blocks the application,
        and with it the keepalives to the client, until the name server has answered."""
        address = socket.getaddrinfo(host, port)[0][-1]
        self._socket = socket.socket()
        # A blocking `connect` would stop the keepalives too, when the server does not answer.
        self._socket.setblocking(False)
        try:
            self._socket.connect(address)
        except OSError as error:
            if error.args[0] != errno.EINPROGRESS:
                raise
        await self._connected()
        self._stream = asyncio.StreamReader(self._socket)
        self.received_at = self.sent_at = ticks_ms()

    async def _connected(self):
        poller = select.poll()
        poller.register(self._socket, select.POLLOUT)
        started = ticks_ms()
        while True:
            for item in poller.poll(0):
                if item[1] & (select.POLLERR | select.POLLHUP):
                    raise OSError(errno.ECONNREFUSED)
                # Some versions say "writable" before the connection stands. What is written then waits in the
                # stack, and that the server is there shows only in its first line.
                return
            if ticks_diff(ticks_ms(), started) >= _OPEN_MS:
                raise OSError(errno.ETIMEDOUT)
            await asyncio.sleep_ms(_OPEN_POLL_MS)

    async def read_lines(self):
        """The lines that came in, one at least, without newlines. Raises OSError, Outage."""
        while True:
            data = await self._stream.read(_READ_MAX)
            if data is None:
                continue
            if not data:
                raise Outage("closed by the server")
            self.received_at = ticks_ms()
            dropped = self._lines.dropped
            lines = self._lines.feed(data)
            if self._lines.dropped != dropped:
                # Not acked, so the server knows that it did not arrive.
                print("link: a line from the server was too long, dropped")
            if lines:
                return lines

    async def write(self, data):
        """Sends all of `data`; returns when the stack has taken it over. One caller at a time. Raises OSError."""
        self._stream.write(data)
        await self._stream.drain()
        self.sent_at = ticks_ms()

    def close(self):
        if self._socket:
            self._socket.close()
            self._socket = None
