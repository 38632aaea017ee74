# `os` on the flash file system, and the `open` that goes with it. The interpreter's own calls give Emscripten's
# error numbers (44 where MicroPython has ENOENT = 2; checked on 1.27.0) and show the folders Emscripten needs.
import _board
import uos as _os
import vfs as _vfs
from uos import sep
from collections import namedtuple
from builtins import open as _builtin_open

# Emscripten's (WASI's) number -> MicroPython's (py/mperrno.h; 39 ENOTEMPTY is littlefs's own).
_ERRNO = {2: 13, 8: 9, 20: 17, 28: 22, 29: 5, 31: 21, 37: 36, 44: 2, 48: 12, 51: 28, 54: 20, 55: 39, 63: 1, 69: 30}
# Folders at the root that are not the flash: Emscripten's own, and the one that holds this module.
_HIDDEN = ("dev", "proc", "tmp", "home", __file__.lstrip("/").split("/", 1)[0])


# Where file systems are mounted that are none of the flash: their numbers and entries are as they give them.
_flash = _vfs.mount()[0][0]
_mounts = []
_inside = False  # the working directory is in one of them


def getcwd():
    path = _os.getcwd()
    return path if path[:1] == "/" else "/" + path


def _foreign(path):
    path = str(path)
    if path[:1] != "/":
        return _inside
    for point in _mounts:
        if path == point or path.startswith(point + "/"):
            return True
    return False


def mount(*args, **options):
    if not args:
        return _vfs.mount()
    _vfs.mount(*args, **options)
    _look()


def umount(point):
    _vfs.umount(point)
    _look()


def _look():
    global _inside
    table = _vfs.mount()
    _mounts[:] = [point.rstrip("/") for fs, point in table if fs is not _flash]
    if len(_mounts) == len(table):
        _mounts.append("")  # nothing is the flash
        _inside = True
    elif not _mounts:
        _inside = False


class VfsLfs2:
    # The flash is kept as files, and no block device is served.
    def __init__(self, *args, **options):
        raise OSError(95, "the virtual board has no block devices")

    mkfs = __init__


class VfsFat(VfsLfs2):
    pass


def _translated(function):
    def call(*args):
        try:
            return function(*args)
        except OSError as e:
            if _foreign(args[0]):
                raise
            raise OSError(_ERRNO.get(e.errno, e.errno))

    return call


_chdir = _translated(_os.chdir)
mkdir = _translated(_os.mkdir)
rmdir = _translated(_os.rmdir)
remove = unlink = _translated(_os.remove)
rename = _translated(_os.rename)


def chdir(path):
    global _inside
    _chdir(path)
    _inside = _foreign(path)


_stat = _translated(_os.stat)
_ilistdir = _translated(_os.ilistdir)


def _open(file, mode="r", buffering=-1, encoding=None):
    try:
        return _builtin_open(file, mode)
    except OSError as e:
        if _foreign(file):
            raise
        raise OSError(_ERRNO.get(e.errno, e.errno))


def stat(path):
    if _foreign(path):
        return _os.stat(path)
    # An empty path is the working directory on littlefs; mpremote asks for it.
    s = _stat(path or getcwd())
    directory = s[0] & 0xF000 == 0x4000
    return (s[0] & 0xF000, 0, 0, 0, 0, 0, 0 if directory else s[6], s[7], s[8], s[9])


def ilistdir(path=""):
    if _foreign(path):
        return _os.ilistdir(path)
    path = path or getcwd()
    _stat(path)
    return _entries(path)


def _all(path):
    # Names in a folder, the board's own included.
    return [entry[0] for entry in _ilistdir(path)]


def _entries(path):
    root = not path.strip("/.") and getcwd() == "/" or not path.strip("/")
    for entry in _ilistdir(path):
        name = entry[0]
        if not (root and name in _HIDDEN):
            directory = entry[1] == 0x4000
            yield (name, entry[1], 0, 0 if directory else _stat(path + "/" + name)[6])


def listdir(path=""):
    return [entry[0] for entry in ilistdir(path)]


def _blocks(path):
    # Blocks of 4096 bytes in use, a folder taking two as on littlefs.
    used = 2
    for name, kind, _, size in ilistdir(path):
        used += _blocks(path + "/" + name) if kind == 0x4000 else (size + 4095) // 4096
    return used


def statvfs(path):
    if _foreign(path):
        return _os.statvfs(path)
    _stat(path or getcwd())
    # The first megabyte is the interpreter, the last five sectors the vendor's (ports/esp8266, flashbdev).
    total = max(_board.flash_size() // 4096 - 256 - 5, 0)
    free = max(total - _blocks("/"), 0)
    return (4096, 4096, total, free, free, 0, 0, 0, 0, 255)


def uname():
    return namedtuple("uname", ("sysname", "nodename", "release", "version", "machine"))(
        "esp8266", "esp8266", "1.27.0", "v1.27.0 on 2025-12-10", "ESP module with ESP8266"
    )


def urandom(n):
    return bytes([_board.random_u32() & 0xFF for _ in range(n)])


def dupterm(stream, index=0):
    # Accepted as on the board; output stays on UART0.
    return None


def dupterm_notify(stream):
    pass


def sync():
    pass
