#!/bin/busybox sh
# First program of the lab's machine, in its initial RAM file system: stacks a writable layer in memory over the
# two read-only images, the root file system (/dev/vda) and the repository (/dev/vdb), and hands over to start.sh.
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
while read -r module; do insmod "/modules/$module" || echo "lab: $module does not load"; done </modules/order

# layered IMAGE TARGET: mounts IMAGE read-only with a layer in memory over it.
layered() {
  mkdir -p "/images/$2" "/memory/$2/upper" "/memory/$2/work" "/new$3"
  mount -t squashfs -o ro "$1" "/images/$2"
  mount -t overlay -o "lowerdir=/images/$2,upperdir=/memory/$2/upper,workdir=/memory/$2/work" overlay "/new$3"
}
mkdir -p /images /memory /new
mount -t tmpfs -o size=60% none /memory
layered /dev/vda root ''
layered /dev/vdb repository /rig
for tree in proc sys dev; do mount --move "/$tree" "/new/$tree"; done
exec switch_root /new /bin/bash /rig/tests/lab/guest/start.sh
