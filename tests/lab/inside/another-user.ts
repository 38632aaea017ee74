/** Does something as a user without rights, whose processes have no groups either. */

/** `nobody`, `nogroup` (Debian's base-passwd). */
const NOBODY = 65_534;

/** Until `becomeRootAgain`, the whole process, threads included, has the rights of `nobody`. */
export function becomeNobody(): void {
  process.setgroups?.([]);
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
}

export function becomeRootAgain(): void {
  process.seteuid?.(0);
  process.setegid?.(0);
}
