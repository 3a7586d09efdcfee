/*
 * A renderer: it takes commands from one ring, executes them, and answers on the other.
 */
#ifndef RENDER_H
#define RENDER_H

/**
 * Serve the bridge at the other end of a connected SOCK_SEQPACKET socket, whose first datagram
 * carries the fds of both rings, commands and then replies: memory, reader_wakes, writer_wakes of
 * each. drm_fd is the render node's, or below 0 for software. Both fds belong to this call.
 *
 * Returns when the bridge has gone: 0; or 1, when nothing could be rendered or the bridge said
 * what no bridge says, and then that is told on standard error.
 */
int render_serve(int socket_fd, int drm_fd);

#endif
