#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * A program: a description of a machine, read from a file NAME.scfg.
 *
 *     program clock {
 *         title "Clock"
 *         label utility
 *         kernel clock.elf           # or: linux NAME | disk FILE | uefi FILE
 *         initrd FILE                # with kernel
 *         cmdline "quiet"            # with kernel and linux
 *         memory 64M
 *         memory-max 128M            # of the host's, where systemd runs
 *         cpus 1
 *         graphics 2d                # or: virgl [/dev/dri/renderD128]
 *         displays 1                 # at most 16
 *         network none               # or: user
 *         pointer tablet             # or: mouse
 *         ephemeral yes
 *         grace 5s
 *     }
 *
 * Files that are not absolute are looked up beside the program file, then in each machines
 * folder. A file is at most 64 KiB, without NUL bytes.
 */

/** Longest name of a program, without the NUL. */
#define PROGRAM_NAME_MAX 40

enum program_boot {
	PROGRAM_BOOT_KERNEL, // an ELF with a PVH note, or a bzImage
	PROGRAM_BOOT_DISK, // an image, started by UEFI
	PROGRAM_BOOT_UEFI, // an EFI executable
};

enum program_network {
	PROGRAM_NETWORK_NONE,
	PROGRAM_NETWORK_USER,
};

enum program_disk_format {
	PROGRAM_DISK_RAW,
	PROGRAM_DISK_QCOW2,
};

struct program {
	char *name;
	char *title; // UTF-8, without control characters
	char *label; // may be empty
	enum program_boot boot;
	bool is_linux; // gets the host's layout and time zone on its command line
	char *kernel; // kernel or EFI executable; NULL for a disk
	char *initrd; // may be NULL
	char *cmdline; // may be NULL
	char *disk; // may be NULL
	enum program_disk_format disk_format;
	bool disk_read_only; // one that came with a Linux machine: any number may share it
	uint64_t memory_bytes;
	uint64_t memory_max_bytes; // of QEMU and the bridge; 0: no limit
	uint32_t cpus;
	uint32_t displays; // 1 to 16
	bool virgl;
	char *render_node; // path, with virgl; may be NULL: the desk's
	enum program_network network;
	bool mouse; // relative pointer only: no tablet
	bool ephemeral;
	uint32_t grace_ms;
};

/** Where files are looked up. The lists end with NULL and are not owned. */
struct program_search {
	const char *const *program_dirs; // earlier ones hide later ones
	const char *const *machine_dirs;
};

/** Whether a name can be a program's: letters, digits, '.', '_', '-', not first '.' or '-'. */
bool program_name_valid(const char *name);

/**
 * Find and read a program.
 *
 * Returns NULL and sets *error, to be freed, to one line: "FILE:LINE:COLUMN: what" for what
 * stands in the file, "what" otherwise.
 */
struct program *program_load(const struct program_search *search, const char *name, char **error);

/**
 * Parse the text of a program file.
 *
 * path names it in messages and gives the folder for relative names. text may hold anything.
 * Returns as program_load does.
 */
struct program *program_parse(const struct program_search *search, const char *name,
	const char *path, const char *text, size_t size_bytes, char **error);

/** A program of this name with nothing but defaults; it cannot be started. */
struct program *program_create(const char *name);

void program_destroy(struct program *program);

/**
 * Names of all programs in the folders, sorted, each once.
 *
 * Returns a list that ends with NULL, to be freed with program_list_destroy.
 */
char **program_list(const struct program_search *search);

void program_list_destroy(char **names);

#endif
