# `asyncio`: the board's own loop and streams, with the interpreter's frozen Event, Lock, gather() and wait_for().
from .core import *
from . import core, stream
from .stream import *

# The frozen submodules are found here; their `from . import core` gives the board's core, which is loaded already.
__path__ = ".frozen/asyncio"
from . import event, funcs, lock
from .event import Event, ThreadSafeFlag
from .funcs import gather, wait_for, wait_for_ms
from .lock import Lock

__version__ = (3, 0, 0)
