# `ssl` of the ESP8266 port: axTLS. A client with RSA key exchange and one buffer of about 5 KB; certificates are not
# checked. What it cannot do is an OSError with axTLS's number, and its name where it has one.
import io, _board
from uctypes import addressof

CERT_NONE = 0
CERT_OPTIONAL = 1
CERT_REQUIRED = 2
PROTOCOL_TLS_CLIENT = 0
PROTOCOL_TLS_SERVER = 1

_EAGAIN = 11
_EOPNOTSUPP = 95
_CONN_LOST = -256
_PIECE = 512
_SENT = 4096

_NAMES = {
    -256: "CONN_LOST",
    -257: "RECORD_OVERFLOW",
    -260: "INVALID_HANDSHAKE",
    -262: "INVALID_HMAC",
    -263: "INVALID_VERSION",
    -266: "NO_CIPHER",
    -268: "BAD_CERTIFICATE",
    -269: "INVALID_KEY",
    -271: "FINISHED_INVALID",
}


def _fail(error):
    name = _NAMES.get(error)
    raise OSError(error, name) if name else OSError(error)


class SSLSocket(io.IOBase):
    def __init__(self, sock, handshake):
        self._sock = sock
        # The one buffer of axTLS, out of the program's heap.
        self._buffer = bytearray(_board.tls_buffer())
        self._piece = memoryview(self._buffer)
        self._id = _board.tls_open()
        self._up = False
        if handshake:
            self._handshake()

    def _flush(self):
        while True:
            n = _board.tls_outgoing(self._id, addressof(self._buffer), len(self._buffer))
            if not n:
                return
            sent = 0
            while sent < n:
                sent += self._sock.write(self._piece[sent:n]) or 0

    # More from the socket: False when there is nothing yet and it does not block.
    def _fill(self):
        try:
            data = self._sock.recv(_PIECE)
        except OSError as error:
            if error.args[0] == _EAGAIN:
                return False
            raise
        if not data:
            _fail(_CONN_LOST)
        n = _board.tls_push(self._id, addressof(data), len(data))
        if n < 0:
            _fail(n)
        self._up = n == 1
        return True

    def _handshake(self):
        self._flush()
        while not self._up:
            if self._fill():
                self._flush()

    def _read(self, n):
        if not self._up:
            self._handshake()
        data = bytearray(min(n, len(self._buffer)))
        while True:
            n = _board.tls_read(self._id, addressof(data), len(data))
            if n >= 0:
                return bytes(memoryview(data)[:n])
            if not self._fill():
                return None

    def read(self, n=-1):
        whole = b""
        while n < 0 or len(whole) < n:
            data = self._read(_PIECE if n < 0 else min(n - len(whole), _PIECE))
            if data is None:
                return whole or None
            if not data:
                break
            whole += data
        return whole

    def readinto(self, buf, n=-1):
        data = self._read(len(buf) if n < 0 else min(n, len(buf)))
        if data is None:
            return None
        buf[: len(data)] = data
        return len(data)

    def readline(self, n=-1):
        line = b""
        while (n < 0 or len(line) < n) and not line.endswith(b"\n"):
            data = self._read(1)
            if not data:
                return line or data
            line += data
        return line

    def write(self, data):
        if not self._up:
            self._handshake()
        if isinstance(data, str):
            data = data.encode()
        # Each piece, sealed, fits the buffer.
        for start in range(0, len(data), _SENT):
            n = _board.tls_write(self._id, addressof(data) + start, min(_SENT, len(data) - start))
            if n < 0:
                _fail(n)
            self._flush()
        return len(data)

    def ioctl(self, request, arg):
        if request == 4:  # MP_STREAM_CLOSE
            self.close()
            return 0
        return self._sock.ioctl(request, arg)

    def setblocking(self, flag):
        self._sock.setblocking(flag)

    def close(self):
        if self._id:
            if self._up:
                _board.tls_close(self._id)
                try:
                    self._flush()
                except OSError:
                    pass
            _board.tls_forget(self._id)
            self._id = 0
            self._buffer = self._piece = b""
        self._sock.close()


def wrap_socket(sock, server_side=False, key=None, cert=None, cert_reqs=CERT_NONE, cadata=None, server_hostname=None, do_handshake=True):
    if server_side or key or cert:
        raise OSError(_EOPNOTSUPP, "the virtual board is a TLS client only, without a certificate")
    return SSLSocket(sock, do_handshake)


class SSLContext:
    def __init__(self, protocol):
        if protocol != PROTOCOL_TLS_CLIENT:
            raise OSError(_EOPNOTSUPP, "the virtual board is a TLS client only")
        self.verify_mode = CERT_NONE

    def wrap_socket(self, sock, server_side=False, do_handshake_on_connect=True, server_hostname=None):
        return wrap_socket(sock, server_side, do_handshake=do_handshake_on_connect)
