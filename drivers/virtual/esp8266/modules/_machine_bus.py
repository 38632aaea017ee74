# machine.I2C and machine.SoftI2C: on the ESP8266 both are the same bit-banged bus on any two pins. The board moves
# whole transfers; it reads and writes the buffers by their addresses.
import _board
from uctypes import addressof
from machine import Pin

_active = None


def _bytes(data):
    # What a write sends: one bytes-like object whose len() counts bytes.
    return data if isinstance(data, (bytes, bytearray)) else data.encode() if isinstance(data, str) else bytes(data)


def _checked(n):
    if n < 0:
        raise OSError(-n)
    return n


class SoftI2C:
    def __init__(self, *pins, scl=None, sda=None, freq=400000, timeout=50000):
        if pins and isinstance(pins[0], int):
            pins = pins[1:]  # I2C(-1, scl, sda): the number of the bus
        if pins:
            scl = pins[0]
        if len(pins) > 1:
            sda = pins[1]
        if scl is None or sda is None:
            raise TypeError("'scl' and 'sda' arguments required")
        self.init(scl=scl, sda=sda, freq=freq, timeout=timeout)

    def init(self, *, scl=None, sda=None, freq=400000, timeout=50000):
        if scl is not None:
            self._scl = Pin(scl)._id
        if sda is not None:
            self._sda = Pin(sda)._id
        self._freq = freq
        self._timeout = timeout
        self._select()

    def _select(self):
        global _active
        _active = self
        _board.i2c_init(self._scl, self._sda, self._freq, self._timeout)

    def readfrom_into(self, addr, buf, stop=True):
        if _active is not self:
            self._select()
        _checked(_board.i2c_read(addr, addressof(buf), len(buf), 1 if stop else 0))

    def readfrom(self, addr, nbytes, stop=True):
        buf = bytearray(nbytes)
        self.readfrom_into(addr, buf, stop)
        return bytes(buf)

    def writeto(self, addr, buf, stop=True):
        if _active is not self:
            self._select()
        buf = _bytes(buf)
        return _checked(_board.i2c_write(addr, addressof(buf), len(buf), 1 if stop else 0))

    def writevto(self, addr, vector, stop=True):
        return self.writeto(addr, b"".join([_bytes(part) for part in vector]), stop)

    def _memory(self, memaddr, addrsize):
        return memaddr.to_bytes(addrsize // 8, "big")

    def readfrom_mem_into(self, addr, memaddr, buf, *, addrsize=8):
        self.writeto(addr, self._memory(memaddr, addrsize), False)
        self.readfrom_into(addr, buf)

    def readfrom_mem(self, addr, memaddr, nbytes, *, addrsize=8):
        buf = bytearray(nbytes)
        self.readfrom_mem_into(addr, memaddr, buf, addrsize=addrsize)
        return bytes(buf)

    def writeto_mem(self, addr, memaddr, buf, *, addrsize=8):
        self.writeto(addr, self._memory(memaddr, addrsize) + _bytes(buf))

    def scan(self):
        if _active is not self:
            self._select()
        return [addr for addr in range(0x08, 0x78) if _board.i2c_probe(addr)]

    def start(self):
        raise OSError(95, "the virtual board moves whole I2C transfers only: use readfrom and writeto")

    stop = start

    def readinto(self, buf, nack=True):
        self.start()

    def write(self, buf):
        self.start()


I2C = SoftI2C
