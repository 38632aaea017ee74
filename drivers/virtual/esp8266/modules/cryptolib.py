# `cryptolib`: not on the virtual board yet.
class aes:
    def __init__(self, key, mode, iv=None):
        raise OSError(95, "the virtual board has no AES yet")
