# The WiFi station: joined with stored credentials where possible, left and joined again after an outage.
# MicroPython for the ESP8266 tells nobody when the state of the station changes, hence the polling.
from micropython import const
from time import ticks_diff, ticks_ms
import network

from link.compat import asyncio

_POLL_MS = const(100)

# Start-up: the chip joins the network it last used on its own; that takes a second when the network is there.
_AUTOMATIC_MS = const(1000)
_STORED_MS = const(4000)
# docs/protocol.md §4, header `b`.
_GIVEN_MS = const(20000)

# After an outage: one attempt, and the pause before the next.
_ATTEMPT_MS = const(20000)
_PAUSE_MS = const(1000)
# docs/protocol.md §5. A network that comes back tends to go once more.
_STABLE_MS = const(3000)

_FAILED = (network.STAT_WRONG_PASSWORD, network.STAT_NO_AP_FOUND, network.STAT_CONNECT_FAIL)


class NoWifi(Exception):
    """No network at start-up."""


class Wifi:
    def __init__(self, ssid, password):
        """With an empty `ssid` there are only the stored credentials."""
        self._given = (ssid, password) if ssid else ()
        self._station = network.WLAN(network.STA_IF)
        # The ESP8266 opens an access point of its own by default: power, RAM and a way in, for nothing.
        network.WLAN(network.AP_IF).active(False)

    async def join(self):
        """Joins at start-up. Raises NoWifi."""
        station = self._station
        station.active(True)
        if await self._joined(_AUTOMATIC_MS):
            return
        station.connect()
        if await self._joined(_STORED_MS if self._given else _GIVEN_MS):
            return
        if self._given:
            station.disconnect()
            # This stores them, and later calls without credentials use them.
            station.connect(*self._given)
            if await self._joined(_GIVEN_MS):
                return
        raise NoWifi("no WiFi, status {}".format(station.status()))

    def leave(self):
        """Drops the network, so that the server sees silence and the station's state is clean."""
        self._station.disconnect()

    async def rejoin(self):
        """Joins after an outage, however long that takes, and returns when the network has proved stable."""
        while True:
            # The credentials in use are those of the last `connect`.
            self._station.connect()
            if await self._joined(_ATTEMPT_MS, True) and await self._stable():
                return
            self._station.disconnect()
            await asyncio.sleep_ms(_PAUSE_MS)

    def is_up(self):
        return self._station.isconnected()

    async def _joined(self, limit_ms, give_up=False):
        """True once joined. False after `limit_ms`; with `give_up` also once the station says that it failed."""
        started = ticks_ms()
        while not self._station.isconnected():
            waited = ticks_diff(ticks_ms(), started)
            if waited >= limit_ms:
                return False
            # Just after `connect` the status may still be the old one.
            if give_up and waited >= _PAUSE_MS and self._station.status() in _FAILED:
                return False
            await asyncio.sleep_ms(_POLL_MS)
        return True

    async def _stable(self):
        started = ticks_ms()
        while ticks_diff(ticks_ms(), started) < _STABLE_MS:
            await asyncio.sleep_ms(_POLL_MS)
            if not self._station.isconnected():
                return False
        return True
