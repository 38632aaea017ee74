# The older name of `cryptolib`.
from cryptolib import *
