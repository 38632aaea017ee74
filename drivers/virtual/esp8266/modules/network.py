# `network` of the ESP8266 port: the station and the access point interface of the board's WiFi.
import _board
from micropython import const

STA_IF = const(0)
AP_IF = const(1)
STAT_IDLE = const(0)
STAT_CONNECTING = const(1)
STAT_WRONG_PASSWORD = const(2)
STAT_NO_AP_FOUND = const(3)
STAT_CONNECT_FAIL = const(4)
STAT_GOT_IP = const(5)
MODE_11B = const(1)
MODE_11G = const(2)
MODE_11N = const(3)
AUTH_OPEN = const(0)
AUTH_WEP = const(1)
AUTH_WPA_PSK = const(2)
AUTH_WPA2_PSK = const(3)
AUTH_WPA_WPA2_PSK = const(4)

# That of the bench's access point: a locally administered address.
_BSSID = b"\x02\x00rig0"

_phy_mode = MODE_11N
_hostname = None


def _checked(result):
    if isinstance(result, int) and result < 0:
        raise OSError(-result)
    return result


class WLAN:
    IF_STA = STA_IF
    IF_AP = AP_IF
    PM_NONE = const(0)
    PM_PERFORMANCE = const(2)
    PM_POWERSAVE = const(1)

    _interfaces = {}

    def __new__(cls, interface=STA_IF):
        # The same object each time, as on the chip.
        wlan = cls._interfaces.get(interface)
        if wlan is None:
            if interface not in (STA_IF, AP_IF):
                raise ValueError("invalid WLAN interface identifier")
            wlan = cls._interfaces[interface] = object.__new__(cls)
            wlan._if = interface
            wlan._static = None
            wlan._settings = {}
        return wlan

    def __init__(self, interface=STA_IF):
        pass

    def _need(self, interface, name):
        if self._if != interface:
            raise OSError(name + " required")

    def active(self, up=None):
        if up is None:
            return bool(_board.wifi_active(self._if, -1))
        _checked(_board.wifi_active(self._if, 1 if up else 0))

    def connect(self, ssid=None, password=None, *, bssid=None):
        self._need(STA_IF, "STA")
        if isinstance(ssid, bytes):
            ssid = ssid.decode()
        if isinstance(password, bytes):
            password = password.decode()
        _checked(_board.wifi_connect(ssid, password))

    def disconnect(self):
        self._need(STA_IF, "STA")
        _board.wifi_disconnect()

    def isconnected(self):
        return self._if == STA_IF and bool(_board.wifi_connected())

    def status(self, what=None):
        if what is None:
            return _board.wifi_status() if self._if == STA_IF else -1
        if what == "rssi":
            self._need(STA_IF, "STA")
            return _board.wifi_config("rssi")
        raise ValueError("unknown status param")

    def scan(self):
        self._need(STA_IF, "STA")
        if not self.active():
            raise OSError("STA must be active")
        # (ssid, bssid, channel, rssi, authmode, hidden)
        return [
            (name.encode(), _BSSID, _board.wifi_config("channel"), _board.wifi_config("rssi"), AUTH_WPA2_PSK, 0)
            for name in _board.wifi_scan().split("\0")[:-1]
        ]

    def ifconfig(self, settings=None):
        if settings is None:
            if self._if == AP_IF:
                return ("192.168.4.1", "255.255.255.0", "192.168.4.1", "0.0.0.0")
            return self._static or tuple([_board.wifi_ifconfig(i) for i in range(4)])
        # Only told back: the network of the bench reaches the board whatever its address.
        self._static = None if settings == "dhcp" else tuple(settings)

    def config(self, *args, **settings):
        if settings:
            if args:
                raise TypeError("either pos or kw args are allowed")
            self._settings.update(settings)
            return
        if len(args) != 1:
            raise TypeError("can query only one param")
        key = args[0]
        if key in ("essid", "ssid"):
            key = "ssid"
        elif key == "hostname":
            key = "dhcp_hostname"
        if key in self._settings:
            return self._settings[key]
        if key == "mac":
            from binascii import unhexlify

            return unhexlify(_board.wifi_config("mac"))
        if key in ("ssid", "rssi", "channel", "dhcp_hostname"):
            return _board.wifi_config(key)
        raise ValueError("unknown config param")


def phy_mode(mode=None):
    global _phy_mode
    if mode is None:
        return _phy_mode
    _phy_mode = mode


def hostname(name=None):
    global _hostname
    if name is None:
        return _hostname or _board.wifi_config("dhcp_hostname")
    _hostname = name


def country(code=None):
    return "XX"
