#ifndef DOMAIN_XML_H
#define DOMAIN_XML_H

#include <stdbool.h>

#include "graphics.h"
#include "program.h"

/** What a domain's XML is written from, beside its program. All strings are borrowed. */
struct domain_xml {
	const struct program *program;
	const char *name;
	const char *uuid; // in its text form
	const char *emulator; // path of qemu-system-x86_64; NULL for libvirt's choice
	bool kvm;
	// Paths of the sockets that the bridge listens on.
	const char *gpu_path;
	const char *keyboard_path;
	const char *tablet_path; // may be NULL
	const char *mouse_path;
	const char *serial_path; // the file the first serial port is appended to
	// Files whose content the guest finds in fw_cfg; may be NULL.
	const char *keymap_path; // opt/org.redecho/keymap
	const char *timezone_path; // opt/org.redecho/timezone
	const char *cmdline; // the whole command line; may be NULL
	// The disk, if it is not the program's own file but an overlay of it; may be NULL.
	const char *overlay_path; // qcow2
	enum graphics_way way;
	const char *render_node; // with GRAPHICS_GL
};

/**
 * Write the domain XML of a machine (libvirt: formatdomain).
 *
 * The machine is a q35 with nothing but what a program needs: no VGA, USB, PS/2 or balloon.
 * Its memory is shared (memfd), as vhost-user asks. The vhost-user devices stand at fixed
 * addresses from 0x10 on, where libvirt places none.
 *
 * Returns the XML, to be freed. A character that XML cannot hold becomes '?'.
 */
char *domain_xml_write(const struct domain_xml *input);

#endif
