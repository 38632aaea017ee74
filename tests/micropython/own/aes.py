# The example vectors of NIST SP 800-38A (F.1.1, F.2.1), first blocks.
from binascii import hexlify, unhexlify
from cryptolib import aes

key = unhexlify("2b7e151628aed2a6abf7158809cf4f3c")
plain = unhexlify("6bc1bee22e409f96e93d7e117393172a")
print(hexlify(aes(key, 1).encrypt(plain)))
secret = aes(key, 2, bytes(range(16))).encrypt(plain + plain)
print(hexlify(secret)[:32], aes(key, 2, bytes(range(16))).decrypt(secret) == plain + plain)
for wrong in ((key, 6, bytes(16)), (b"short", 1), (key, 2)):
    try:
        aes(*wrong)
    except ValueError as e:
        print(e)
