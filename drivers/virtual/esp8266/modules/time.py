# `time` on the board's clocks: uptime ticks modulo 2^30, and the RTC with the ESP8266's epoch, 2000-01-01.
from micropython import const
import _board
from utime import ticks_ms as _uptime_ms, ticks_add, ticks_diff, gmtime as _gmtime, mktime as _mktime

ticks_ms = _board.ticks_ms
ticks_us = ticks_cpu = _board.ticks_us
time = _board.rtc_seconds

# Seconds from 1970, the epoch of the interpreter's own gmtime() and mktime(), to 2000.
_EPOCH = const(946684800)


# The jump of the `or` comes after the sleep: there Ctrl-C, which ends a sleep, becomes a KeyboardInterrupt.
def sleep(seconds):
    if seconds > 0:
        return _board.sleep_ms(int(seconds * 1000)) or None


def sleep_ms(ms):
    if ms > 0:
        return _board.sleep_ms(ms) or None


def sleep_us(us):
    if us > 0:
        return _board.sleep_us(us) or None


def time_ns():
    return _board.rtc_seconds() * 1000000000 + _board.rtc_us() * 1000


def localtime(seconds=None):
    return _gmtime((_board.rtc_seconds() if seconds is None else int(seconds)) + _EPOCH)


gmtime = localtime


def mktime(t):
    return _mktime(t) - _EPOCH
