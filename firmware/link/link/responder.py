# The device's end of the wires to the client (docs/protocol.md §1 - §3): I2C controller, interrupted by `syn`.
# To the application it is a stream: `asyncio.StreamReader(responder)` reads and writes payloads.
#
# One exchange runs from start to end in the handler of the rising edge of `syn`. The client gives up after 1 s, so
# the handler waits on pins only, without a bound of its own: whoever ends a stalled exchange is the client, with
# the reset line.
#
# It is a soft interrupt: it runs between two bytecodes of the application, and may allocate. It does not, because
# an allocation can start a garbage collection (milliseconds in which the client is blocked) or fail, and a
# MemoryError here would cost an exchange, hence a reboot. The one exception is `_receive_view`. A hard interrupt
# would have to shut out the WiFi stack for the whole exchange.
import io
from machine import Pin
from micropython import const
from time import sleep_us

from link import frame
from link.compat import asyncio

_ADDRESS = const(0x12)

# The client raises `syn` when its I2C target is armed; this long its hardware may need to be so.
_SETTLE_US = const(20)

_SYNC_POLL_MS = const(100)

_SLOTS = const(2)

# ioctl request and flags of MicroPython's stream protocol (py/stream.h).
_STREAM_POLL = const(3)
_POLL_READ = const(1)
_POLL_WRITE = const(4)


class Responder(io.IOBase):
    """Up to two unread payloads in, one unsent payload out. `i2c` is a soft I2C, `syn` an input, `ack` an output."""

    def __init__(self, i2c, syn, ack):
        self._i2c = i2c
        self._syn = syn
        self._ack = ack
        ack(1)  # "not synchronised"
        self._header = bytearray(frame.HEADER_LENGTH)
        # Two slots, filled and emptied in turn. With one, our header in the same exchange as a payload would always
        # say "hold off", the application having had no time to read, and the client could send in every second
        # exchange only.
        self._rx = [memoryview(bytearray(frame.PAYLOAD_MAX)) for _ in range(_SLOTS)]
        self._rx_views = [[None] * (frame.PAYLOAD_MAX + 1) for _ in range(_SLOTS)]
        self._rx_lengths = bytearray(_SLOTS)  # 0: empty
        self._rx_fill = 0
        self._rx_next = 0
        self._tx = memoryview(bytearray(frame.PAYLOAD_MAX))
        self._tx_view = None
        self._tx_length = 0
        self._fault = None
        # A bound method is made anew, on the heap, each time it is looked up; this one lasts.
        self._handler = self._on_syn

    async def synchronise(self):
        """Waits until the client is there, then answers its exchanges from the next one on."""
        self._ack(0)
        while self._syn():
            await asyncio.sleep_ms(_SYNC_POLL_MS)
        self._syn.irq(handler=self._handler, trigger=Pin.IRQ_RISING)

    def desynchronise(self):
        """Stops answering, so that the client's next exchange fails and it starts us afresh."""
        self._syn.irq(handler=None)
        self._ack(1)

    def _on_syn(self, _pin):
        # `syn` rises several times in one exchange, hence no interrupt before its end. Then the level is asked
        # once more: an edge between the end of the exchange and the arming is not lost. And an interrupt that
        # comes late, when the edge it stands for has been served, finds `syn` low and does nothing.
        try:
            while self._syn():
                self._syn.irq(handler=None)
                self._exchange()
                self._syn.irq(handler=self._handler, trigger=Pin.IRQ_RISING)
        except Exception as error:
            # The exchange is broken; the client finds out by its own timeout, the application by reading.
            self._fault = error

    def _exchange(self):
        syn = self._syn
        ack = self._ack
        header = self._header

        sleep_us(_SETTLE_US)
        self._i2c.readfrom_into(_ADDRESS, header)
        self._acknowledge()
        may_send = not frame.holds_off(header)
        length = frame.payload_length(header)
        if length:
            while not syn():
                pass
            sleep_us(_SETTLE_US)
            self._i2c.readfrom_into(_ADDRESS, self._receive_view(length))
            self._acknowledge()
            self._rx_lengths[self._rx_fill] = length
            self._rx_fill = 1 - self._rx_fill

        sending = self._tx_length if may_send else 0
        frame.pack(header, sending, self._rx_lengths[self._rx_fill])
        self._send(header)
        if sending:
            self._send(self._tx_view)
            self._tx_length = 0

    def _acknowledge(self):
        syn = self._syn
        self._ack(1)
        while syn():
            pass
        self._ack(0)

    def _send(self, view):
        syn = self._syn
        self._ack(1)
        while not syn():
            pass
        sleep_us(_SETTLE_US)
        self._i2c.writeto(_ADDRESS, view)
        self._ack(0)
        while syn():
            pass

    def _receive_view(self, length):
        # I2C fills the buffer it is given to the end, so each length needs a view of its own: 16 bytes of heap,
        # made when the length first occurs and kept. All of them ahead of time would take a sixth of the heap.
        views = self._rx_views[self._rx_fill]
        view = views[length]
        if view is None:
            view = views[length] = self._rx[self._rx_fill][:length]
        return view

    # The stream. Every method runs in the application and may be interrupted between any two bytecodes, hence
    # the order: the length is set last, as that hands the buffer to the handler.

    def read(self, _size=-1):
        """The oldest unread payload, whole whatever size was asked for, or None. Its slot is free from then on."""
        self._check()
        slot = self._rx_next
        length = self._rx_lengths[slot]
        if not length:
            return None
        data = bytes(self._rx_views[slot][length])
        self._rx_next = 1 - slot
        self._rx_lengths[slot] = 0
        return data

    def write(self, data):
        """Takes over at most one payload of `data`. Returns how many bytes, or None while one is unsent."""
        self._check()
        if self._tx_length:
            return None
        length = min(len(data), frame.PAYLOAD_MAX)
        self._tx[:length] = data[:length]
        self._tx_view = self._tx[:length]
        self._tx_length = length
        return length

    def ioctl(self, request, flags):
        if request != _STREAM_POLL:
            return 0
        if self._fault:
            return flags & (_POLL_READ | _POLL_WRITE)
        ready = _POLL_READ if self._rx_lengths[self._rx_next] else 0
        if not self._tx_length:
            ready |= _POLL_WRITE
        return flags & ready

    def is_idle(self):
        """True when the client has fetched all that was written."""
        return not self._tx_length

    def _check(self):
        if self._fault:
            raise self._fault
