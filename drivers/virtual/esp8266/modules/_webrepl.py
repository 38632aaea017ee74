# `_webrepl`, the C half of WebREPL: not on the virtual board yet.
class _webrepl:
    def __init__(self, websocket, dupterm=None):
        raise OSError(95, "the virtual board has no WebREPL yet")


def password(text):
    raise OSError(95, "the virtual board has no WebREPL yet")
