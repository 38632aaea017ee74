# `dht`: no humidity sensor on the virtual board yet.
class DHTBase:
    def __init__(self, pin):
        raise OSError(95, "the virtual board has no DHT sensor yet")


DHT11 = DHT22 = DHTBase
