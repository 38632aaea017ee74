# Tasks, time-outs and streams of asyncio, over a stream that is written in Python.
import asyncio, io


class Pipe(io.IOBase):
    def __init__(self):
        self.data = b""

    def ioctl(self, request, flags):
        return flags & (5 if self.data else 4) if request == 3 else 0

    def read(self, n=-1):
        n = len(self.data) if n < 0 else n
        part, self.data = self.data[:n], self.data[n:]
        return part

    def write(self, data):
        # Takes part of it only.
        self.data += bytes(data[:4])
        return min(len(data), 4)


async def writer(stream):
    for i in range(3):
        await asyncio.sleep_ms(10)
        stream.write(b"message %d;" % i)
        await stream.drain()


async def main():
    stream = asyncio.StreamReader(Pipe())
    task = asyncio.create_task(writer(stream))
    print(await stream.readexactly(30))
    await task
    try:
        await asyncio.wait_for(stream.readexactly(1), 0.05)
    except asyncio.TimeoutError:
        print("timeout")
    print(await asyncio.gather(one(1), one(0), return_exceptions=True))
    lock = asyncio.Lock()
    async with lock:
        print(lock.locked())


async def one(n):
    await asyncio.sleep(0)
    return 1 // n


asyncio.run(main())
