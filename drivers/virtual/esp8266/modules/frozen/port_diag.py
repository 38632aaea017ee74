# `port_diag`: what can be said of the virtual board.
import esp, network

print("Flash:", esp.flash_id(), esp.flash_size())
print("STA ifconfig:", network.WLAN(network.STA_IF).ifconfig())
