# `apa106`: no LED strip on the virtual board yet.
from neopixel import NeoPixel as APA106
