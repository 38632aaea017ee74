# Run once by the board, before boot.py: makes the interpreter look like the ESP8266 port.
#
# MicroPython looks for a module in sys.modules, then among its fixed C modules (`sys`, `gc`, `micropython`), then
# along sys.path, then among its extensible C modules. A name with a leading `u` (`utime`) gives the C module before
# sys.path is looked at. So what must replace a fixed C module, or be found under its u-name, goes into sys.modules
# here; everything else is a file that is compiled only when it is imported.
import sys

# Three places, as on the chip: C modules of the port (this folder), flash (''), frozen modules (the folder `frozen`).
# A file in flash hides a frozen module of the same name, but not a C one.
_here = __file__.rsplit("/", 1)[0]
# The interpreter's own frozen modules (`.frozen`: functools, datetime, pathlib…) are none of the port's, and stay out.
sys.path[:] = [_here, "", _here + "/frozen", "/lib"]

import _sys, _gc, _micropython
import time, os, select, _vfs

for _name, _module in (("sys", _sys), ("gc", _gc), ("micropython", _micropython), ("vfs", _vfs)):
    _module.__name__ = _name
    sys.modules[_name] = _module
    del sys.modules["_" + _name]
# A C module has no file.
for _module in (_sys, _gc, _micropython, _vfs, time, os, select):
    del _module.__file__
for _name, _module in (("usys", _sys), ("utime", time), ("uos", os), ("uselect", select)):
    sys.modules[_name] = _module

import builtins, random, _board
import __main__

# boot.py, main.py and the REPL share these, and find in them nothing of the board's.
_sys._main_names = __main__.__dict__


def _input(prompt=""):
    print(prompt, end="")
    return _sys.stdin.readline().rstrip("\n")


# Made before it takes the name's place: it falls back on the interpreter's own.
import _help

builtins.help = _help.help
builtins.open = os._open
builtins.input = _input
_micropython.kbd_intr(3)
random.seed(_board.random_u32())

# Loaded now, although few programs use all: on the chip they are C or frozen, so that loading them takes neither
# heap nor time. What an own `asyncio` in flash would hide stays hidden.
import hashlib, machine, _machine_bus, network, socket

for _module in (hashlib, machine, network, socket):
    del _module.__file__
sys.modules["uhashlib"] = hashlib

_flash = os.listdir("/")
if "asyncio" not in _flash and "asyncio.py" not in _flash:
    import asyncio

    if "uasyncio" not in _flash and "uasyncio.py" not in _flash:
        sys.modules["uasyncio"] = asyncio
        for _name in ("core", "event", "funcs", "lock", "stream"):
            sys.modules["uasyncio." + _name] = sys.modules["asyncio." + _name]

del sys.modules["_board_init"]
