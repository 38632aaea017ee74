# `onewire`: no 1-Wire bus on the virtual board yet.
class OneWireError(Exception):
    pass


class OneWire:
    def __init__(self, pin):
        raise OSError(95, "the virtual board has no 1-Wire bus yet")
