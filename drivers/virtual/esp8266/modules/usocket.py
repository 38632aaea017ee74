# The older name of `socket`.
from socket import *
