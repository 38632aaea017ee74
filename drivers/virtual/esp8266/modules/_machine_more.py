# The rarer things of `machine`: clock, watchdog, converter, serial port, pulses, and what the virtual board lacks.
import _board
from micropython import const
from machine import Pin, DEEPSLEEP
from uctypes import addressof
from time import ticks_us, ticks_diff


# Since 2000.
def _now_ms():
    return _board.rtc_seconds() * 1000 + _board.rtc_us() // 1000


class RTC:
    ALARM0 = const(0)
    _expires_ms = 0
    _wakes = 0

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

    def alarm(self, alarm_id, time):
        if alarm_id != 0:
            raise ValueError("invalid alarm")
        RTC._expires_ms = _now_ms() + time

    def alarm_left(self, alarm_id=0):
        return max(RTC._expires_ms - _now_ms(), 0)

    def irq(self, *, trigger=0, wake=0):
        if trigger != 0:
            raise ValueError("invalid alarm")
        RTC._wakes = wake

    # Of a deep sleep: until the alarm, if that is to wake the chip, but for at most `ms`; 0 has no end.
    @staticmethod
    def _sleep_ms(ms):
        if RTC._wakes & DEEPSLEEP:
            left = max(RTC._expires_ms - _now_ms(), 1)
            return min(left, ms) if ms else left
        return ms


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
        raise OSError(95, "the virtual board has no converter yet")


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
        data = bytearray(ready if n < 0 else min(n, ready))
        _board.uart_readinto(addressof(data), len(data))
        return bytes(data)

    def readinto(self, buf, n=-1):
        data = self.read(len(buf) if n < 0 else min(n, len(buf)))
        if data is None:
            return None
        buf[: len(data)] = data
        return len(data)

    def readline(self):
        line = b""
        while _board.uart_any():
            line += self.read(1)
            if line[-1] == 10:
                break
        return line or None

    def write(self, buf):
        from sys import stdout

        return stdout.buffer.write(buf.encode() if isinstance(buf, str) else buf)


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
