# `lwip`, the name that the port's C module of sockets had; `socket` is the same.
from socket import *
