# `neopixel`: no LED strip on the virtual board yet.
class NeoPixel:
    def __init__(self, pin, n, bpp=3, timing=1):
        raise OSError(95, "the virtual board has no LED strip yet")
