/**
 * The end of a program that went wrong: a report on the log, the host is told, the machine halts.
 */
#ifndef GK_BOOT_EXCEPTION_H
#define GK_BOOT_EXCEPTION_H

/** Tell the host by pvpanic, where it has that, and halt for ever. QEMU docs/specs/pvpanic. */
_Noreturn void exception_halt(void);

#endif
