# `upip`: the virtual board has no way out to a package index.
def install(*_, **__):
    raise OSError(95, "the virtual board cannot install packages: put them into its flash folder")


def help():
    print("the virtual board cannot install packages: put them into its flash folder")
