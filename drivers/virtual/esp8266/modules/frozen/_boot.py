# `_boot`: the board mounts its file system before it runs boot.py; nothing is left to do.
