# `sys` as the ESP8266 port has it. The interpreter's own is read-only and says it is 'webassembly'.
from sys import *
from sys import path, argv, modules, exit, print_exception, version, version_info, byteorder, maxsize, stdout
from collections import namedtuple
from uctypes import addressof
import io, sys, _board

platform = "esp8266"
implementation = namedtuple("implementation", ("name", "version", "_machine", "_mpy"))(
    "micropython", sys.implementation.version, "ESP module with ESP8266", sys.implementation._mpy
)
_print = stdout.write


class _Stdio(io.IOBase):
    # UART0: reading blocks until the characters are there, select.poll() tells if one is.
    def ioctl(self, request, arg):
        if request == 3:
            return arg & (5 if _board.uart_any() else 4)
        return 0 if request == 4 else -22


class FileIO(_Stdio):
    # The bytes themselves: no line feed becomes a carriage return and a line feed, or the other way round.
    def readinto(self, buffer, n=-1):
        n = len(buffer) if n < 0 else min(n, len(buffer))
        address = addressof(buffer)
        count = 0
        while count < n:
            got = _board.uart_readinto(address + count, n - count)
            count += got
            if not got:
                _board.idle(-1)
        return count

    def read(self, n=-1):
        if n < 0:
            return _stdin.read().encode()
        data = bytearray(n)
        self.readinto(data)
        return bytes(data)

    def readline(self, n=-1):
        line = b""
        while n < 0 or len(line) < n:
            line += self.read(1)
            if line[-1] == 10:
                break
        return line

    def write(self, data, n=-1):
        n = len(data) if n < 0 else min(n, len(data))
        _board.uart_write(addressof(data), n)
        return n

    def flush(self):
        pass


_buffer = FileIO()


class TextIOWrapper(_Stdio):
    buffer = _buffer

    def write(self, data):
        return _print(data)

    def flush(self):
        pass


# One UART carries all output.
stdout = stderr = TextIOWrapper()


class TextIOWrapper(_Stdio):
    buffer = _buffer

    def read(self, n=-1):
        text = ""
        while n < 0 or len(text) < n:
            if not _board.uart_any():
                _board.idle(-1)
                continue
            text += _board.uart_read(1 if n < 0 else n - len(text)).replace("\r", "\n")
            if n < 0 and text[-1] == "\x04":
                return text[:-1]
        return text

    def readline(self, n=-1):
        text = ""
        while n < 0 or len(text) < n:
            c = self.read(1)
            text += c
            if c == "\n":
                break
        return text

    def readinto(self, buffer):
        data = self.read(len(buffer)).encode()
        buffer[: len(data)] = data
        return len(data)


stdin = _stdin = TextIOWrapper()
del namedtuple, io, sys, TextIOWrapper, FileIO
