#ifndef SIGBUS_H
#define SIGBUS_H

/**
 * Let the process live when a file that it has mapped turns out to be shorter than its mapping:
 * the page reads as zeros from then on. A client passes files that it can cut at any time, and
 * not all that wlroots reads of them is guarded (a virtual keyboard's keymap is not). The same
 * happens where a file system in memory is full.
 *
 * It holds for the whole process; handlers that are installed later and pass on what is not
 * theirs, such as wlroots' own for wl_shm, go together with it.
 */
void sigbus_guard(void);

#endif
