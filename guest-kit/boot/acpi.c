#include "boot/acpi.h"

#include <stddef.h>
#include <string.h>

#include "boot/interrupt.h"
#include "boot/io.h"

#define PM1_POWER_BUTTON 0x0100
#define PM1_CONTROL_SCI_ENABLED 0x0001
#define PM1_CONTROL_SLEEP_TYPE_SHIFT 10
#define PM1_CONTROL_SLEEP_ENABLE 0x2000

#define AML_BYTE_PREFIX 0x0a
#define AML_PACKAGE 0x12

#define TABLE_SIZE_MAX (4u << 20)

struct rsdp {
	char signature[8];
	uint8_t checksum;
	char oem[6];
	uint8_t revision;
	uint32_t rsdt_address;
	uint32_t length;
	uint64_t xsdt_address;
} __attribute__((packed));

struct table {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem[26];
};

// 5.2.9; the fields up to those that are used.
struct fadt {
	struct table header;
	uint32_t firmware_control;
	uint32_t dsdt;
	uint8_t reserved0[2];
	uint16_t sci_interrupt;
	uint32_t smi_command;
	uint8_t acpi_enable;
	uint8_t reserved1[3];
	uint32_t pm1a_event;
	uint32_t pm1b_event;
	uint32_t pm1a_control;
	uint8_t reserved2[20];
	uint8_t pm1_event_length;
} __attribute__((packed));

// PCI Firmware Specification 3.3, 4.1.2, with its first entry.
struct mcfg {
	struct table header;
	uint64_t reserved0;
	uint64_t base_address;
	uint16_t segment;
	uint8_t first_bus;
	uint8_t last_bus;
} __attribute__((packed));

_Static_assert(offsetof(struct fadt, sci_interrupt) == 46, "as in the standard");
_Static_assert(offsetof(struct fadt, pm1_event_length) == 88, "as in the standard");

static bool sum_is_zero(const void *data, size_t size_bytes) {
	const uint8_t *bytes = data;
	uint8_t sum = 0;
	for (size_t i = 0; i < size_bytes; i++) {
		sum += bytes[i];
	}
	return sum == 0;
}

static const struct rsdp *check_rsdp(uint64_t address) {
	const struct rsdp *rsdp = (void *)address;
	bool valid = memcmp(rsdp->signature, "RSD PTR ", 8) == 0 && sum_is_zero(rsdp, 20);
	return valid ? rsdp : NULL;
}

// 5.2.5.1: on a boundary of 16 bytes in the BIOS area.
static const struct rsdp *search_rsdp(void) {
	for (uint64_t address = 0xe0000; address < 0x100000; address += 16) {
		const struct rsdp *rsdp = check_rsdp(address);
		if (rsdp != NULL) {
			return rsdp;
		}
	}
	return NULL;
}

// A table below 4 GiB, which is what is mapped, with the right signature and sum.
static const void *check_table(uint64_t address, const char *signature, size_t least_bytes) {
	if (address == 0 || address > UINT32_MAX - TABLE_SIZE_MAX) {
		return NULL;
	}
	const struct table *table = (void *)address;
	if (memcmp(table->signature, signature, 4) != 0 || table->length < least_bytes ||
		table->length > TABLE_SIZE_MAX || !sum_is_zero(table, table->length)) {
		return NULL;
	}
	return table;
}

static const void *find_table(const struct rsdp *rsdp, const char *signature, size_t least_bytes) {
	bool extended = rsdp->revision >= 2 && rsdp->xsdt_address != 0;
	const struct table *root = extended
		? check_table(rsdp->xsdt_address, "XSDT", sizeof(*root))
		: check_table(rsdp->rsdt_address, "RSDT", sizeof(*root));
	if (root == NULL) {
		return NULL;
	}
	size_t entry_bytes = extended ? 8 : 4;
	size_t count = (root->length - sizeof(*root)) / entry_bytes;
	for (size_t i = 0; i < count; i++) {
		uint64_t address = 0;
		memcpy(&address, (const char *)(root + 1) + i * entry_bytes, entry_bytes);
		const void *table = check_table(address, signature, least_bytes);
		if (table != NULL) {
			return table;
		}
	}
	return NULL;
}

