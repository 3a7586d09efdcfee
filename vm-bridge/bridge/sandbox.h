/*
 * What a bridge may still ask of the kernel once it runs.
 *
 * Every socket that it listens on was made or inherited before; everything else comes to it as a
 * file descriptor. So it opens no file, makes and connects no socket, starts no program, makes no
 * thread, and maps nothing executable: a guest that takes it over finds only what it holds.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>

/**
 * Enter the sandbox, for good. System calls that are not allowed fail with EPERM: nothing that a
 * library tries in vain ends the machine.
 *
 * may_unlink is for a bridge that made its sockets itself, and removes them at its end.
 *
 * Returns false if the kernel has no seccomp filters, or refuses this one; then nothing changed.
 */
bool sandbox_enter(bool may_unlink);

#endif
