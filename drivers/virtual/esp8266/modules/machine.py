# `machine` of the ESP8266 port: pins, interrupts, timers, reset and clocks. The buses are in _machine_bus.py and
# _machine_target.py, what is rarer in _machine_more.py; all are compiled when first asked for.
import _board
from micropython import const
from time import ticks_us, ticks_diff
from sys import print_exception

# Reset causes as `rst_info` numbers them (ESP8266 SDK, user_interface.h).
PWRON_RESET = const(0)
WDT_RESET = const(1)
SOFT_RESET = const(4)
DEEPSLEEP_RESET = const(5)
HARD_RESET = const(6)
# What may wake the chip, for RTC.irq().
IDLE = const(1)
SLEEP = const(2)
DEEPSLEEP = const(4)
WAKE_IDLE = const(1)

# Without a time, the port sleeps until its 32 bits of microseconds are over.
_LONGEST_SLEEP_MS = const(4294967)

_handlers = {}  # GPIO number -> (function, Pin)
_timers = {}  # timer number -> Timer
_target_event = None  # told of an I2CTarget's events, as flags; _machine_target.py sets it


def _dispatch(kind, number):
    # Called by the board, between two bytecodes and never while another handler runs. An exception is printed and
    # the handler stays armed: ports/esp8266 calls it through mp_call_function_1_protected().
    try:
        if kind == 0:
            entry = _handlers.get(number)
            if entry:
                entry[0](entry[1])
        elif kind == 1:
            timer = _timers.get(number)
            if timer:
                timer._fire()
        else:
            _target_event(number)
    except BaseException as e:
        print_exception(e)


def disable_irq():
    return _board.interrupts(0)


def enable_irq(state=1):
    _board.interrupts(1 if state else 0)


_board.on_interrupt(_dispatch)

_pins = {}
_pin_value = _board.pin_value
_pin_write = _board.pin_write


class Pin:
    IN = const(0)
    OUT = const(1)
    OPEN_DRAIN = const(2)
    PULL_UP = const(1)
    IRQ_RISING = const(1)
    IRQ_FALLING = const(2)

    def __new__(cls, id, *args, **kwargs):
        if isinstance(id, Pin):
            id = id._id
        pin = _pins.get(id)
        if pin is None:
            # GPIO 6-11 carry the SPI flash.
            if not isinstance(id, int) or not (0 <= id <= 5 or 12 <= id <= 16):
                raise ValueError("invalid pin")
            pin = _pins[id] = object.__new__(cls)
            pin._id = id
            pin._irq = None
        return pin

    def __init__(self, id, mode=-1, pull=None, *, value=None, alt=None, drive=None):
        if mode != -1 or value is not None:
            self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=None, *, value=None, alt=None, drive=None):
        if pull and self._id == 16:
            raise ValueError("Pin(16) doesn't support pull")
        # The level first, so that an output does not start with the wrong one.
        if value is not None:
            _pin_write(self._id, 1 if value else 0)
        if mode != -1:
            _board.pin_mode(self._id, 1 if mode else 0, 1 if pull else 0, 1 if mode == 2 else 0)

    # C code on the chip, which no handler interrupts: there must be no jump in it (see cpu.ts).
    def value(self, *level):
        return _pin_value(self._id, *level)

    __call__ = value

    def on(self):
        _pin_write(self._id, 1)

    high = on

    def off(self):
        _pin_write(self._id, 0)

    low = off

    def irq(self, handler=0, trigger=3, hard=False, priority=1, wake=None):
        n = self._id
        if n == 16:
            raise ValueError("pin does not have IRQ capabilities")
        if self._irq is None:
            self._irq = _PinIRQ(self)
        elif handler == 0:
            return self._irq  # no arguments: only look
        if handler:
            _handlers[n] = (handler, self)
        else:
            _handlers.pop(n, None)
            trigger = trigger if handler == 0 else 0
        self._irq._trigger = trigger
        _board.pin_irq(n, trigger if handler else 0, hard)
        return self._irq

    def __repr__(self):
        return "Pin({})".format(self._id)


class _PinIRQ:
    def __init__(self, pin):
        self._pin = pin
        self._trigger = 0

    def __call__(self):
        _dispatch(0, self._pin._id)

    def trigger(self, new=None):
        old = self._trigger
        if new is not None:
            self._trigger = new
            _board.pin_irq(self._pin._id, new)
        return old


class Timer:
    ONE_SHOT = const(0)
    PERIODIC = const(1)
    _next = 0

    def __init__(self, id=-1, **options):
        self._number = Timer._next
        Timer._next += 1
        self._callback = None
        if options:
            self.init(**options)

    def init(self, *, period=-1, mode=1, callback=None, freq=None, tick_hz=1000):
        self.deinit()
        if freq:
            period = int(1000 / freq)
        elif tick_hz != 1000:
            period = period * 1000 // tick_hz
        self._callback = callback
        self._periodic = mode
        _timers[self._number] = self
        _board.timer_start(self._number, max(period, 1), 1 if mode else 0)

    def _fire(self):
        if not self._periodic:
            _timers.pop(self._number, None)
        if self._callback:
            self._callback(self)

    def deinit(self):
        if _timers.pop(self._number, None):
            _board.timer_stop(self._number)


def freq(hz=None):
    if hz is None:
        return _board.cpu_freq()
    if hz not in (80000000, 160000000):
        raise ValueError("frequency can only be either 80Mhz or 160MHz")
    _board.set_cpu_freq(hz)


def unique_id():
    from binascii import unhexlify

    return unhexlify(_board.unique_id())


def reset():
    _board.reset()


def lightsleep(ms=_LONGEST_SLEEP_MS):
    return _board.sleep_ms(ms) or None


sleep = lightsleep


def deepsleep(ms=0):
    from _machine_more import RTC

    _board.deep_sleep(RTC._sleep_ms(ms))


def soft_reset():
    raise SystemExit


def reset_cause():
    return _board.reset_cause()


def idle():
    start = ticks_us()
    _board.idle(1)
    return ticks_diff(ticks_us(), start)


_RARE = ("RTC", "WDT", "ADC", "UART", "Signal", "PWM", "SPI", "SoftSPI", "bitstream", "time_pulse_us")


def __getattr__(name):
    if name in ("I2C", "SoftI2C"):
        import _machine_bus as module
    elif name == "I2CTarget":
        import _machine_target as module
    elif name in _RARE:
        import _machine_more as module
    else:
        raise AttributeError(name)
    value = getattr(module, name)
    globals()[name] = value
    return value
