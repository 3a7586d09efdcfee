/**
 * The host's settings: QEMU's fw_cfg device at ports 0x510 and 0x511.
 *
 * QEMU, docs/specs/fw_cfg.
 */
#ifndef GK_BOOT_FW_CFG_H
#define GK_BOOT_FW_CFG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/heap.h"

struct fw_cfg_file {
	uint16_t key;
	uint32_t size_bytes;
};

/** Find a file by its whole name. Returns false if there is none, or no fw_cfg device. */
bool fw_cfg_find(const char *name, struct fw_cfg_file *file);

/**
 * Read up to size_bytes of a file from its beginning.
 *
 * Returns how many were read: less than asked for if the file is shorter.
 */
uint32_t fw_cfg_read(const struct fw_cfg_file *file, void *data, uint32_t size_bytes);

#endif
