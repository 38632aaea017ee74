# `micropython` with what the ESP8266 port has and this interpreter lacks.
from micropython import *
from micropython import const, schedule, opt_level, heap_lock, heap_unlock, kbd_intr, stack_use, qstr_info
import _board


def native(function):
    return function


viper = native


def alloc_emergency_exception_buf(size):
    # Exceptions in interrupt handlers have their memory here in any case.
    pass


def mem_info(verbose=None):
    total = _board.heap_total()
    used = _board.heap_used()
    print("stack: {} out of 8192".format(stack_use()))
    print("GC: total: {}, used: {}, free: {}".format(total, used, total - used))
