#include "domain_xml.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

/* PCI slots on the root complex; libvirt's own stand at 0x01 and from 0x1d on. */
enum {
	SLOT_GPU = 0x10,
	SLOT_KEYBOARD,
	SLOT_TABLET,
	SLOT_MOUSE,
};

/* Any virtio device, as its back end makes it: here a GPU with its two queues and configuration. */
#define GPU_DEVICE "vhost-user-test-device-pci,virtio-id=16,num_vqs=2,vq_size=256,config_size=16"

static void put_escaped(FILE *out, const char *text) {
	for (const char *at = text; *at != '\0'; at++) {
		switch (*at) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '\'':
			fputs("&apos;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			// XML 1.0 has no place for control characters, not even escaped.
			fputc((unsigned char)*at < 0x20 || *at == 0x7f ? '?' : *at, out);
		}
	}
}

/* Each %s in the format is one of the strings that follow, escaped; %% and others are not. */
static void put(FILE *out, const char *format, ...) {
	va_list args;
	va_start(args, format);
	const char *at = format;
	const char *mark;
	while ((mark = strstr(at, "%s")) != NULL) {
		fwrite(at, 1, (size_t)(mark - at), out);
		put_escaped(out, va_arg(args, const char *));
		at = mark + 2;
	}
	fputs(at, out);
	va_end(args);
}

static void put_os(FILE *out, const struct domain_xml *input) {
	const struct program *program = input->program;
	bool uefi = program->boot != PROGRAM_BOOT_KERNEL;
	put(out, uefi ? "<os firmware='efi'>" : "<os>");
	put(out, "<type arch='x86_64' machine='q35'>hvm</type>");
	if (uefi) {
		// Nothing of ours is signed.
		put(out, "<firmware><feature enabled='no' name='secure-boot'/></firmware>");
	}
	if (program->kernel != NULL) {
		put(out, "<kernel>%s</kernel>", program->kernel);
	}
	if (program->initrd != NULL) {
		put(out, "<initrd>%s</initrd>", program->initrd);
	}
	if (input->cmdline != NULL) {
		put(out, "<cmdline>%s</cmdline>", input->cmdline);
	}
	put(out, "</os>");
}

static void put_disk(FILE *out, const struct domain_xml *input) {
	const struct program *program = input->program;
	if (program->disk == NULL) {
		return;
	}
	bool qcow2 = input->overlay_path != NULL || program->disk_format == PROGRAM_DISK_QCOW2;
	put(out,
		"<disk type='file' device='disk'>"
		"<driver name='qemu' type='%s' discard='unmap'/>"
		"<source file='%s'/><target dev='vda' bus='virtio'/>",
		qcow2 ? "qcow2" : "raw",
		input->overlay_path != NULL ? input->overlay_path : program->disk);
	put(out, program->disk_read_only ? "<readonly/></disk>" : "<boot order='1'/></disk>");
}

/* QEMU's display, by which vhost-user-gpu tells the guest its size: the other device does itself. */
static void put_graphics(FILE *out, const struct domain_xml *input) {
	if (input->way == GRAPHICS_GL) {
		put(out,
			"<graphics type='dbus' p2p='yes'><gl enable='yes' rendernode='%s'/>"
			"</graphics>",
			input->render_node);
	} else if (input->way == GRAPHICS_2D) {
		put(out, "<graphics type='dbus' p2p='yes'/>");
	}
}

static void put_devices(FILE *out, const struct domain_xml *input) {
	const struct program *program = input->program;
	put(out, "<devices>");
	if (input->emulator != NULL) {
		put(out, "<emulator>%s</emulator>", input->emulator);
	}
	put_disk(out, input);
	put(out, "<controller type='usb' model='none'/>");
	if (program->network == PROGRAM_NETWORK_USER) {
		put(out,
			"<interface type='user'><model type='virtio'/><rom "
			"enabled='no'/></interface>");
	}
	put(out,
		"<serial type='file'><source path='%s' append='on'/>"
		"<target type='isa-serial' port='0'/></serial>",
		input->serial_path);
	put_graphics(out, input);
	put(out,
		"<video><model type='none'/></video>"
		"<audio id='1' type='none'/>");
	if (program->is_linux || program->boot != PROGRAM_BOOT_KERNEL) {
		put(out,
			"<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>");
	}
	put(out, "<memballoon model='none'/><panic model='isa'/></devices>");
}

