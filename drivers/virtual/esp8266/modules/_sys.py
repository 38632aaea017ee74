# `sys` as the ESP8266 port has it. The interpreter's own is read-only and says it is 'webassembly'.
from sys import *
from sys import path, argv, modules, exit, print_exception, version, version_info, byteorder, maxsize, stdout
from collections import namedtuple
import io, sys, _board

platform = "esp8266"
implementation = namedtuple("implementation", ("name", "version", "_machine", "_mpy"))(
    "micropython", sys.implementation.version, "ESP module with ESP8266", sys.implementation._mpy
)
# One UART carries all output.
stderr = stdout


class _Stdin(io.IOBase):
    # UART0's receiver: reading blocks until the characters are there, select.poll() tells if one is.
    def ioctl(self, request, arg):
        if request == 3:
            return arg & 1 if _board.uart_any() else 0
        return 0 if request == 4 else -22

    def read(self, n=-1):
        text = ""
        while n < 0 or len(text) < n:
            if not _board.uart_any():
                _board.idle(-1)
                continue
            text += _board.uart_read(1 if n < 0 else n - len(text))
            if n < 0 and text[-1] == "\x04":
                return text[:-1]
        return text

    def readline(self, n=-1):
        text = ""
        while n < 0 or len(text) < n:
            c = self.read(1)
            if c == "\r":
                c = "\n"
            text += c
            if c == "\n":
                break
        return text

    def readinto(self, buffer):
        data = self.read(len(buffer)).encode()
        buffer[: len(data)] = data
        return len(data)


stdin = _Stdin()
del namedtuple, io, sys
