/** Functions of the `_board` module: the WiFi interfaces and the sockets. */
import type { Chip } from './chip.js';

const STATION_INTERFACE = 0;
const ACCESS_POINT_INTERFACE = 1;

/** Station and access point. */
export function wifiFunctions({ wifi, mac, hostname }: Chip): object {
  let accessPointActive = 1;
  const configuration: Record<string, () => string | number> = {
    ssid: () => wifi.ssid,
    mac: () => mac,
    rssi: () => -60,
    channel: () => 6,
    dhcp_hostname: () => hostname,
  };
  return {
    wifi_active: (networkInterface: number, value: number) => {
      if (networkInterface === ACCESS_POINT_INTERFACE) {
        if (value >= 0) accessPointActive = value;
        return accessPointActive;
      }
      if (networkInterface === STATION_INTERFACE && value >= 0) wifi.setActive(value === 1);
      return wifi.isActive() ? 1 : 0;
    },
    wifi_connect: (ssid: string | null, passphrase: string | null) => {
      wifi.connect(ssid, passphrase);
      return 0;
    },
    wifi_disconnect: () => {
      wifi.disconnect();
      return 0;
    },
    wifi_scan: () => wifi.scan() ?? '',
    wifi_status: () => wifi.currentStatus(),
    wifi_connected: () => (wifi.isConnected() ? 1 : 0),
    wifi_ifconfig: (index: number) => {
      const address = wifi.ipAddress();
      if (address === '0.0.0.0') return address;
      const gateway = address.replace(/\.\d+$/, '.1');
      return [address, '255.255.255.0', gateway, gateway][index] ?? '0.0.0.0';
    },
    wifi_config: (key: string) => configuration[key]?.() ?? '',
  };
}

/** Sockets, and the names they connect to. */
export function socketFunctions({ sockets, memory, resolve }: Chip): object {
  return {
    sock_new: () => sockets.create(),
    sock_connect: (id: number, address: string, port: number) => sockets.connect(id, address, port),
    sock_bind: (id: number, port: number) => sockets.bind(id, port),
    sock_listen: (id: number, backlog: number) => sockets.listen(id, backlog),
    sock_accept: (id: number) => sockets.acceptCall(id),
    sock_remote: (id: number) => sockets.remoteOf(id),
    sock_poll: (id: number, mask: number) => sockets.poll(id, mask),
    sock_wait: (id: number, mask: number, timeoutMs: number) => sockets.wait(id, mask, timeoutMs),
    sock_error: (id: number) => sockets.takeError(id),
    sock_recv: (id: number, buffer: number, length: number) => sockets.receive(id, memory(buffer, length)),
    sock_send: (id: number, buffer: number, length: number) => sockets.send(id, memory(buffer, length)),
    sock_ram: () => sockets.ramBytes,
    sock_close: (id: number) => {
      sockets.close(id);
      return 0;
    },
    resolve: (host: string) => resolve(host) ?? null,
  };
}
