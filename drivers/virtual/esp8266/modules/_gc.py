# `gc` of a board with a fixed heap. The interpreter's own heap grows by itself and cannot be collected while
# Python runs: the board collects it, and says how much of its heap the firmware uses.
from gc import enable, disable, isenabled, threshold
import _board

mem_alloc = _board.heap_used


def collect():
    _board.gc_collect()
    return 0


def mem_free():
    return _board.heap_total() - _board.heap_used()
