#include <cmocka.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "domain_xml.h"
#include "file.h"

static struct program make_program(void) {
	return (struct program){
		.name = "p",
		.title = "P",
		.label = "",
		.boot = PROGRAM_BOOT_KERNEL,
		.kernel = "/k/a&b<c>'d\".elf",
		.memory_bytes = 64 << 20,
		.cpus = 2,
		.displays = 3,
	};
}

static struct domain_xml make_input(const struct program *program) {
	return (struct domain_xml){
		.program = program,
		.name = "p-2",
		.uuid = "3285713c-d4d3-4f69-a55a-87ba277812d2",
		.emulator = "/usr/bin/qemu-system-x86_64",
		.gpu_path = "/d/a,b/g",
		.keyboard_path = "/d/k",
		.tablet_path = "/d/t",
		.mouse_path = "/d/m",
		.serial_path = "/d/serial.log",
	};
}

static void assert_has(const char *xml, const char *part) {
	if (strstr(xml, part) == NULL) {
		fail_msg("%s\nis not in\n%s", part, xml);
	}
}

static void test_kernel(void **state) {
	struct program program = make_program();
	struct domain_xml input = make_input(&program);
	input.keymap_path = "/d,'&/keymap";
	input.timezone_path = "/d/timezone";
	input.cmdline = "a \"b\" \x01";
	char *xml = domain_xml_write(&input);
	assert_has(xml, "<domain type='qemu' ");
	assert_has(xml, "<cpu mode='maximum'/>");
	assert_has(xml, "<memory unit='b'>67108864</memory><vcpu>2</vcpu>");
	assert_has(xml, "<kernel>/k/a&amp;b&lt;c&gt;&apos;d&quot;.elf</kernel>");
	assert_has(xml, "<cmdline>a &quot;b&quot; ?</cmdline>");
	assert_has(xml,
		"<qemu:arg value='-fw_cfg'/><qemu:arg "
		"value='name=opt/org.redecho/keymap,file=/d,,&apos;&amp;/keymap'/>");
	assert_has(xml, "value='name=opt/org.redecho/timezone,file=/d/timezone'/>");
	assert_has(xml, "<source type='memfd'/><access mode='shared'/>");
	assert_has(xml, "path=/d/a,,b/g'"); // QEMU's commas
	assert_has(xml,
		"vhost-user-gpu-pci,max_outputs=3,id=redecho-gpu,chardev=char-redecho-gpu,"
		"bus=pcie.0,addr=0x10");
	assert_has(xml, "id=redecho-tablet,");
	assert_has(xml, "<graphics type='dbus' p2p='yes'/>");
	assert_null(strstr(xml, "<interface"));
	assert_null(strstr(xml, "<disk"));
	free(xml);
}

static void test_choices(void **state) {
	struct program program = make_program();
	program.network = PROGRAM_NETWORK_USER;
	struct domain_xml input = make_input(&program);
	input.kvm = true;
	input.tablet_path = NULL;
	char *xml = domain_xml_write(&input);
	assert_has(xml, "<domain type='kvm' ");
	assert_has(xml, "<cpu mode='host-passthrough'/>");
	assert_has(xml, "<interface type='user'>");
	assert_null(strstr(xml, "redecho-tablet"));
	assert_null(strstr(xml, "-fw_cfg"));
	free(xml);
}

static void test_disk(void **state) {
	struct program program = make_program();
	program.boot = PROGRAM_BOOT_DISK;
	program.kernel = NULL;
	program.disk = "/k/disk.img";
	struct domain_xml input = make_input(&program);
	char *xml = domain_xml_write(&input);
	assert_has(xml, "<os firmware='efi'>");
	assert_has(xml, "type='raw'");
	assert_has(xml, "<source file='/k/disk.img'/>");
	free(xml);
	input.overlay_path = "/o.qcow2";
	xml = domain_xml_write(&input);
	assert_has(xml, "type='qcow2'");
	assert_has(xml, "<source file='/o.qcow2'/>");
	assert_null(strstr(xml, "/k/disk.img"));
	assert_null(strstr(xml, "<readonly/>"));
	free(xml);
}

/* Beside a kernel: nothing is started from it, and QEMU may not write to it. */
static void test_disk_of_linux(void **state) {
	struct program program = make_program();
	program.disk = "/m/linux-gl/disk";
	program.disk_read_only = true;
	struct domain_xml input = make_input(&program);
	char *xml = domain_xml_write(&input);
	assert_has(xml, "<kernel>");
	assert_has(xml, "<source file='/m/linux-gl/disk'/>");
	assert_has(xml, "<readonly/></disk>");
	assert_null(strstr(xml, "<boot "));
	free(xml);
}

static void test_graphics(void **state) {
	struct program program = make_program();
	struct domain_xml input = make_input(&program);
	input.way = GRAPHICS_GL;
	input.render_node = "/dev/dri/a&b'";
	char *xml = domain_xml_write(&input);
	assert_has(xml,
		"<graphics type='dbus' p2p='yes'>"
		"<gl enable='yes' rendernode='/dev/dri/a&amp;b&apos;'/></graphics>");
	assert_has(xml,
		"'vhost-user-gpu-pci,max_outputs=3,id=redecho-gpu,chardev=char-redecho-gpu,"
		"bus=pcie.0,addr=0x10'");
	free(xml);
	// Its size is told by the back end, and QEMU has nothing to draw.
	input.way = GRAPHICS_DEVICE;
	xml = domain_xml_write(&input);
	assert_null(strstr(xml, "<graphics"));
	assert_null(strstr(xml, "vhost-user-gpu"));
	assert_has(xml,
		"'vhost-user-test-device-pci,virtio-id=16,num_vqs=2,vq_size=256,config_size=16,"
		"id=redecho-gpu,chardev=char-redecho-gpu,bus=pcie.0,addr=0x10'");
	free(xml);
}

/* libvirt's own reader, with its schema where that is installed, takes every variant. */
static void test_libvirt_reads_it(void **state) {
	virConnectPtr connection = virConnectOpen("test:///default");
	if (connection == NULL) {
		print_message("skipped: libvirt has no test driver\n");
		skip();
	}
	struct program program = make_program();
	struct domain_xml input = make_input(&program);
	input.keymap_path = "/d/keymap";
	input.render_node = "/dev/dri/renderD128";
	for (int i = 0; i < 3; i++) {
		input.way = (enum graphics_way)i;
		program.network = i == 0 ? PROGRAM_NETWORK_NONE : PROGRAM_NETWORK_USER;
		program.is_linux = i != 0;
		char *xml = domain_xml_write(&input);
		// The test driver has only its own machine type.
		char *type = strstr(xml, "<domain type='qemu'");
		assert_non_null(type);
		memcpy(type, "<domain type='test'", strlen("<domain type='test'"));
		virDomainPtr domain = virDomainDefineXMLFlags(
			connection, xml, VIR_DOMAIN_DEFINE_VALIDATE);
		if (domain == NULL) {
			fail_msg("%s: %s", virGetLastErrorMessage(), xml);
		}
		virDomainUndefine(domain);
		virDomainFree(domain);
		free(xml);
	}
	virConnectClose(connection);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_disk),
		cmocka_unit_test(test_graphics),
		cmocka_unit_test(test_disk_of_linux),
		cmocka_unit_test(test_libvirt_reads_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
