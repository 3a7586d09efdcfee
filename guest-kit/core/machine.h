/**
 * What the kit knows about the machine. Programs see it only as a pointer.
 */
#ifndef GK_CORE_MACHINE_H
#define GK_CORE_MACHINE_H

#include "boot/acpi.h"
#include "boot/clock.h"
#include "boot/serial.h"
#include "core/event_queue.h"
#include "core/heap.h"
#include "core/keyboard.h"
#include "core/pointer.h"
#include "core/timezone.h"
#include "core/wall_clock.h"
#include "virtio/gpu.h"
#include "virtio/input.h"
#include "virtio/pci.h"

#define MACHINE_INPUTS 8

struct gk {
	struct serial serial;
	struct heap heap;
	struct clock clock;
	struct acpi acpi;
	struct pci pci;

	struct gpu *gpu; // may be NULL
	struct input *inputs[MACHINE_INPUTS];
	int input_count;
	bool cursor_chosen;

	struct event_queue events;
	struct keyboard keyboard;
	struct pointer pointer;
	struct timezone timezone;
	struct wall_clock wall_clock;
};

/** Find what the machine consists of. Panics without memory; all else may be missing. */
void machine_init(struct gk *gk, const struct start_info *info);

#endif
