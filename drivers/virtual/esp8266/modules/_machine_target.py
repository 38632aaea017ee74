# machine.I2CTarget, which the ESP8266 port has not got: it stands in for ports that have one (since 1.26), without hard
# interrupts, as the ESP32's. The board reads and writes the memory by its address while the program runs.
import _board
import machine
from uctypes import addressof
from machine import Pin
from _machine_bus import _bytes
from micropython import const


class I2CTarget:
    IRQ_END_READ = const(16)
    IRQ_END_WRITE = const(32)
    _only = None

    def __new__(cls, *args, **kwargs):
        # One peripheral, and one object for it.
        if cls._only is None:
            cls._only = object.__new__(cls)
            cls._only._irq = _TargetIRQ(cls._only)
        return cls._only

    def __init__(self, id=0, addr=None, *, addrsize=7, mem=None, mem_addrsize=8, scl=None, sda=None):
        if addr is None:
            raise TypeError("'addr' argument required")
        if id != 0:
            raise ValueError("I2CTarget({}) doesn't exist".format(id))
        if addrsize != 7:
            raise ValueError("10-bit address unsupported")
        if mem_addrsize not in (0, 8, 16, 24, 32):
            raise ValueError("mem_addrsize must be 0, 8, 16, 24 or 32")
        self._addr = addr
        self._scl = Pin(0 if scl is None else scl)._id
        self._sda = Pin(2 if sda is None else sda)._id
        self._mem = mem  # it must stay where it is while it is in use
        if mem is None:
            _board.i2c_target_start(addr, 0, 0, 0)
        else:
            _board.i2c_target_start(addr, addressof(mem), len(mem), mem_addrsize // 8)

    def deinit(self):
        self._irq._handler = None
        self._mem = None
        _board.i2c_target_stop()

    def readinto(self, buf):
        return _board.i2c_target_readinto(addressof(buf), len(buf))

    def write(self, buf):
        buf = _bytes(buf)
        return _board.i2c_target_write(addressof(buf), len(buf))

    @property
    def memaddr(self):
        return _board.i2c_target_memaddr()

    def irq(self, handler=0, trigger=48, hard=False):
        if handler == 0:
            return self._irq  # no arguments: only look
        if hard:
            raise ValueError("hard IRQ unsupported")
        self._irq._handler = handler
        self._irq.trigger(trigger)
        return self._irq

    def __repr__(self):
        return "I2CTarget(0, addr={}, scl={}, sda={})".format(self._addr, self._scl, self._sda)


class _TargetIRQ:
    def __init__(self, target):
        self._target = target
        self._handler = None
        self._trigger = 0
        self._flags = 0

    def flags(self):
        return self._flags

    def trigger(self, new=None):
        old = self._trigger
        if new is not None:
            self._trigger = new
            _board.i2c_target_irq(new if self._handler else 0)
        return old

    def __call__(self):
        if self._handler:
            self._handler(self._target)


def _event(flags):
    irq = I2CTarget._only._irq
    irq._flags = flags
    irq()


machine._target_event = _event
