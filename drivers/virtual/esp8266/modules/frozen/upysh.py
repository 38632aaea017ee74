# `upysh`: the shell-like helpers for the REPL, as far as programs use them.
import os
from os import chdir as cd, mkdir, remove as rm, rename as mv, rmdir


def ls(path="."):
    for name in sorted(os.listdir(path)):
        print(name)


def cat(name):
    with open(name) as file:
        print(file.read(), end="")


def pwd():
    return os.getcwd()
