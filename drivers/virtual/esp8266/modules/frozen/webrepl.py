# `webrepl`: the virtual board does not take connections yet.
def start(port=8266, password=None):
    raise OSError(95, "the virtual board has no WebREPL yet")


start_foreground = start


def stop():
    pass
