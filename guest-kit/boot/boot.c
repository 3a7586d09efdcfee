#include "boot/exception.h"
#include "boot/fw_cfg.h"
#include "boot/interrupt.h"
#include "boot/memory.h"
#include "core/machine.h"
#include "gk.h"

void gk_boot(const struct start_info *info);

// What start.S calls, on the stack that the program will have: the machine, from nothing to
// gk_main() and back to nothing.

static void found_function(const struct pci_function *function, void *data) {
	struct gk *gk = data;
	int id = virtio_device_id(function);
	if (id == VIRTIO_ID_GPU && gk->gpu == NULL) {
		gk->gpu = gpu_create(gk, function);
	}
}

void gk_boot(const struct start_info *info) {
	// The one object of the program's lifetime; it must not be on the stack that start.S made
	// small, and everything else is reached from it.
	static struct gk machine;
	struct gk *gk = &machine;
	serial_init(&gk->serial);
	interrupt_init();
	if (!memory_init(&gk->heap, info)) {
		gk_panic(gk, "the loader is not PVH's, or told of no memory");
	}
	gk_log(gk, "gk: %zu KiB free", gk->heap.free_bytes >> 10);
	acpi_init(&gk->acpi, info->rsdp_address);
	clock_init(&gk->clock);
	pci_init(&gk->pci, &gk->heap, gk->acpi.ecam_address, gk->acpi.ecam_last_bus);
	pci_scan(&gk->pci, found_function, gk);
	if (gk->gpu != NULL) {
		gk_log(gk, "gk: display %d x %d", gk->gpu->screen.width, gk->gpu->screen.height);
	}
	acpi_enable_power_button(&gk->acpi);

	gk_main(gk);

	gk_log(gk, "gk: power off");
	acpi_power_off(&gk->acpi);
	gk_panic(gk, "the machine cannot be turned off");
}
