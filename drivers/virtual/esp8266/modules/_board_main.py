# What the port does once the file system is mounted: boot.py, then main.py, then the REPL. An exception in
# either is printed and the next step is taken, as on the board. boot.py and main.py share their globals.
import builtins
import sys

import _board

# No name after a soft reset out of raw mode: such a tool wants a board on which nothing runs.
_main = _board.main_file()


_import = builtins.__import__


def _import_frozen(name, *rest):
    # Code is frozen in flash on a chip: what loading a module takes is no use of the heap. Imports within an import
    # are part of the outermost one.
    # A program may have put its own function in this one's place, and call this one from it. (As an attribute of
    # `builtins` it would be the interpreter's own, whatever has taken its place.)
    if name in sys.modules or __import__ is not _import_frozen:
        return _import(name, *rest)
    builtins.__import__ = _import
    _board.code_loading()
    try:
        return _import(name, *rest)
    finally:
        _board.code_loaded()
        builtins.__import__ = _import_frozen


builtins.__import__ = _import_frozen


def _run(name, names):
    try:
        # As bytes, as the port reads it: a comment need not be UTF-8.
        with open(name, "rb") as file:
            source = file.read()
    except OSError:
        return
    try:
        # To compile a file is loading code, too.
        _board.code_loading()
        try:
            code = compile(source, name, "exec")
        finally:
            _board.code_loaded()
        del source
        exec(code, names)
    except SystemExit:
        # machine.soft_reset() and sys.exit(): the port starts over.
        return True
    except BaseException as error:
        # Another Ctrl-C shall not cut the traceback short.
        _board.heed_keyboard(0)
        sys.print_exception(error)
        if name != _main:
            _board.heed_keyboard(1)


def _boot():
    names = sys._main_names
    if _run("boot.py", names) or _run(_main, names):
        _board.soft_reset()


_boot()
