# The older name of `ssl`.
from ssl import *
