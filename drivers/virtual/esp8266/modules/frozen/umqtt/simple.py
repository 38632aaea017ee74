# `umqtt.simple`, which the port has frozen: a blocking MQTT 3.1.1 client for QoS 0 and 1. Names and arguments are those of
# micropython-lib's documentation; section numbers are those of the OASIS standard.
import socket


class MQTTException(Exception):
    pass


# Strings travel with their length before them (1.5.3).
def _text(text):
    data = text.encode() if isinstance(text, str) else bytes(text)
    return len(data).to_bytes(2, "big") + data


class MQTTClient:
    def __init__(self, client_id, server, port=0, user=None, password=None, keepalive=0, ssl=None, **_):
        if ssl:
            raise OSError(95, "the virtual board's MQTT client has no TLS")
        self.client_id = client_id
        self.server = server
        self.port = port or 1883
        self.user = user
        self.pswd = password
        self.keepalive = keepalive
        self.sock = None
        self.cb = None
        self.pid = 0
        self._will = None

    def set_callback(self, f):
        self.cb = f

    def set_last_will(self, topic, msg, retain=False, qos=0):
        if not topic or not 0 <= qos <= 2:
            raise ValueError
        self._will = (topic, msg, retain, qos)

    # One packet: type and flags, the remaining length in groups of seven bits (2.2.3), the rest.
    def _packet(self, head, body=b""):
        packet = bytearray([head])
        left = len(body)
        while left > 0x7F:
            packet.append(left & 0x7F | 0x80)
            left >>= 7
        packet.append(left)
        self.sock.write(packet + body)

    def _read(self, n):
        data = self.sock.read(n)
        if data is None or len(data) < n:
            raise OSError(-1)
        return data

    def _length(self):
        n = shift = 0
        while True:
            b = self._read(1)[0]
            n |= (b & 0x7F) << shift
            if not b & 0x80:
                return n
            shift += 7

    def connect(self, clean_session=True, timeout=None):
        flags = 2 if clean_session else 0
        payload = _text(self.client_id)
        if self._will:
            topic, msg, retain, qos = self._will
            flags |= 4 | qos << 3 | (32 if retain else 0)
            payload += _text(topic) + _text(msg)
        if self.user is not None:
            flags |= 0xC0
            payload += _text(self.user) + _text(self.pswd or "")
        self.sock = socket.socket()
        self.sock.settimeout(timeout)
        self.sock.connect(socket.getaddrinfo(self.server, self.port)[0][-1])
        self._packet(0x10, b"\x00\x04MQTT\x04" + bytes([flags]) + self.keepalive.to_bytes(2, "big") + payload)
        answer = self._read(4)
        if answer[:2] != b"\x20\x02" or answer[3]:
            raise MQTTException(answer[3])
        return answer[2] & 1

    def disconnect(self):
        self._packet(0xE0)
        self.sock.close()

    def ping(self):
        self._packet(0xC0)

    def _next_pid(self):
        self.pid = self.pid % 0xFFFF + 1
        return self.pid.to_bytes(2, "big")

    # Lets messages through to the callback until the acknowledgement `kind` of `pid` has come.
    def _acknowledged(self, kind, pid):
        while True:
            if self.wait_msg() == kind:
                n = self._length()
                body = self._read(n)
                if body[:2] == pid:
                    return body

    def publish(self, topic, msg, retain=False, qos=0):
        if qos not in (0, 1):
            raise ValueError("umqtt.simple publishes with QoS 0 and 1")
        pid = self._next_pid() if qos else b""
        body = _text(topic) + pid + (msg.encode() if isinstance(msg, str) else bytes(msg))
        self._packet(0x30 | qos << 1 | (1 if retain else 0), body)
        if qos:
            self._acknowledged(0x40, pid)

    def subscribe(self, topic, qos=0):
        if self.cb is None:
            raise ValueError("Subscribe callback is not set")
        pid = self._next_pid()
        self._packet(0x82, pid + _text(topic) + bytes([qos]))
        if self._acknowledged(0x90, pid)[2] == 0x80:
            raise MQTTException(0x80)

    # Waits for one packet. A message goes to the callback; of anything else the kind is returned, unread.
    def wait_msg(self):
        head = self.sock.read(1)
        self.sock.setblocking(True)
        if head is None:
            return None
        if head == b"":
            raise OSError(-1)
        kind = head[0]
        if kind == 0xD0:
            self._length()
            return None
        if kind & 0xF0 != 0x30:
            return kind
        body = self._read(self._length())
        at = 2 + (body[0] << 8 | body[1])
        topic = body[2:at]
        pid = body[at : at + 2] if kind & 6 else b""
        self.cb(topic, body[at + len(pid) :])
        if kind & 6 == 2:
            self._packet(0x40, pid)
        elif kind & 6 == 4:
            raise MQTTException("QoS 2 is not supported")
        return kind

    def check_msg(self):
        self.sock.setblocking(False)
        return self.wait_msg()
