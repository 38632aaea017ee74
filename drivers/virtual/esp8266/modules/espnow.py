# `espnow`: no second device on the virtual board's air yet.
class ESPNow:
    def __init__(self):
        raise OSError(95, "the virtual board has no ESP-NOW yet")


class ESPNowBase(ESPNow):
    pass
