# Boots the link firmware. ESP8266 runs this file after boot.py; everything else is in the package `link`, which
# works as files in flash, cross-compiled (.mpy) or frozen.
from link import app

try:
    app.run()
finally:
    # Whatever ended it, Ctrl-C included: a socket left open fills the WiFi stack's queue with data that nobody
    # reads (`LmacRxBlk:1` for ever), and only a hard reset ends that.
    app.close()
