# `aioespnow`: no second device on the virtual board's air yet.
from espnow import ESPNow as AIOESPNow
