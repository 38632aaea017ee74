# `mip`: nothing can be installed, since the virtual board's network has no package index.
def install(package, index=None, target=None, version=None, mpy=True):
    raise OSError(95, "the virtual board has no package index to install from")
