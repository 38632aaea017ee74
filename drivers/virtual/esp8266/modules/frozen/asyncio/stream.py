# asyncio's streams, over any object with ioctl() for readiness and read(), readline(), readinto() or write().
from . import core


class Stream:
    def __init__(self, s, e={}):
        self.s = s
        self.e = e
        self.out_buf = b""

    def get_extra_info(self, v):
        return self.e[v]

    async def __aenter__(self):
        return self

    async def __aexit__(self, exc_type, exc, tb):
        await self.close()

    def close(self):
        pass

    async def wait_closed(self):
        self.s.close()

    # Each read waits until the stream says it is readable; None from it means that it was not after all. What it
    # gives may be str; `bytes + str` is bytes in MicroPython.
    async def read(self, n=-1):
        data = b""
        while True:
            yield core._io_queue.queue_read(self.s)
            part = self.s.read(n)
            if part is not None:
                if n >= 0:
                    return part
                if not part:
                    return data
                data += part

    async def readinto(self, buf):
        yield core._io_queue.queue_read(self.s)
        return self.s.readinto(buf)

    async def readexactly(self, n):
        data = b""
        while n:
            yield core._io_queue.queue_read(self.s)
            part = self.s.read(n)
            if part is not None:
                if not part:
                    raise EOFError
                data += part
                n -= len(part)
        return data

    async def readline(self):
        line = b""
        while True:
            yield core._io_queue.queue_read(self.s)
            part = self.s.readline()
            if part is not None:
                line += part
                if not part or line[-1] == 10:
                    return line

    # As since 1.18: at once when nothing is queued, the rest by drain(). The stream is given bytes, as before 1.18.
    def write(self, buf):
        if isinstance(buf, str):
            buf = buf.encode()
        if not self.out_buf:
            n = self.s.write(buf)
            if n == len(buf):
                return
            if n is not None:
                buf = buf[n:]
        self.out_buf += buf

    async def drain(self):
        if not self.out_buf:
            # Still a chance for the other tasks, or a loop of write() and drain() would keep them out.
            return await core.sleep_ms(0)
        while self.out_buf:
            yield core._io_queue.queue_write(self.s)
            # Another task that drains the same stream may have sent all of it meanwhile.
            n = self.s.write(memoryview(self.out_buf)) if self.out_buf else None
            if n:
                self.out_buf = self.out_buf[n:]


StreamReader = StreamWriter = Stream


async def open_connection(host, port, ssl=None, server_hostname=None):
    import socket

    if ssl:
        raise OSError(95, "the virtual board has no TLS yet")
    address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0][-1]
    s = socket.socket()
    s.setblocking(False)
    try:
        s.connect(address)
    except OSError as e:
        if e.errno != 115:  # EINPROGRESS
            s.close()
            raise e
    yield core._io_queue.queue_write(s)
    stream = Stream(s)
    return stream, stream


class Server:
    async def __aenter__(self):
        return self

    async def __aexit__(self, exc_type, exc, tb):
        self.close()
        await self.wait_closed()

    def close(self):
        self.task.cancel()

    async def wait_closed(self):
        await self.task

    async def _serve(self, s, cb):
        try:
            while True:
                yield core._io_queue.queue_read(s)
                try:
                    child, peer = s.accept()
                except OSError:
                    # Who called has gone again.
                    continue
                child.setblocking(False)
                stream = Stream(child, {"peername": peer})
                core.create_task(cb(stream, stream))
        except core.CancelledError:
            pass
        finally:
            s.close()


async def start_server(cb, host, port, backlog=5, ssl=None):
    import socket

    if ssl:
        raise OSError(95, "the virtual board has no TLS yet")
    s = socket.socket()
    s.setblocking(False)
    try:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(socket.getaddrinfo(host, port)[0][-1])
        s.listen(backlog)
    except OSError as e:
        s.close()
        raise e
    server = Server()
    server.task = core.create_task(server._serve(s, cb))
    return server
