#!/bin/bash
# Process 1 of the lab's machine: makes it a usable system, runs the job that the host asks for, and says how it ended.
# What it prints before the job is the machine's console; the job's results travel on a channel of their own.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
mount -t tmpfs none /tmp
mount -t tmpfs none /run
mkdir -p /dev/pts /dev/shm /var/run
mount -t devpts none /dev/pts
mount -t tmpfs none /dev/shm
hostname lab
ip link set lo up

# Everything that the host wants to tell comes on the kernel's command line as rig.NAME=VALUE.
for word in $(</proc/cmdline); do
  case $word in rig.*) name=${word%%=*} && export "RIG_LAB_${name#rig.}=${word#*=}" ;; esac
done

modprobe -a virtio_console virtio_net
for module in gpio-sim cuse xhci_pci ftdi_sio; do modprobe "$module"; done
mount -t configfs none /sys/kernel/config
modprobe mac80211_hwsim radios=2

# QEMU's user network: this machine is 10.0.2.15, the host 10.0.2.2.
for _ in {1..50}; do [[ -e /sys/class/net/eth0 ]] && break; sleep 0.1; done
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0

for port in /sys/class/virtio-ports/*; do
  [[ $(<"$port/name") == rig.results ]] && results=/dev/${port##*/}
done

cd /rig || exit
bash "/rig/tests/lab/guest/${RIG_LAB_job:-suites}.sh" >"$results"
echo "# exit $?" >"$results"
# The host switches the machine off when it reads that; should it not, the machine does so itself.
sleep 10
echo o >/proc/sysrq-trigger
sleep 10
