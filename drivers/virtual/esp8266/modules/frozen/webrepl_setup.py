# `webrepl_setup`: see webrepl.py.
raise OSError(95, "the virtual board has no WebREPL yet")
