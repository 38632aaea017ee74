/** Every scenario of the rig, in the order in which `rig list` shows them. */
import type { Scenario } from '../rig/run/scenario.js';
import { appCrash } from './app-crash.js';
import { appHang } from './app-hang.js';
import { badWifi } from './bad-wifi.js';
import { bootLoop } from './boot-loop.js';
import { bootStrap } from './boot-strap.js';
import { brownOut } from './brown-out.js';
import { burst } from './burst.js';
import { handlerHang } from './handler-hang.js';
import { linkNoise } from './link-noise.js';
import { lmacDeadlock } from './lmac-deadlock.js';
import { memory } from './memory.js';
import { oversize } from './oversize.js';
import { powerCut } from './power-cut.js';
import { qosMatrix } from './qos-matrix.js';
import { resetButton } from './reset-button.js';
import { rtcOverflow } from './rtc-overflow.js';
import { serverOutage } from './server-outage.js';
import { soak } from './soak.js';
import { steady } from './steady.js';
import { tlsLimits } from './tls-limits.js';
import { wifiBlackhole } from './wifi-blackhole.js';
import { wifiDegraded } from './wifi-degraded.js';
import { wifiKick } from './wifi-kick.js';
import { wifiOutage } from './wifi-outage.js';

export const scenarios: readonly Scenario[] = [
  steady,
  wifiOutage,
  wifiKick,
  wifiBlackhole,
  wifiDegraded,
  qosMatrix,
  burst,
  serverOutage,
  badWifi,
  oversize,
  lmacDeadlock,
  linkNoise,
  tlsLimits,
  powerCut,
  brownOut,
  resetButton,
  bootStrap,
  bootLoop,
  appCrash,
  appHang,
  handlerHang,
  rtcOverflow,
  memory,
  soak,
];
