# `urequests`: a plain HTTP/1.0 client over the board's sockets.
import socket


class Response:
    def __init__(self, sock, status_code, reason, headers):
        self.raw = sock
        self.status_code = status_code
        self.reason = reason
        self.headers = headers
        self.encoding = "utf-8"
        self._content = None

    @property
    def content(self):
        if self._content is None:
            try:
                self._content = self.raw.read()
            finally:
                self.raw.close()
        return self._content

    @property
    def text(self):
        return str(self.content, self.encoding)

    def json(self):
        from json import loads

        return loads(self.content)

    def close(self):
        self.raw.close()


def request(method, url, data=None, json=None, headers={}, timeout=None):
    scheme, _, rest = url.split("/", 2)
    if scheme != "http:":
        raise OSError(95, "the virtual board has no TLS yet")
    host, _, path = rest.partition("/")
    name, _, port = host.partition(":")
    fields = {"Host": host}
    if json is not None:
        from json import dumps

        data = dumps(json)
        fields["Content-Type"] = "application/json"
    if data:
        data = data.encode() if isinstance(data, str) else data
        fields["Content-Length"] = len(data)
    fields.update(headers)
    s = socket.socket()
    s.settimeout(timeout)
    try:
        s.connect(socket.getaddrinfo(name, int(port or 80))[0][-1])
        s.write("{} /{} HTTP/1.0\r\n".format(method, path))
        for key in fields:
            s.write("{}: {}\r\n".format(key, fields[key]))
        s.write("\r\n")
        if data:
            s.write(data)
        words = s.readline().split(None, 2)
        answer = {}
        while True:
            line = s.readline()
            if not line or line == b"\r\n":
                break
            key, _, value = line.decode().partition(":")
            answer[key] = value.strip()
    except OSError:
        s.close()
        raise
    return Response(s, int(words[1]), words[2].decode().strip() if len(words) > 2 else "", answer)


def head(url, **options):
    return request("HEAD", url, **options)


def get(url, **options):
    return request("GET", url, **options)


def post(url, **options):
    return request("POST", url, **options)


def put(url, **options):
    return request("PUT", url, **options)


def patch(url, **options):
    return request("PATCH", url, **options)


def delete(url, **options):
    return request("DELETE", url, **options)
