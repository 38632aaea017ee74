# `help()` as a newcomer to the board needs it. The interpreter's own speaks of no board, and lists its own modules.
import os
from builtins import help as _help_on

_TEXT = """\
This is MicroPython on the virtual ESP8266.
Its documentation: https://docs.micropython.org/en/latest/esp8266/quickref.html

To join the network:
    import network
    wlan = network.WLAN(network.STA_IF)
    wlan.active(True)
    wlan.scan()
    wlan.connect("<network>", "<passphrase>")
    wlan.isconnected()

Keys at the prompt:
    Tab           completes a name, or shows what may follow
    Up, Down      what was typed before
    Ctrl-A        raw mode, for tools; Ctrl-B leaves it
    Ctrl-C        interrupts a program
    Ctrl-D        on an empty line: soft reset
    Ctrl-E        paste mode: Ctrl-D ends it, Ctrl-C gives it up

help(object) tells more about an object, help("modules") which modules there are."""

# C modules that are the interpreter's.
_IN_C = "array binascii builtins collections deflate errno framebuf gc hashlib heapq io json math micropython"
_IN_C += " platform random re struct sys uctypes"
_COLUMNS = 4
_WIDTH = 18


def _modules():
    here = __file__.rsplit("/", 1)[0]
    names = set(_IN_C.split())
    for folder in (here, here + "/frozen"):
        for name in os._all(folder):
            names.add(name.split(".")[0])
    names.remove("frozen")
    names = sorted([name for name in names if name[0] != "_" and not (name[0] == "u" and name[1:] in names)])
    rows = (len(names) + _COLUMNS - 1) // _COLUMNS
    for row in range(rows):
        print("".join([name + " " * (_WIDTH - len(name)) for name in names[row::rows]]).rstrip())
    print("Plus any modules on the filesystem")


def help(*about):
    if not about:
        print(_TEXT)
    elif about[0] == "modules":
        _modules()
    else:
        _help_on(*about)
