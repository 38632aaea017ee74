# `umqtt.robust`, which the port has frozen: the client of `umqtt.simple` that connects anew when its connection breaks.
from time import sleep
from . import simple


class MQTTClient(simple.MQTTClient):
    DELAY = 2  # seconds between attempts
    DEBUG = False

    def delay(self, i):
        sleep(self.DELAY)

    def log(self, in_reconnect, e):
        if self.DEBUG:
            print("mqtt reconnect:" if in_reconnect else "mqtt:", repr(e))

    # For as long as it takes, as the library documents.
    def reconnect(self):
        i = 0
        while True:
            try:
                return self.connect(False)
            except OSError as e:
                self.log(True, e)
                self.sock.close()
                i += 1
                self.delay(i)

    def _again(self, call, *args):
        while True:
            try:
                return call(*args)
            except OSError as e:
                self.log(False, e)
            self.sock.close()
            self.reconnect()

    def publish(self, topic, msg, retain=False, qos=0):
        return self._again(super().publish, topic, msg, retain, qos)

    def wait_msg(self):
        return self._again(super().wait_msg)

    def check_msg(self, attempts=2):
        while attempts:
            self.sock.setblocking(False)
            try:
                return super().wait_msg()
            except OSError as e:
                self.log(False, e)
            self.sock.close()
            self.reconnect()
            attempts -= 1
