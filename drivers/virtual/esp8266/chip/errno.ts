/** Error numbers as MicroPython on lwIP reports them. */
export const errno = {
  EAGAIN: 11,
  ENOMEM: 12,
  ENODEV: 19,
  EINVAL: 22,
  EADDRINUSE: 98,
  EBADF: 9,
  ENOTCONN: 107,
  EISCONN: 106,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EALREADY: 114,
} as const;
