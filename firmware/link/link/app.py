# The application: lines between the client and the server, keepalives and reports.
#
# How it ends, as it runs for ever unless something is wrong:
# - no WiFi or no server at start-up: the client is told (`b`, `s`), and the device stops (docs/protocol.md §4);
# - Ctrl-C: the device stops, but still answers exchanges; the client misses the keepalives and resets it;
# - anything unexpected, a first line that is no config included: the device prints it and falls silent, so that the
#   client's next exchange fails within a second and it resets us and sends its config again. A reset of our
#   own would not do: the client would not know, and would not send the config.
import gc
import json
import micropython
from machine import Pin
from micropython import const
import time
from time import ticks_diff, ticks_ms

from link.compat import SoftI2C, asyncio
from link.config import Config
from link.frame import PAYLOAD_MAX
from link.lines import LineBuffer, parse_request
from link.outbox import Outbox
from link.responder import Responder
from link.server import Server, ServerRefused
from link.wifi import NoWifi, Wifi

# docs/protocol.md §1: GPIO numbers.
_SDA = const(2)
_SCL = const(0)
_SYN = const(5)
_ACK = const(4)

# As fast as the chip's software I2C goes, which is less than that. A client whose hardware cannot follow wants less:
# {"i2c_hz": 20000} in this file.
_I2C_HZ = const(400000)
_SETTINGS = "board.json"

# The client may stretch the clock for this long.
_I2C_STRETCH_US = const(50000)

# docs/protocol.md §4: the client resets us after 4 s without.
_KEEPALIVE_MS = const(2000)

# The client polls every 100 ms.
_LAST_LINE_MS = const(3000)
_LAST_LINE_POLL_MS = const(50)

_server = None


def run():
    """Runs the link until it fails. Raises what ended it."""
    # An exception in the interrupt handler must be reportable even when the heap is full.
    micropython.alloc_emergency_exception_buf(100)
    i2c = SoftI2C(scl=Pin(_SCL), sda=Pin(_SDA), freq=_i2c_hz(), timeout=_I2C_STRETCH_US)
    responder = Responder(i2c, Pin(_SYN, Pin.IN), Pin(_ACK, Pin.OUT, value=1))
    asyncio.run(Application(responder).main())


def _i2c_hz():
    try:
        with open(_SETTINGS) as file:
            return json.load(file)["i2c_hz"]
    except OSError:
        return _I2C_HZ


def close():
    """Closes what may be open still."""
    if _server:
        _server.close()


class Application:
    def __init__(self, responder):
        self._booted_at = ticks_ms()
        self._responder = responder
        self._stream = asyncio.StreamReader(responder)
        self._lines = LineBuffer()
        self._received = []
        self._outbox = Outbox()
        self._failed = asyncio.Event()
        self._failure = None

    async def main(self):
        try:
            await self._responder.synchronise()
            config = await self._read_config()
            self._start(config)
            await self._failed.wait()
            await self._tell_failure()
            raise self._failure
        except (NoWifi, ServerRefused):
            raise
        except Exception:
            self._responder.desynchronise()
            raise

    def _start(self, config):
        global _server
        _server = Server(config, Wifi(config.ssid, config.password), self._outbox)
        parts = [self._outbox.run(self._stream), self._keep_alive(), _server.run(self._booted_at), self._uplink(_server)]
        if config.report_s:
            parts.append(self._report(config.report_s, _server))
        for part in parts:
            asyncio.create_task(self._fail_with(part))

    async def _fail_with(self, part):
        """Runs a part of the application; when one fails, all is over."""
        try:
            await part
        except Exception as error:
            self._failure = error
            self._failed.set()

    async def _read_config(self):
        line = await self._next_line()
        try:
            config = Config(line)
        except ValueError as error:
            # The client goes on from before a reset of ours that it has not noticed.
            raise ValueError("the first line is no config: {}: {}".format(error, line))
        gc.collect()
        return config

    async def _next_line(self):
        while not self._received:
            payload = await self._stream.read(PAYLOAD_MAX)
            if payload:
                dropped = self._lines.dropped
                self._received = self._lines.feed(payload)
                if self._lines.dropped != dropped:
                    print("link: a line from the client was too long, dropped")
        return self._received.pop(0)

    async def _uplink(self, server):
        while True:
            line = await self._next_line()
            try:
                text, qos, wait = parse_request(line)
            except ValueError as error:
                print("link: from the client, dropped: {}: {}".format(error, line))
                continue
            # While this waits, the next payload waits in the responder and the ones after it at the client.
            await server.send(text, qos, wait)

    async def _keep_alive(self):
        # A task of the application, not the interrupt handler: it stops when the application does.
        while True:
            self._outbox.put_keepalive()
            # The chip's clock overflows every 7:45 h, and MicroPython sees that only when it is asked in between.
            time.time()
            # Little garbage at a time takes little time, and keeps the heap from fragmenting.
            gc.collect()
            await asyncio.sleep_ms(_KEEPALIVE_MS)

    async def _report(self, period_s, server):
        number = 0
        while True:
            await asyncio.sleep(period_s)
            gc.collect()
            self._outbox.put_report(json.dumps([server.connect_count, number, gc.mem_free()]).encode())
            number += 1

    async def _tell_failure(self):
        if isinstance(self._failure, NoWifi):
            self._outbox.put_failure(b"b")
        elif isinstance(self._failure, ServerRefused):
            self._outbox.put_failure(b"s")
        else:
            return
        started = ticks_ms()
        while not (self._outbox.is_empty() and self._responder.is_idle()):
            if ticks_diff(ticks_ms(), started) >= _LAST_LINE_MS:
                break
            await asyncio.sleep_ms(_LAST_LINE_POLL_MS)
