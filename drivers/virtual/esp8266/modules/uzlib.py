# `uzlib` of the ports up to 1.20, over the interpreter's deflate.
from deflate import DeflateIO, RAW, ZLIB, GZIP
import io


def decompress(data, wbits=0, bufsize=0):
    return DecompIO(io.BytesIO(data), wbits).read()


def DecompIO(stream, wbits=0):
    kind = RAW if wbits < 0 else GZIP if wbits >= 24 else ZLIB
    return DeflateIO(stream, kind, 15)
