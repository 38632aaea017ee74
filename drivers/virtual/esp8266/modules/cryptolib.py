# `cryptolib`: AES in ECB and CBC mode, as the port has it (no counter mode).
import _board
from uctypes import addressof


def _bytes(data):
    return data if isinstance(data, (bytes, bytearray)) else bytes(data)


class aes:
    def __init__(self, key, mode, iv=None):
        if mode not in (1, 2):
            raise ValueError("mode")
        self._key = bytes(key)
        if len(self._key) not in (16, 32):
            raise ValueError("key")
        if (mode == 2) != (iv is not None) or iv is not None and len(iv) != 16:
            raise ValueError("IV")
        self._mode = mode
        self._iv = bytearray(iv or 16)
        self._decrypts = None

    def _turn(self, decrypts, data, out):
        data = _bytes(data)
        n = len(data)
        if n % 16:
            raise ValueError("blksize % 16")
        if out is None:
            result = bytearray(n)
        elif len(out) < n:
            raise ValueError("output too small")
        else:
            result = out
        if self._decrypts not in (None, decrypts):
            raise ValueError("can't encrypt & decrypt")
        self._decrypts = decrypts
        key = self._key
        _board.aes(addressof(key), len(key), self._mode, addressof(self._iv), decrypts, addressof(data), addressof(result), n)
        return bytes(result) if out is None else out

    def encrypt(self, data, out=None):
        return self._turn(0, data, out)

    def decrypt(self, data, out=None):
        return self._turn(1, data, out)
