# What firmware packs, parses and counts with.
import json, struct, binascii, time, re, hashlib

print(json.dumps([1, "a", None, True, 0.5]), json.loads('{"a": [1, {"b": "e"}]}'))
print(struct.pack("<BHi", 1, 2, -3), struct.unpack(">hI", b"\xff\xfe\x00\x00\x01\x00"), struct.calcsize("<3sI"))
print(binascii.hexlify(b"\x00\xfe"), binascii.a2b_base64(b"aGFsbG8="))
print(binascii.hexlify(hashlib.sha256(b"rig").digest()))
print(re.match(r"(\d+)-(\w+)", "12-ab").group(2), re.sub("a+", "b", "caaat"))
before = time.time()
time.sleep(0.02)
print(time.time() - before < 2)


def numbers():
    got = yield 1
    try:
        yield got
    finally:
        print("closed")


g = numbers()
print(next(g), g.send("sent"))
g.close()
print("%5.1f|%-4d|{:>4}".format("x") % (2.75, 7), f"{6 * 7:#x}", 2**70 // 3)
