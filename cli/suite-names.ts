/** What on a command line is a suite. */

/** The suite of every scenario. */
export const ALL = 'all';

export const isSuiteFile = (argument: string): boolean => /\.ya?ml$/.test(argument);