/* For QEMU's option syntax: a comma inside a value is doubled. To be freed. */
static char *double_commas(const char *path) {
	char *doubled = calloc(2, strlen(path) + 1);
	if (doubled == NULL) {
		abort();
	}
	char *to = doubled;
	for (const char *at = path; *at != '\0'; at++) {
		*to++ = *at;
		if (*at == ',') {
			*to++ = ',';
		}
	}
	return doubled;
}

/* By hand: libvirt's <sysinfo type='fwcfg'> leaves commas as they are, and writes &amp; for &. */
static void put_fw_cfg(FILE *out, const char *name, const char *path) {
	if (path == NULL) {
		return;
	}
	char *doubled = double_commas(path);
	put(out, "<qemu:arg value='-fw_cfg'/><qemu:arg value='name=opt/org.redecho/%s,file=%s'/>",
		name, doubled);
	free(doubled);
}

static void put_vhost_user(
	FILE *out, const char *driver, const char *id, int slot, const char *path) {
	char *doubled = double_commas(path);
	char *device = format_string(
		"%s,id=%s,chardev=char-%s,bus=pcie.0,addr=0x%x", driver, id, id, (unsigned)slot);
	put(out,
		"<qemu:arg value='-chardev'/><qemu:arg value='socket,id=char-%s,path=%s'/>"
		"<qemu:arg value='-device'/><qemu:arg value='%s'/>",
		id, doubled, device);
	free(device);
	free(doubled);
}

/* With vhost-user-gpu QEMU tells the guest how many scanouts there are, else the bridge does. */
static void put_gpu(FILE *out, const struct domain_xml *input) {
	char *driver = input->way == GRAPHICS_DEVICE
		? format_string("%s", GPU_DEVICE)
		: format_string(
			  "vhost-user-gpu-pci,max_outputs=%" PRIu32, input->program->displays);
	put_vhost_user(out, driver, "redecho-gpu", SLOT_GPU, input->gpu_path);
	free(driver);
}

static void put_commandline(FILE *out, const struct domain_xml *input) {
	put(out, "<qemu:commandline>");
	put_gpu(out, input);
	put_vhost_user(out, "vhost-user-input-pci", "redecho-keyboard", SLOT_KEYBOARD,
		input->keyboard_path);
	if (input->tablet_path != NULL) {
		put_vhost_user(out, "vhost-user-input-pci", "redecho-tablet", SLOT_TABLET,
			input->tablet_path);
	}
	put_vhost_user(out, "vhost-user-input-pci", "redecho-mouse", SLOT_MOUSE, input->mouse_path);
	put_fw_cfg(out, "keymap", input->keymap_path);
	put_fw_cfg(out, "timezone", input->timezone_path);
	put(out, "</qemu:commandline>");
}

char *domain_xml_write(const struct domain_xml *input) {
	const struct program *program = input->program;
	char *xml = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&xml, &size);
	if (out == NULL) {
		abort();
	}
	put(out,
		"<domain type='%s' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
		"<name>%s</name><uuid>%s</uuid>",
		input->kvm ? "kvm" : "qemu", input->name, input->uuid);
	fprintf(out, "<memory unit='b'>%" PRIu64 "</memory><vcpu>%" PRIu32 "</vcpu>",
		program->memory_bytes, program->cpus);
	put(out, "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>");
	put_os(out, input);
	put(out, "<features><acpi/><apic/><ps2 state='off'/><vmport state='off'/></features>");
	put(out, "<cpu mode='%s'/>", input->kvm ? "host-passthrough" : "maximum");
	put(out,
		"<clock offset='utc'/>"
		"<on_poweroff>destroy</on_poweroff>"
		"<on_reboot>restart</on_reboot>"
		"<on_crash>destroy</on_crash>");
	put_devices(out, input);
	put_commandline(out, input);
	put(out, "</domain>\n");
	if (fclose(out) != 0) {
		abort();
	}
	return xml;
}
