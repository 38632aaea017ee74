# The event loop of `asyncio`, for a board on which Python may block: MicroPython's asyncio v3 as a program sees it.
# Tasks and the queue of tasks are the interpreter's own, in C. (Its own loop lives in JavaScript and never blocks.)
#
# A pass: ask the streams, let the board run (once, by _board.idle), run ONE task that is due. So interrupts, streams
# and the clock are served however busy the tasks are.
import _board
from select import POLLIN as _POLLIN, POLLOUT as _POLLOUT, _poll
from sys import print_exception
from _asyncio import Task, TaskQueue

# The clock of the C Task and TaskQueue, which stamp with it what they push themselves (cancel, waiters). It is
# Date.now() of the interpreter's JavaScript (checked in its glue code, mp_js_ticks_ms): the board puts that on its
# uptime.
from time import ticks_diff, ticks_add, _uptime_ms as ticks

_idle = _board.idle


class CancelledError(BaseException):
    pass


class TimeoutError(Exception):
    pass


# Called with by the exception handler; one dict for all calls, so that none is allocated when memory is short.
_exc_context = {"message": "Task exception wasn't retrieved", "exception": None, "future": None}


# A generator, where MicroPython has one reusable iterator: its end raises no exception. Exceptions go through
# JavaScript here; without them a busy pass took the simulating machine 36 instead of 53 us.
def sleep_ms(t):
    _task_queue.push(cur_task, ticks_add(ticks(), t if t > 0 else 0))
    yield


def sleep(t):
    return sleep_ms(int(t * 1000))


# A wait without end: the task runs again only if it is cancelled or pushed by another.
def _never():
    yield


class IOQueue:
    # Tasks that wait for a stream: id of the stream -> [reading task, writing task, stream]; a list of tasks where
    # several wait for the same side. MicroPython forbids that by an assertion, which its frozen modules are compiled
    # without (opt=3 in the manifest): there, the task that waited first is never run again. Firmware that got away
    # with it shall not hang here, and shall not get away unseen either.
    def __init__(self):
        self.poller = _poll()
        self.map = {}
        self.warned = False

    def _enqueue(self, stream, side):
        entry = self.map.get(id(stream))
        if entry is None:
            self.map[id(stream)] = entry = [None, None, stream]
            self.poller.register(stream, _POLLOUT if side else _POLLIN)
        elif entry[1 - side] is not None:
            self.poller.modify(stream, _POLLIN | _POLLOUT)
        waiting = entry[side]
        if waiting is None:
            entry[side] = cur_task
        else:
            entry[side] = (waiting if isinstance(waiting, list) else [waiting]) + [cur_task]
            self._warn(side)
        # Task.cancel() calls remove() of what it finds here.
        cur_task.data = self

    def _warn(self, side):
        if not self.warned:
            self.warned = True
            print("asyncio: two tasks wait to", ("read from", "write to")[side], "one stream; a board loses the first")

    def _dequeue(self, stream):
        del self.map[id(stream)]
        self.poller.unregister(stream)

    def queue_read(self, stream):
        self._enqueue(stream, 0)

    def queue_write(self, stream):
        self._enqueue(stream, 1)

    def remove(self, task):
        for entry in list(self.map.values()):
            for side in (0, 1):
                waiting = entry[side]
                if waiting is task:
                    entry[side] = None
                    self._settle(entry)
                elif isinstance(waiting, list) and task in waiting:
                    waiting.remove(task)

    def _settle(self, entry):
        # Ask on only for what a task still waits for.
        if entry[0] is None:
            if entry[1] is None:
                self._dequeue(entry[2])
            else:
                self.poller.modify(entry[2], _POLLOUT)
        elif entry[1] is None:
            self.poller.modify(entry[2], _POLLIN)

    def _wake(self, entry, side):
        waiting = entry[side]
        entry[side] = None
        if isinstance(waiting, list):
            for task in waiting:
                _task_queue.push(task, ticks())
        else:
            _task_queue.push(waiting, ticks())

    def poll_streams(self):
        # Makes the tasks due whose streams are ready (error and hang-up count for both sides); whether there were any.
        woken = False
        for stream, events in self.poller.ipoll(0):
            entry = self.map[id(stream)]
            if events & ~_POLLOUT and entry[0] is not None:
                self._wake(entry, 0)
                woken = True
            if events & ~_POLLIN and entry[1] is not None:
                self._wake(entry, 1)
                woken = True
            self._settle(entry)
        return woken


