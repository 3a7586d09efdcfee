/*
 * File descriptors on the socket between a bridge and its renderer, one datagram at a time.
 */
#ifndef RENDER_FDS_H
#define RENDER_FDS_H

#include <stdbool.h>
#include <stddef.h>

/** Of one datagram. */
#define RENDER_FDS_MAX 32

/**
 * Send fds, at least one and at most RENDER_FDS_MAX, which stay the caller's. Does not wait: a
 * peer that takes none of many is as good as gone.
 */
bool render_fds_send(int socket_fd, const int *fds, size_t fds_len);

#endif
