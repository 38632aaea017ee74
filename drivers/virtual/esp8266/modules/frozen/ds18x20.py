# `ds18x20`: no 1-Wire bus on the virtual board yet.
class DS18X20:
    def __init__(self, onewire):
        raise OSError(95, "the virtual board has no DS18x20 yet")
