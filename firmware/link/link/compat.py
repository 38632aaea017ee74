# The names that changed between MicroPython 1.13 and 1.27, in one place.
try:
    import uasyncio as asyncio  # 1.13 - 1.20; later an alias
except ImportError:
    import asyncio  # noqa: F401

try:
    from machine import SoftI2C  # since 1.14
except ImportError:
    try:
        from machine import I2C as SoftI2C  # 1.13: `I2C` without an id is the software one
    except ImportError:
        SoftI2C = None  # no board at all: the pure modules are under test