// Name (_S5, Package () { SLP_TYPa, ... }): 20.2.5.4 DefPackage, its first element a small number.
static void find_s5(struct acpi *acpi, const struct table *dsdt) {
	const uint8_t *aml = (const uint8_t *)dsdt;
	for (uint32_t i = sizeof(*dsdt); i + 12 < dsdt->length; i++) {
		if (memcmp(aml + i, "_S5_", 4) != 0 || aml[i + 4] != AML_PACKAGE) {
			continue;
		}
		uint32_t at = i + 5;
		at += 1 + (aml[at] >> 6); // PkgLength
		at += 1; // NumElements
		if (aml[at] == AML_BYTE_PREFIX) {
			at++;
		}
		acpi->s5_type = aml[at] & 7;
		acpi->has_s5 = true;
		return;
	}
}

static void read_fadt(struct acpi *acpi, const struct fadt *fadt) {
	acpi->event_port = (uint16_t)fadt->pm1a_event;
	acpi->event_bytes = fadt->pm1_event_length;
	acpi->control_port = (uint16_t)fadt->pm1a_control;
	if (fadt->sci_interrupt < 16) {
		acpi->sci_input = fadt->sci_interrupt;
	}
	if (acpi->control_port != 0 && fadt->smi_command != 0 && fadt->acpi_enable != 0) {
		// 4.8.3.2.1: hand the registers over from the firmware to us.
		outb((uint16_t)fadt->smi_command, fadt->acpi_enable);
		for (int patience = 0; patience < 10000; patience++) {
			if (inw(acpi->control_port) & PM1_CONTROL_SCI_ENABLED) {
				break;
			}
		}
	}
	const struct table *dsdt = check_table(fadt->dsdt, "DSDT", sizeof(*dsdt));
	if (dsdt != NULL) {
		find_s5(acpi, dsdt);
	}
}

void acpi_init(struct acpi *acpi, uint64_t rsdp_address) {
	*acpi = (struct acpi){.sci_input = -1};
	bool reachable = rsdp_address != 0 && rsdp_address < UINT32_MAX;
	const struct rsdp *rsdp = reachable ? check_rsdp(rsdp_address) : search_rsdp();
	if (rsdp == NULL) {
		return;
	}
	const struct fadt *fadt = find_table(rsdp, "FACP", sizeof(*fadt));
	if (fadt != NULL) {
		read_fadt(acpi, fadt);
	}
	const struct mcfg *mcfg = find_table(rsdp, "MCFG", sizeof(*mcfg));
	if (mcfg != NULL && mcfg->segment == 0 && mcfg->first_bus == 0) {
		acpi->ecam_address = mcfg->base_address;
		acpi->ecam_last_bus = mcfg->last_bus;
	}
}

void acpi_enable_power_button(const struct acpi *acpi) {
	if (acpi->event_port == 0 || acpi->sci_input < 0) {
		return;
	}
	outw(acpi->event_port, PM1_POWER_BUTTON);
	outw(acpi->event_port + acpi->event_bytes / 2, PM1_POWER_BUTTON);
	interrupt_enable_pic(acpi->sci_input);
}

bool acpi_take_power_button(const struct acpi *acpi) {
	uint16_t status = inw(acpi->event_port);
	outw(acpi->event_port, status); // 4.8.3.1.1: a bit is cleared by writing it
	interrupt_enable_pic(acpi->sci_input);
	return (status & PM1_POWER_BUTTON) != 0;
}

void acpi_power_off(const struct acpi *acpi) {
	if (acpi->control_port == 0 || !acpi->has_s5) {
		return;
	}
	uint16_t control = inw(acpi->control_port) & PM1_CONTROL_SCI_ENABLED;
	control |= (uint16_t)(acpi->s5_type << PM1_CONTROL_SLEEP_TYPE_SHIFT);
	outw(acpi->control_port, control | PM1_CONTROL_SLEEP_ENABLE);
	for (;;) {
		__asm__ volatile("cli; hlt"); // it takes a moment
	}
}
