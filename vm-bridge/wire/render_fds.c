#include "render_fds.h"

#include <string.h>
#include <sys/socket.h>

bool render_fds_send(int socket_fd, const int *fds, size_t fds_len) {
	char byte = 0;
	struct iovec iov = {.iov_base = &byte, .iov_len = sizeof(byte)};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(RENDER_FDS_MAX * sizeof(int))] = {0};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = CMSG_SPACE(fds_len * sizeof(int)),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(fds_len * sizeof(int));
	memcpy(CMSG_DATA(header), fds, fds_len * sizeof(int));
	return sendmsg(socket_fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}
