# `websocket`, the C helper of WebREPL: not on the virtual board yet.
class websocket:
    def __init__(self, sock, blocking=False):
        raise OSError(95, "the virtual board has no websocket module yet")
