# Boots the link firmware on a board that starts the exchanges, and is I2C target in them. It takes the place of
# firmware/link/main.py beside the same package `link`. Here is how the board is wired; these pins are those of
# docs/protocol.md §1, with which the virtual board stands in for one that has an I2C target.
from machine import I2CTarget, Pin

from link import app, initiator


def _target(memory):
    return I2CTarget(0, 0x12, mem=memory, mem_addrsize=0, scl=Pin(0), sda=Pin(2))


try:
    initiator.run(_target, syn=Pin(5, Pin.IN), ack=Pin(4, Pin.OUT, value=1))
finally:
    # Whatever ended it, Ctrl-C included: a socket left open goes on taking what nobody reads.
    app.close()
