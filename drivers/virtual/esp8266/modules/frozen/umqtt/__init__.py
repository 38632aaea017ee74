# `umqtt`: the MQTT clients of micropython-lib, simple.py and robust.py.
