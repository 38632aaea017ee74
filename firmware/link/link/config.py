# The client's first line after every synchronisation (docs/protocol.md §4):
# [id, port, server, timeoutMs, reportS, ssid, password, "cfg"].
import json


class Config:
    """What the client wants of us. Raises ValueError, saying which field, for a line that is no configuration."""

    def __init__(self, line):
        try:
            fields = json.loads(line)
        except ValueError:
            raise ValueError("not JSON")
        if not isinstance(fields, list) or len(fields) != 8 or fields[7] != "cfg":
            raise ValueError('not [id, port, server, timeoutMs, reportS, ssid, password, "cfg"]')
        name = _text(fields, 0, "id")
        if name.endswith("\n"):
            name = name[:-1]
        if not name or "\n" in name:
            raise ValueError("id must be one line of text")
        # The first line to the server.
        self.id_line = (name + "\n").encode()
        self.port = _whole(fields, 1, "port", 1, 65535)
        self.server = _text(fields, 2, "server")
        self.timeout_ms = _whole(fields, 3, "timeoutMs", 100, 600000)
        self.report_s = _whole(fields, 4, "reportS", 0, 86400)
        self.ssid = _text(fields, 5, "ssid")
        self.password = _text(fields, 6, "password")


def _text(fields, index, name):
    if not isinstance(fields[index], str):
        raise ValueError("{} is not a string".format(name))
    return fields[index]


def _whole(fields, index, name, least, most):
    value = fields[index]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError("{} is not in {}...{}".format(name, least, most))
    return value
