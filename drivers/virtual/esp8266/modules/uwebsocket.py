# The older name of `websocket`.
from websocket import *
