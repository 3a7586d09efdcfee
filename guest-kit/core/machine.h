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
#include "core/wall_clock.h"
#include "virtio/gpu.h"
#include "virtio/pci.h"

struct gk {
	struct serial serial;
	struct heap heap;
	struct clock clock;
	struct acpi acpi;
	struct pci pci;

	struct gpu *gpu; // may be NULL

	struct event_queue events;
	struct wall_clock wall_clock;
};

#endif
