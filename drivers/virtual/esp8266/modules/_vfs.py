# `vfs`: the file systems of the port, and where they are mounted.
from os import VfsFat, VfsLfs2, mount, umount
