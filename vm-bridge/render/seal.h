/*
 * What a renderer may still ask of the kernel once it draws for a guest.
 *
 * OpenGL drivers compile code and start threads as they go: both stay allowed. Files, sockets,
 * programs and other processes are out of reach; what is tried in vain fails with EPERM, which
 * drivers take for a file that is missing.
 */
#ifndef SEAL_H
#define SEAL_H

#include <stdbool.h>

/**
 * Seal the process, all its threads, for good. with_gpu: the driver talks to a DRM device.
 *
 * Returns false if the kernel has no seccomp filters, or refuses this one; then nothing changed.
 */
bool seal_enter(bool with_gpu);

#endif
