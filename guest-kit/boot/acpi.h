/**
 * ACPI: the power button, power-off, and where PCI's ECAM is.
 *
 * Only tables are read, plus one package of the DSDT: there is no interpreter of AML.
 *
 * ACPI 6.5: 5.2 tables, 4.8.3 fixed hardware registers, 7.4.2 _S5.
 */
#ifndef GK_BOOT_ACPI_H
#define GK_BOOT_ACPI_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/memory.h"

/** All zeros where the machine has no ACPI. */
struct acpi {
	uint16_t event_port; // PM1a_EVT_BLK: status, then enable
	uint16_t event_bytes; // of both
	uint16_t control_port; // PM1a_CNT_BLK
	bool has_s5;
	uint8_t s5_type; // SLP_TYPa of the soft-off state
	int sci_input; // of the 8259s; -1: none
	uint64_t ecam_address; // of bus 0; 0: none
	uint8_t ecam_last_bus;
};

/** Read the tables. rsdp_address is 0 where the loader gave none: the BIOS area is searched. */
void acpi_init(struct acpi *acpi, uint64_t rsdp_address);

/** Have the power button raise the SCI's line. */
void acpi_enable_power_button(const struct acpi *acpi);

/** To be called when the SCI's line was raised. Returns whether the button was pressed. */
bool acpi_take_power_button(const struct acpi *acpi);

/** Turn the machine off. Returns only if that is not possible. */
void acpi_power_off(const struct acpi *acpi);

#endif
