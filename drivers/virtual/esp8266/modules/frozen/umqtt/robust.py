# `umqtt.robust`: see simple.py.
from .simple import MQTTClient, MQTTException
