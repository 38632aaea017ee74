# `esp` of the ESP8266 port.
import _board
from micropython import const

SLEEP_NONE = const(0)
SLEEP_LIGHT = const(1)
SLEEP_MODEM = const(2)
STA_MODE = const(1)
AP_MODE = const(2)
STA_AP_MODE = const(3)

flash_size = _board.flash_size
flash_id = _board.flash_id
_sleep_type = SLEEP_MODEM


def osdebug(uart, level=0):
    # Chooses where the vendor's debug text goes; the virtual board prints none.
    pass


def sleep_type(kind=None):
    # Kept only: the virtual radio is never asleep.
    global _sleep_type
    if kind is None:
        return _sleep_type
    _sleep_type = kind


def deepsleep(time_us=0, option=0):
    _board.deep_sleep(time_us // 1000)


def flash_user_start():
    return 0x100000


def _absent(*_):
    raise OSError(95, "the virtual board has no raw flash access yet")


flash_read = flash_write = flash_erase = _absent


def check_fw(*_):
    return True


def freemem():
    # The vendor's heap, which is not the interpreter's: WiFi and sockets live in it. About 16 KB are free on a board
    # that is on a network (micropython/micropython#1990).
    return 16208 - _board.sock_ram()


def malloc(*_):
    raise OSError(95, "the virtual board has no vendor heap")


free = esf_free_bufs = malloc
