# The 2-byte header before every payload (docs/protocol.md §3): length & 0xff, length >> 8, and bit 7 of the
# second byte for "I hold unread data, do not send me a payload". Both functions run in the interrupt handler:
# they only handle small integers and allocate nothing.
from micropython import const

HEADER_LENGTH = const(2)
PAYLOAD_MAX = const(200)
_HOLD_OFF = const(0x80)


def pack(header, length, hold_off):
    """Writes the header of a payload of `length` bytes, 0 for none, into the bytearray `header`."""
    header[0] = length & 0xFF
    header[1] = (length >> 8) | (_HOLD_OFF if hold_off else 0)


def payload_length(header):
    """Bytes that follow the header. Raises ValueError above 200, which the protocol forbids."""
    length = header[0] | (header[1] & 0x7F) << 8
    if length > PAYLOAD_MAX:
        raise ValueError("payload of more than 200 bytes announced")
    return length


def holds_off(header):
    """True when the sender of the header cannot take a payload now."""
    return bool(header[1] & _HOLD_OFF)
