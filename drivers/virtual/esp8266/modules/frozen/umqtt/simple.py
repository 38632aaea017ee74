# `umqtt.simple`: put the library into the flash folder to use MQTT; the board brings none.
class MQTTException(Exception):
    pass


class MQTTClient:
    def __init__(self, *_, **__):
        raise OSError(95, "the virtual board brings no MQTT client: put umqtt into its flash folder")
