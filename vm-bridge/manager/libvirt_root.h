#ifndef LIBVIRT_ROOT_H
#define LIBVIRT_ROOT_H

/**
 * The root folder of libvirt's embedded driver: its configuration, and the capabilities of
 * QEMU, which take seconds to probe and are therefore shared between desks by copying.
 * libvirt itself checks that they still fit.
 */

/**
 * Make the root, its qemu.conf, and copy kept capabilities in.
 *
 * cache_folder and emulator may be NULL. Returns 0 or -errno; a cache that cannot be read is
 * no error.
 */
int libvirt_root_prepare(const char *root, const char *cache_folder, const char *emulator);

/** Keep what was probed for the next start. Errors are logged only. */
void libvirt_root_keep_capabilities(
	const char *root, const char *cache_folder, const char *emulator);

#endif
