#include "core/machine.h"
#include "gk.h"

void gk_boot(const struct start_info *info);

// What start.S calls: the machine, from nothing to gk_main() and back to nothing.
void gk_boot(const struct start_info *info) {
	// The one object that everything else is reached from; too large for the stack.
	static struct gk machine;
	machine_init(&machine, info);

	gk_main(&machine);

	gk_log(&machine, "gk: power off");
	acpi_power_off(&machine.acpi);
	gk_panic(&machine, "the machine cannot be turned off");
}
