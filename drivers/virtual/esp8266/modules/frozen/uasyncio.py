# The older name of `asyncio`, when _board_init.py has not given it already because flash holds an `asyncio`.
from asyncio import *
