# `umqtt`: see simple.py.
