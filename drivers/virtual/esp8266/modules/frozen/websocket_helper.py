# `websocket_helper`, the handshake of WebREPL: not on the virtual board yet.
def server_handshake(sock):
    raise OSError(95, "the virtual board has no WebREPL yet")


client_handshake = server_handshake
