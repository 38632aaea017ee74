# `ssl`: the virtual board has no TLS yet. Imports work; use fails with a reason.
CERT_NONE = 0
CERT_OPTIONAL = 1
CERT_REQUIRED = 2
PROTOCOL_TLS_CLIENT = 0
PROTOCOL_TLS_SERVER = 1


def wrap_socket(sock, **options):
    raise OSError(95, "the virtual board has no TLS yet")


class SSLContext:
    def __init__(self, protocol):
        raise OSError(95, "the virtual board has no TLS yet")
