#include "boot/fw_cfg.h"

#include <string.h>

#include "boot/io.h"

#define SELECTOR 0x510
#define DATA 0x511
#define KEY_SIGNATURE 0x0000
#define KEY_DIRECTORY 0x0019
#define NAME_BYTES 56

// An entry of the directory, big endian.
struct directory_entry {
	uint8_t size[4];
	uint8_t key[2];
	uint8_t reserved[2];
	char name[NAME_BYTES];
};

static uint32_t read_u32(const uint8_t *bytes) {
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
		bytes[3];
}

bool fw_cfg_find(const char *name, struct fw_cfg_file *file) {
	char signature[4];
	outw(SELECTOR, KEY_SIGNATURE);
	insb(DATA, signature, sizeof(signature));
	if (memcmp(signature, "QEMU", sizeof(signature)) != 0) {
		return false;
	}
	uint8_t count[4];
	outw(SELECTOR, KEY_DIRECTORY);
	insb(DATA, count, sizeof(count));
	for (uint32_t i = read_u32(count); i > 0; i--) {
		struct directory_entry entry;
		insb(DATA, &entry, sizeof(entry));
		entry.name[NAME_BYTES - 1] = '\0';
		if (strcmp(entry.name, name) == 0) {
			file->size_bytes = read_u32(entry.size);
			file->key = (uint16_t)(entry.key[0] << 8 | entry.key[1]);
			return true;
		}
	}
	return false;
}

uint32_t fw_cfg_read(const struct fw_cfg_file *file, void *data, uint32_t size_bytes) {
	uint32_t length = size_bytes < file->size_bytes ? size_bytes : file->size_bytes;
	outw(SELECTOR, file->key);
	insb(DATA, data, length);
	return length;
}
