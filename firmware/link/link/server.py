# The link to the server (docs/protocol.md §5): connections one after the other, with an outage between two of
# them, and messages that survive it. Exactly once in both directions is made of this:
# - up: a line taken over with qos stays in the window, whatever happens to the connection, until it is acked;
# - down: a message is acked once it is in the outbox, which outlives the connection, and never before; one that
#   comes again is acked again and not passed on.
from micropython import const
from time import ticks_add, ticks_diff, ticks_ms

from link import lines
from link.compat import asyncio
from link.connection import Connection, Outage
from link.mids import MidFilter, MidSource
from link.window import Window, line_of

# Bytes of acks that may wait for the socket: more come in only while it takes nothing, and the server asks again.
_ACKS_MAX = const(96)

# An ack waits while more messages than this are ahead of its own in the outbox. A server that sends its backlog after
# an outage, one message after the ack of the last, would otherwise overrun the client's ten lines a second, and
# each overflow is a new outage. Two keep every exchange with the client filled, and so few are lost when we lose power.
_AHEAD = const(2)

_OUTAGES = (OSError, Outage)


class ServerRefused(Exception):
    """The server could not be reached at start-up."""


class Server:
    def __init__(self, config, wifi, outbox):
        self._config = config
        self._wifi = wifi
        self._outbox = outbox
        self._connection = None
        self._mids = MidSource()
        self._delivered = MidFilter()
        self._window = Window()
        self._window_changed = asyncio.Event()
        outbox.on_message_taken = self._release_acks
        self._acks = b""
        self._withheld = []  # mids of the last messages in the outbox, oldest first
        self._something_to_send = asyncio.Event()
        self._up = asyncio.Event()
        self._ended = asyncio.Event()
        self._end_reason = None
        # Connections that came to stand since start-up.
        self.connect_count = 0

    async def run(self, booted_at):
        """Keeps the link up for ever. Raises NoWifi, ServerRefused: at start-up only. `booted_at`: ticks_ms."""
        await self._wifi.join()
        # If a reset ended our last life, the server holds that connection for up to its timeout and refuses a
        # second one with the same id.
        await _sleep_until(ticks_add(booted_at, 2 * self._config.timeout_ms))
        while True:
            connects = self.connect_count
            await self._session()
            if not self.connect_count:
                raise ServerRefused(self._end_reason)
            print("link: outage:", self._end_reason)
            if self.connect_count != connects:
                self._outbox.put_status(False)
            self._wifi.leave()
            # So that the server notices as well.
            await asyncio.sleep_ms(2 * self._config.timeout_ms)
            await self._wifi.rejoin()

    async def send(self, text, qos, wait):
        """Takes the text over as a message: for qos until it is delivered. Waits while the link is down or full."""
        while True:
            # While the link is down the line stays with the caller, and further ones with the client.
            await self._up.wait()
            if self._window.admits(self._mids.upcoming, qos and wait):
                break
            self._window_changed.clear()
            await self._window_changed.wait()
        mid = self._mids.take()
        self._window.add(mid, lines.message_line(mid, text), qos)
        self._something_to_send.set()

    def close(self):
        """Closes the socket, wherever the application stands."""
        if self._connection:
            self._connection.close()

    async def _session(self):
        """One connection, from opening to closing. Why it ended is left in `_end_reason`."""
        config = self._config
        tasks = ()
        self._ended.clear()
        # No ack of the last connection: should the server have restarted, it would be taken for a new message's.
        self._acks = b""
        self._withheld.clear()
        self._connection = Connection()
        try:
            await self._connection.open(config.server, config.port)
            await self._connection.write(config.id_line)
            parts = (self._receive(), self._transmit(), self._watch())
            tasks = [asyncio.create_task(self._end_with(part)) for part in parts]
            await self._ended.wait()
            if not isinstance(self._end_reason, _OUTAGES):
                raise self._end_reason  # a fault of ours, no outage
        except _OUTAGES as error:
            self._end_reason = error
        finally:
            self._up.clear()
            for task in tasks:
                task.cancel()
            # Nobody reads what comes from now on, and unread data locks the chip's WiFi stack up.
            self._connection.close()

    async def _end_with(self, part):
        """Runs a part of the session; the first one that ends, ends them all."""
        try:
            await part
        except Exception as error:
            if not self._ended.is_set():
                self._end_reason = error
        self._ended.set()

    async def _receive(self):
        while True:
            for line in await self._connection.read_lines():
                if not self._up.is_set():
                    self._came_up()
                if line:
                    self._handle(line)

    def _came_up(self):
        self.connect_count += 1
        self._window.restart()
        self._up.set()
        self._something_to_send.set()
        self._outbox.put_status(True)
        print("link: up, connection", self.connect_count)

    def _handle(self, line):
        mid = lines.parse_mid(line)
        if mid < 0:
            print("link: not a line of the protocol from the server, ignored:", line)
        elif len(line) == 2:
            self._window.note_ack(mid)
            self._window_changed.set()
        else:
            self._deliver(mid, line[2:])

    def _deliver(self, mid, text):
        if self._delivered.is_new(mid, text):
            if not self._outbox.put_message(text):
                # An ack would be a promise that we cannot keep; without one the server sends it again.
                raise Outage("the client does not fetch its lines")
            self._delivered.add(mid, text)
            self._withheld.append(mid)
            self._release_acks()
        elif mid not in self._withheld:
            self._ack(mid)

    def _release_acks(self):
        while len(self._withheld) > max(0, self._outbox.messages_waiting() - _AHEAD):
            self._ack(self._withheld.pop(0))

    def _ack(self, mid):
        if len(self._acks) < _ACKS_MAX:
            self._acks += lines.ack_line(mid)
            self._something_to_send.set()

    async def _transmit(self):
        # All that is written to the socket is written here, so that no two lines get mixed.
        connection = self._connection
        while True:
            self._something_to_send.clear()
            if self._acks:
                data = self._acks
                self._acks = b""
                await connection.write(data)
                continue
            entry = self._up.is_set() and self._window.next_to_send(ticks_ms(), self._config.timeout_ms)
            if entry:
                self._window.note_sending(entry, ticks_ms())
                await connection.write(line_of(entry))
                self._window.note_sent(entry)
                self._window_changed.set()
            elif self._is_silent():
                await connection.write(lines.KEEPALIVE)
            else:
                await self._something_to_send.wait()

    def _is_silent(self):
        return ticks_diff(ticks_ms(), self._connection.sent_at) >= self._config.timeout_ms // 4

    async def _watch(self):
        """Wakes the transmitter for keepalives and retransmissions, and ends a session that has gone silent."""
        connection = self._connection
        pulse_ms = self._config.timeout_ms // 4
        while True:
            now = ticks_ms()
            # The server begins to speak when it has read our id; hence twice the time for its first line.
            limit_ms = self._config.timeout_ms * (1 if self._up.is_set() else 2)
            silence_ms = ticks_diff(now, connection.received_at)
            if silence_ms >= limit_ms:
                raise Outage("nothing from the server in {} ms".format(silence_ms))
            if not self._wifi.is_up():
                raise Outage("WiFi lost")
            pulse_in_ms = pulse_ms - ticks_diff(now, connection.sent_at)
            if pulse_in_ms <= 0:
                self._something_to_send.set()
                pulse_in_ms = pulse_ms
            await asyncio.sleep_ms(min(pulse_in_ms, limit_ms - silence_ms))


async def _sleep_until(instant):
    remaining_ms = ticks_diff(instant, ticks_ms())
    if remaining_ms > 0:
        await asyncio.sleep_ms(remaining_ms)
