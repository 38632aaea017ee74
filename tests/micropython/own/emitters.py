# Native and viper functions are taken wherever a program comes from.
import micropython


@micropython.native
def add(a, b):
    return a + b


@micropython.viper
def twice(x: int) -> int:
    return 2 * x


names = {}
exec("@micropython.native\ndef f(): return 3", names)
print(add(1, 2), twice(4), names["f"]())
try:
    exec("@micropython.nothing\ndef f(): return 3")
except SyntaxError as e:
    print(e)
