# The device's end of the wires to the client where it is the device that starts the exchanges (docs/protocol.md §1 - §3):
# I2C target. The ESP8266's port of MicroPython has no I2C target; those of other chips do, from 1.26 on.
#
# An exchange runs in a task of the application, which stands still for as long as it takes: a few milliseconds. Not in
# the interrupt of a timer, because what the client's line does in an exchange is noticed by an interrupt itself. The
# client is given one second at each step (docs/protocol.md §3); after that it is gone, and the application starts over.
import micropython
import sys
from machine import Pin
from micropython import const
from time import ticks_diff, ticks_ms

from link import app, frame
from link.compat import asyncio
from link.responder import Responder
from link.server import ServerRefused
from link.wifi import NoWifi

_SYNC_POLL_MS = const(100)

# From synchronisation to the first exchange, so that the client is ready for it.
_SETTLE_MS = const(1000)

# From the end of one exchange to the start of the next.
_POLL_MS = const(100)

# Bound of every wait for the client.
_WAIT_MS = const(1000)


class ClientGone(Exception):
    """The client did not answer within the second that the protocol gives it."""


def run(target, syn, ack):
    """Runs the link as the side that starts the exchanges, and starts over when the client is gone. Raises whatever
    else ends it. Arguments as those of Initiator."""
    # An exception in the interrupt handler must be reportable even when the heap is full.
    micropython.alloc_emergency_exception_buf(100)
    while True:
        try:
            _run(Initiator(target, syn, ack))
        except ClientGone as error:
            print("link: the client is gone:", error)
            app.close()
            asyncio.new_event_loop()


def _run(initiator):
    try:
        asyncio.run(app.Application(initiator).main())
    except (NoWifi, ServerRefused) as error:
        # The device stops, as it has told the client, and no task of the application goes on. Exchanges do, as they
        # would in the handler of a responder: whether and when to reset us is for the client to say.
        sys.print_exception(error)
        asyncio.new_event_loop()
        asyncio.run(initiator.exchanges())


class Initiator(Responder):
    """To the application it is the same stream of payloads as a responder; its part in the exchange is the other one.
    `target(memory)` makes an I2C target whose whole memory that is, beginning with its first byte and without a memory
    address in front of the data (mem_addrsize=0). `syn` is an input, `ack` an output."""

    def __init__(self, target, syn, ack):
        super().__init__(None, syn, ack)
        self._make_target = target
        self._target = None
        self._client_accepts = True
        self._falls = 0
        self._task = None

    async def synchronise(self):
        """Waits until the client is there, then starts an exchange every 100 ms."""
        self._ack(0)
        while self._syn():
            await asyncio.sleep_ms(_SYNC_POLL_MS)
        self._syn.irq(handler=self._on_fall, trigger=Pin.IRQ_FALLING)
        self._task = asyncio.create_task(self._run())

    def desynchronise(self):
        """Starts no more exchanges, so that the client notices and starts us afresh."""
        if self._task:
            self._task.cancel()
        self._syn.irq(handler=None)
        if self._target:
            self._target.deinit()
        self._ack(1)

    async def exchanges(self):
        """Exchanges for ever, or until one fails. Raises why."""
        while True:
            self._exchange()
            await asyncio.sleep_ms(_POLL_MS)

    async def _run(self):
        try:
            await asyncio.sleep_ms(_SETTLE_MS)
            await self.exchanges()
        except Exception as error:
            # The application finds out by reading or writing.
            self._fault = error

    def _on_fall(self, _pin):
        # The client may lower its line and raise it again within microseconds (between steps 2 or 3, and 4). Who looks
        # at the level would miss that; the chip's edge detection does not.
        self._falls = (self._falls + 1) & 0xFF

    def _exchange(self):
        header = self._header
        sending = self._tx_length if self._client_accepts else 0
        frame.pack(header, sending, self._rx_lengths[self._rx_fill])
        self._offer(header)
        if sending:
            self._offer(self._tx_view)
            self._tx_length = 0

        self._collect(header)
        self._client_accepts = not frame.holds_off(header)
        length = frame.payload_length(header)
        if length:
            self._collect(self._receive_view(length))
            self._rx_lengths[self._rx_fill] = length
            self._rx_fill = 1 - self._rx_fill

    def _offer(self, view):
        self._arm(view)
        falls = self._falls
        self._ack(1)
        self._await_rise()
        self._ack(0)
        self._await_fall(falls)

    def _collect(self, view):
        self._await_rise()
        self._arm(view)
        falls = self._falls
        self._ack(1)
        self._await_fall(falls)
        self._ack(0)

    def _arm(self, view):
        # Made anew for each transfer: a target goes on in its memory where the last transfer ended, and where that is
        # differs between ports, some of which fetch bytes ahead.
        self._target = self._make_target(view)

    def _await_rise(self):
        syn = self._syn
        started = ticks_ms()
        while not syn():
            if ticks_diff(ticks_ms(), started) > _WAIT_MS:
                raise ClientGone("it did not raise syn")

    def _await_fall(self, falls):
        started = ticks_ms()
        while self._falls == falls:
            if ticks_diff(ticks_ms(), started) > _WAIT_MS:
                raise ClientGone("it did not lower syn")
