# The rarer things of `machine`: clock, watchdog, converter, serial port, pulses, and what the virtual board lacks.
import _board
from micropython import const
from machine import Pin
from uctypes import addressof
from time import ticks_us, ticks_diff


class RTC:
    ALARM0 = const(0)

    def __init__(self, id=0):
        pass

    def datetime(self, when=None):
        import time

        if when is None:
            t = time.localtime()
            return (t[0], t[1], t[2], t[6], t[3], t[4], t[5], _board.rtc_us() // 1000)
        seconds = time.mktime((when[0], when[1], when[2], when[4], when[5], when[6], 0, 0))
        _board.rtc_set(seconds, when[7] * 1000)

    def memory(self, data=None):
        if data is None:
            data = bytearray(_board.rtc_memory_length())
            if data:
                _board.rtc_memory_read(addressof(data), len(data))
            return bytes(data)
        if len(data) > 492:  # MEM_USER_MAXLEN of the port
            raise ValueError("buffer too long")
        data = bytes(data)
        _board.rtc_memory_write(addressof(data), len(data))

    def alarm(self, id, time):
        raise OSError(95, "the virtual board does not wake by alarm yet")

    irq = alarm


class WDT:
    # The period is the chip's own (chip/watchdog.ts): the port refuses any other than the default of all ports.
    def __init__(self, id=0, timeout=5000):
        if id != 0 or timeout != 5000:
            raise ValueError
        _board.wdt_start()

    def feed(self):
        _board.wdt_feed()


class ADC:
    def __init__(self, pin):
        if pin != 0:
            raise ValueError("not a valid ADC Pin")
        if not hasattr(_board, "adc"):
            raise OSError(95, "the virtual board has no converter yet")

    def read(self):
        return _board.adc()

    def read_u16(self):
        value = _board.adc()
        return value << 6 | value >> 4


class UART:
    def __init__(self, id, *args, **options):
        if id != 0:
            raise OSError(95, "the virtual board has no UART({}) yet".format(id))

    def init(self, *args, **options):
        pass

    deinit = init

    def any(self):
        return _board.uart_any()

    def read(self, n=-1):
        ready = _board.uart_any()
        if not ready:
            return None
        return _board.uart_read(ready if n < 0 else min(n, ready)).encode()

    def readinto(self, buf, n=-1):
        data = self.read(len(buf) if n < 0 else min(n, len(buf)))
        if data is None:
            return None
        buf[: len(data)] = data
        return len(data)

    def readline(self):
        line = b""
        while _board.uart_any():
            line += _board.uart_read(1).encode()
            if line[-1] == 10:
                break
        return line or None

    def write(self, buf):
        from sys import stdout

        return stdout.write(buf)


class Signal:
    def __init__(self, pin, *args, invert=False, **kwargs):
        self._pin = pin if hasattr(pin, "value") else Pin(pin, *args, **kwargs)
        self._invert = 1 if invert else 0

    def value(self, level=None):
        if level is None:
            return self._pin.value() ^ self._invert
        self._pin.value((1 if level else 0) ^ self._invert)

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)


def time_pulse_us(pin, level, timeout=1000000):
    # -2: no pulse began, -1: it did not end (docs of machine.time_pulse_us).
    read = pin.value
    start = ticks_us()
    while read() != level:
        if ticks_diff(ticks_us(), start) >= timeout:
            return -2
    start = ticks_us()
    while read() == level:
        if ticks_diff(ticks_us(), start) >= timeout:
            return -1
    return ticks_diff(ticks_us(), start)


def _absent(name):
    class Absent:
        def __init__(self, *args, **options):
            raise OSError(95, "the virtual board has no " + name + " yet")

    return Absent


PWM = _absent("PWM")
SPI = SoftSPI = _absent("SPI")
bitstream = _absent("bitstream")
