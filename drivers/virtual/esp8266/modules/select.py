# `select` whose waits go through the board, so that time passes and interrupts run. The readiness itself is asked
# by the interpreter's own poll object, through each stream's ioctl().
import _board
from uselect import POLLIN, POLLOUT, POLLERR, POLLHUP, poll as _poll
from utime import ticks_add, ticks_diff

ticks_ms = _board.ticks_ms


class poll:
    def __init__(self):
        p = self._poll = _poll()
        self.register = p.register
        self.unregister = p.unregister
        self.modify = p.modify

    def poll(self, timeout=-1):
        ready = self._poll.poll
        end = ticks_add(ticks_ms(), timeout) if timeout > 0 else 0
        while True:
            found = ready(0)
            if found:
                return found
            if timeout is None or timeout < 0:
                _board.idle(-1)
            elif timeout == 0:
                _board.idle(0)
                return found
            else:
                left = ticks_diff(end, ticks_ms())
                if left <= 0:
                    return found
                _board.idle(left)

    def ipoll(self, timeout=-1, flags=0):
        found = self.poll(timeout)
        if flags & 1:  # one-shot
            for item in found:
                self.modify(item[0], 0)
        return iter(found)


def select(readers, writers, errors, timeout=None):
    p = poll()
    for streams, events in ((readers, POLLIN), (writers, POLLOUT), (errors, POLLERR)):
        for s in streams:
            p.register(s, events)
    found = p.poll(-1 if timeout is None else int(timeout * 1000))
    broken = POLLERR | POLLHUP
    return (
        [s for s, e in found if s in readers and e & (POLLIN | broken)],
        [s for s, e in found if s in writers and e & (POLLOUT | broken)],
        [s for s, e in found if s in errors and e & broken],
    )
