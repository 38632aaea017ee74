# The older name of `machine`.
from machine import *
