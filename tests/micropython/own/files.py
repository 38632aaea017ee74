# Files, folders, and a file system of the program's own.
import os

os.mkdir("own_folder")
with open("own_folder/a.txt", "w") as f:
    f.write("first\nsecond\n")
with open("own_folder/a.txt") as f:
    print([line for line in f], f.tell())
print(os.listdir("own_folder"), os.stat("own_folder/a.txt")[6])
os.rename("own_folder/a.txt", "own_folder/b.txt")
for wrong in ("own_folder", "gone"):
    try:
        os.remove(wrong + "/a.txt")
    except OSError as e:
        print(e.errno)
os.remove("own_folder/b.txt")
os.rmdir("own_folder")
print("own_folder" in os.listdir())


class Memory:
    def mount(self, readonly, mkfs):
        print("mount", readonly)

    def umount(self):
        print("umount")

    def stat(self, path):
        raise OSError(20)

    def ilistdir(self, path):
        return iter((("x", 0x8000, 0),))


os.mount(Memory(), "/memory", readonly=True)
print(os.listdir("/memory"))
try:
    os.stat("/memory/x")
except OSError as e:
    print(e.errno)
os.umount("/memory")
