# `btree`: no database on the virtual board yet.
def open(stream, flags=0, pagesize=0, cachesize=0, minkeypage=0):
    raise OSError(95, "the virtual board has no btree module yet")
