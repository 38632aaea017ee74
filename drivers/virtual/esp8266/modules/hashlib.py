# `hashlib` of the port: the interpreter's, and SHA-1, which the chip has from its TLS library.
import _board
from uctypes import addressof
from uhashlib import sha256

_START = b"\x67\x45\x23\x01\xef\xcd\xab\x89\x98\xba\xdc\xfe\x10\x32\x54\x76\xc3\xd2\xe1\xf0"


class sha1:
    def __init__(self, data=b""):
        self._state = bytearray(_START)
        self._rest = b""
        self._length = 0
        self._final = False
        self.update(data)

    def update(self, data):
        if self._final:
            raise ValueError("hash is final")
        data = data.encode() if isinstance(data, str) else data
        self._length += len(data)
        data = self._rest + data
        whole = len(data) & ~63
        _board.sha1(addressof(self._state), addressof(data), whole)
        self._rest = data[whole:]

    def digest(self):
        if self._final:
            raise ValueError("hash is final")
        bits = (self._length * 8).to_bytes(8, "big")
        self.update(b"\x80" + bytes((55 - self._length) % 64) + bits)
        self._final = True
        return bytes(self._state)
