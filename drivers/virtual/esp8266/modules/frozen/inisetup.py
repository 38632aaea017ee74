# `inisetup`: the board itself makes the file system on its first boot.
def setup():
    raise OSError(95, "the virtual board makes its file system itself, on the first boot")
