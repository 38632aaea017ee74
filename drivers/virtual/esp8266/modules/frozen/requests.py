# The newer name of `urequests`.
from urequests import *
