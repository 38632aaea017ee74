# `socket` of the ESP8266 port, over the board's TCP. Errors are OSErrors with lwIP's meaning and positive numbers.
import io, _board
from micropython import const
from uctypes import addressof

AF_INET = const(2)
AF_INET6 = const(10)
SOCK_STREAM = const(1)
SOCK_DGRAM = const(2)
SOCK_RAW = const(3)
IPPROTO_TCP = const(6)
IPPROTO_UDP = const(17)
IPPROTO_IP = const(0)
SOL_SOCKET = const(1)
SO_REUSEADDR = const(4)
SO_BROADCAST = const(32)
SO_KEEPALIVE = const(8)
IP_ADD_MEMBERSHIP = const(0x400)
TCP_NODELAY = const(1)

_EBADF = const(9)
_EAGAIN = const(11)
_EOPNOTSUPP = const(95)
_ECONNRESET = const(104)
_ENOTCONN = const(107)
_ETIMEDOUT = const(110)
_EINPROGRESS = const(115)
_READABLE = const(1)
_WRITABLE = const(4)
_BROKEN = const(24)  # error 8, hang-up 16

_recv = _board.sock_recv
_send = _board.sock_send
_poll = _board.sock_poll
_wait = _board.sock_wait

# recv() answers with at most this much at a time: one segment of the chip's lwIP is 536 bytes, two are kept.
_SCRATCH = bytearray(1072)
_SCRATCH_ADDRESS = addressof(_SCRATCH)
_scratch = memoryview(_SCRATCH)


def _bytes(data):
    return data if isinstance(data, (bytes, bytearray, memoryview)) else data.encode() if isinstance(data, str) else bytes(data)


class socket(io.IOBase):
    def __init__(self, family=2, type=1, proto=0, fileno=None):
        if type != 1:
            raise OSError(_EOPNOTSUPP, "the virtual board has TCP only")
        n = _board.sock_new() if fileno is None else fileno
        if n < 0:
            raise OSError(-n)
        self._id = n
        self._timeout = -1  # ms; -1 blocks without limit, 0 does not block

    def ioctl(self, request, arg):
        if request == 3:  # MP_STREAM_POLL
            return 32 if self._id < 0 else _poll(self._id, arg)
        if request == 4:  # MP_STREAM_CLOSE
            self.close()
            return 0
        return -22

    def close(self):
        n = self._id
        if n >= 0:
            self._id = -1
            _board.sock_close(n)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def settimeout(self, seconds):
        self._timeout = -1 if seconds is None else int(seconds * 1000)

    def setblocking(self, flag):
        self._timeout = -1 if flag else 0

    def setsockopt(self, *_):
        pass

    def fileno(self):
        return self._id

    def makefile(self, mode="", buffering=0):
        return self

    def connect(self, address):
        n = self._id
        if n < 0:
            raise OSError(_EBADF)
        r = _board.sock_connect(n, address[0], address[1])
        if r < 0:
            raise OSError(-r)
        if self._timeout == 0:
            raise OSError(_EINPROGRESS)
        mask = _wait(n, _WRITABLE, self._timeout)
        if mask & _BROKEN:
            raise OSError(_board.sock_error(n) or _ECONNRESET)
        if not mask:
            raise OSError(_ETIMEDOUT)

    def bind(self, address):
        self._checked(_board.sock_bind(self._id, address[1]))

    def listen(self, backlog=2):
        self._checked(_board.sock_listen(self._id, backlog))

    def accept(self):
        while True:
            n = _board.sock_accept(self._id)
            if n != -_EAGAIN or self._timeout == 0:
                break
            if not _wait(self._id, _READABLE, self._timeout):
                n = -_ETIMEDOUT
                break
        self._checked(n)
        child = socket(AF_INET, SOCK_STREAM, 0, n)
        child._timeout = self._timeout
        host, port = _board.sock_remote(n).split(":")
        return child, (host, int(port))

    def _checked(self, n):
        if n < 0:
            raise OSError(-n)

    def sendto(self, data, address):
        raise OSError(_EOPNOTSUPP)

    def recvfrom(self, n):
        return self.recv(n), ("0.0.0.0", 0)

    # Both wait as the socket's timeout says, and return a count or -errno.
    def _receive(self, address, n):
        while True:
            if self._id < 0:
                return -_EBADF
            r = _recv(self._id, address, n)
            if r != -_EAGAIN or self._timeout == 0:
                return r
            if not _wait(self._id, _READABLE, self._timeout):
                return -_ETIMEDOUT

    def _transmit(self, address, n):
        while True:
            if self._id < 0:
                return -_EBADF
            r = _send(self._id, address, n)
            if r != -_EAGAIN or self._timeout == 0:
                return r
            if not _wait(self._id, _WRITABLE, self._timeout):
                return -_ETIMEDOUT

    def recv(self, n):
        n = self._receive(_SCRATCH_ADDRESS, min(n, 1072))
        if n < 0:
            raise OSError(-n)
        return bytes(_scratch[:n])

    def recv_into(self, buf, n=0):
        n = self._receive(addressof(buf), min(n, len(buf)) if n else len(buf))
        if n < 0:
            raise OSError(-n)
        return n

    # The stream methods: None when there is nothing yet and the socket does not block (py/stream.c).
    def readinto(self, buf, n=-1):
        n = self._receive(addressof(buf), len(buf) if n < 0 else min(n, len(buf)))
        if n >= 0:
            return n
        if n == -_EAGAIN:
            return None
        raise OSError(-n)

    def read(self, n=-1):
        data = b""
        while n < 0 or len(data) < n:
            r = self._receive(_SCRATCH_ADDRESS, 1072 if n < 0 else min(n - len(data), 1072))
            if r == -_EAGAIN:
                return data or None
            if r < 0:
                raise OSError(-r)
            if r == 0:
                break
            data += _scratch[:r]
        return data

    def readline(self, n=-1):
        data = b""
        count = 0
        limit = 1072 if n < 0 else min(n, 1072)
        while n < 0 or len(data) + count < n:
            r = self._receive(_SCRATCH_ADDRESS + count, 1)
            if r == -_EAGAIN:
                if not data and not count:
                    return None
                break
            if r < 0:
                raise OSError(-r)
            if r == 0:
                break
            count += 1
            if _SCRATCH[count - 1] == 10:
                break
            if count == limit:
                data += _scratch[:count]
                count = 0
        return data + bytes(_scratch[:count])

    def send(self, data):
        data = _bytes(data)
        n = self._transmit(addressof(data), len(data))
        if n < 0:
            raise OSError(-n)
        return n

    def write(self, data, size=-1):
        data = _bytes(data)
        address = addressof(data)
        size = len(data) if size < 0 else min(size, len(data))
        sent = 0
        while sent < size:
            n = self._transmit(address + sent, size - sent)
            if n == -_EAGAIN:
                return sent or None
            if n < 0:
                raise OSError(-n)
            sent += n
        return sent

    def sendall(self, data):
        data = _bytes(data)
        if self.write(data) != len(data):
            raise OSError(_EAGAIN)


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    ip = _board.resolve(host)
    if ip is None:
        raise OSError(-2)
    return [(AF_INET, SOCK_STREAM, 0, "", (ip, port))]
