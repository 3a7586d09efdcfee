// A listening socket in a folder of its own, as redecho-vmd makes them for a bridge.
#ifndef FAKE_SOCKET_H
#define FAKE_SOCKET_H

#include <sys/un.h>

struct fake_socket {
	char folder[64];
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

/** Returns a listening socket that belongs to the caller. Ends the process on failure. */
int fake_socket_listen(struct fake_socket *sock);

/** Remove the socket and its folder. */
void fake_socket_remove(struct fake_socket *sock);

/** How many file descriptors this process has open. */
unsigned fake_socket_count_fds(void);

#endif
