/** What the lab's machine is made of: packages of the host and of the guest, kernel modules, programs. */

/** The Debian release of host and guest. */
export const RELEASE = 'bookworm';

/** Packages that boot a machine whose image is there already. */
export const PACKAGES_TO_RUN = ['qemu-system-x86', 'squashfs-tools'] as const;

/** Packages that build the image; the kernel's headers come on top, by the kernel's version. */
export const PACKAGES_TO_BUILD = [
  'mmdebstrap',
  'busybox-static',
  'cpio',
  'kmod',
  'xz-utils',
  'gcc',
  'make',
  'patch',
  'libc6-dev',
  'pkg-config',
  'libfuse3-dev',
  'linux-source-6.1',
] as const;

/** The package that names the kernel's newest build of this release. */
export const KERNEL_PACKAGE = 'linux-image-amd64';
/** Where `linux-source-6.1` leaves the kernel's sources, and the folder in it. */
export const KERNEL_SOURCES = '/usr/src/linux-source-6.1.tar.xz';
export const KERNEL_SOURCES_FOLDER = 'linux-source-6.1';

/** On top of Debian's essential packages. */
export const GUEST_PACKAGES = [
  'kmod',
  'procps',
  // What Node and its native packages link with.
  'libatomic1',
  'libstdc++6',
  // The tools of each kernel interface.
  'dnsmasq-base',
  'fuse3',
  'gpiod',
  'hostapd',
  'i2c-tools',
  'iproute2',
  'iputils-ping',
  'iw',
  'libfuse3-3',
  'libgpiod2',
  'nftables',
  'socat',
  'wpasupplicant',
] as const;

/** Modules that the initial RAM file system loads, so that the images can be mounted. */
export const BOOT_MODULES = ['virtio_pci', 'virtio_blk', 'squashfs', 'overlay'] as const;

/** Modules of the root file system; what they depend on comes with them. */
export const GUEST_MODULES = [
  ...BOOT_MODULES,
  // Between host and guest.
  'virtio_console',
  'virtio_net',
  'af_packet',
  // Lines, bus, serial ports.
  'gpio-sim',
  'cuse',
  'ftdi_sio',
  'xhci_pci',
  // Radios; the ciphers of WPA2 are loaded by name when a station joins.
  'mac80211_hwsim',
  'ccm',
  'cmac',
  'ctr',
  'gcm',
  // Packet filter and traffic shaping.
  'nf_tables',
  'nft_ct',
  'nft_limit',
  'nft_reject_inet',
  'sch_htb',
  'sch_ingress',
  'sch_netem',
  'sch_prio',
  'cls_flower',
  'cls_fw',
  'cls_matchall',
  'cls_u32',
  'act_gact',
  'act_mirred',
  'ifb',
  'bridge',
  'veth',
] as const;

/**
 * Files of the kernel's sources that make up the GPIO simulator, which Debian's kernel does not have; gpio-sim.patch
 * makes them build outside of the kernel.
 */
export const GPIO_SIM_SOURCES = [
  'drivers/gpio/gpio-sim.c',
  'drivers/gpio/gpiolib.h',
  'kernel/irq/irq_sim.c',
] as const;
