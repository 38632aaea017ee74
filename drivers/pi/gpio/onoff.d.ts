/**
 * The part of the package `onoff` that is used. With the package's own types the rig could not be built where the package
 * is not installed, which is where its native part cannot be compiled.
 */
declare module 'onoff' {
  export const Gpio: import('./onoff-package.js').SysfsGpioClass;
}
