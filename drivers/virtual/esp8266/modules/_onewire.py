# `_onewire`, the C half of the 1-Wire driver: no such bus on the virtual board yet.
def reset(pin):
    raise OSError(95, "the virtual board has no 1-Wire bus yet")


def _refuse(pin, value=0):
    reset(pin)


readbit = readbyte = writebit = writebyte = _refuse


def crc8(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x8C if crc & 1 else crc >> 1
    return crc
