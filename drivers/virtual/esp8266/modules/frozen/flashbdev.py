# `flashbdev`: the file system of the virtual board is not made of raw flash blocks.
class FlashBdev:
    SEC_SIZE = 4096

    def readblocks(self, n, buf, off=0):
        raise OSError(95, "the virtual board has no raw flash access yet")

    writeblocks = ioctl = readblocks


bdev = FlashBdev()