def _promote_to_task(aw):
    return aw if isinstance(aw, Task) else create_task(aw)


def create_task(coro):
    if not hasattr(coro, "send"):
        raise TypeError("coroutine expected")
    task = Task(coro, globals())
    _task_queue.push(task)
    return task


def run_until_complete(main_task=None):
    global cur_task
    while True:
        task = _task_queue.peek()
        if task:
            wait_ms = ticks_diff(task.ph_key, ticks())
            if wait_ms < 0:
                wait_ms = 0
        elif _io_queue.map:
            wait_ms = -1
        else:
            cur_task = None
            if not main_task or not main_task.state:
                return
            # Nothing that asyncio knows of wakes the main task, but a function given to micropython.schedule() may. Such
            # functions run between two bytecodes, so not in a wait without end.
            wait_ms = 3
        if _io_queue.map and _io_queue.poll_streams():
            wait_ms = 0
        _idle(wait_ms)
        if wait_ms:
            continue  # something may have happened meanwhile

        task = _task_queue.pop()
        if not task.state:
            # Done, by an exception, and queued once more by _finish(): has nobody awaited it since?
            if task.state is None:
                _exc_context["exception"] = task.data
                _exc_context["future"] = task
                Loop.call_exception_handler(_exc_context)
            continue
        cur_task = task
        try:
            # The coroutine queues its task itself before it yields.
            error = task.data
            if error:
                task.data = None
                task.coro.throw(error)
            else:
                task.coro.send(None)
        except (CancelledError, Exception) as end:
            assert task.data is None
            if task is main_task:
                cur_task = None
                if not isinstance(end, StopIteration):
                    task.state = False
                    raise end
                _finish(task, end, True)
                return end.value
            _finish(task, end, False)


def _finish(task, end, awaited):
    # State (as the C Task reads it): True runs and nobody waits, a queue of waiters or a callable while somebody
    # does; None is done and was not awaited, False is done and was.
    waiters = task.state
    if waiters is True and awaited:
        task.state = False
    elif waiters is True:
        task.state = None
        if not isinstance(end, (StopIteration, CancelledError)):
            # Whoever awaits it in this pass gets the exception; otherwise the exception handler does.
            _task_queue.push(task)
    elif callable(waiters):
        waiters(task, end)
        task.state = False
    elif waiters:
        while waiters.peek():
            _task_queue.push(waiters.pop())
        task.state = False
    # Only now: push() clears it.
    task.data = end


def run(coro):
    return run_until_complete(create_task(coro))


async def _stopper():
    pass


class Loop:
    _exc_handler = None
    _stop_task = None

    def create_task(coro):
        return create_task(coro)

    def run_forever():
        Loop._stop_task = Task(_stopper(), globals())
        run_until_complete(Loop._stop_task)
        Loop._stop_task = None

    def run_until_complete(aw):
        return run_until_complete(_promote_to_task(aw))

    def stop():
        if Loop._stop_task is not None:
            _task_queue.push(Loop._stop_task)
            Loop._stop_task = None

    def close():
        pass

    def set_exception_handler(handler):
        Loop._exc_handler = handler

    def get_exception_handler():
        return Loop._exc_handler

    def default_exception_handler(loop, context):
        print(context["message"])
        print("future:", context["future"], "coro=", context["future"].coro)
        print_exception(context["exception"])

    def call_exception_handler(context):
        (Loop._exc_handler or Loop.default_exception_handler)(Loop, context)


# Arguments of other ages (runq_len, waitq_len) are accepted.
def get_event_loop(*args, **kwargs):
    return Loop


def current_task():
    if cur_task is None:
        raise RuntimeError("no running event loop")
    return cur_task


def new_event_loop():
    global _task_queue, _io_queue, cur_task
    _task_queue = TaskQueue()
    _io_queue = IOQueue()
    cur_task = None
    _exc_context["exception"] = _exc_context["future"] = None
    return Loop


new_event_loop()
