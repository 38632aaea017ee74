# `utimeq`, the C queue of timed entries that event loops before asyncio v3 were built on: entries come out by time,
# and by order of arrival where times are equal. Times are ticks, so they wrap.
from time import ticks_diff


class utimeq:
    def __init__(self, alloc):
        self._limit = alloc
        self._entries = []

    def __len__(self):
        return len(self._entries)

    def __bool__(self):
        return len(self._entries) > 0

    def push(self, time, callback, args):
        if len(self._entries) >= self._limit:
            raise IndexError("queue overflow")
        at = len(self._entries)
        while at > 0 and ticks_diff(time, self._entries[at - 1][0]) < 0:
            at -= 1
        self._entries.insert(at, (time, callback, args))

    # Fills the three places of `into` with the first entry.
    def pop(self, into):
        if not self._entries:
            raise IndexError("empty heap")
        into[0], into[1], into[2] = self._entries.pop(0)

    def peektime(self):
        if not self._entries:
            raise IndexError("empty heap")
        return self._entries[0][0]
