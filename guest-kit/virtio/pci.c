#include "virtio/pci.h"

#include "boot/interrupt.h"
#include "boot/io.h"
#include "boot/memory.h"

#define ADDRESS_PORT 0xcf8
#define DATA_PORT 0xcfc

#define VENDOR_ID 0x00
#define COMMAND 0x04
#define COMMAND_MEMORY_AND_MASTER 0x0006
#define COMMAND_INTX_DISABLE 0x0400
#define STATUS 0x06
#define STATUS_CAPABILITIES 0x0010
#define HEADER_TYPE 0x0e
#define HEADER_MULTIFUNCTION 0x80
#define HEADER_BRIDGE 0x01
#define BAR0 0x10
#define BAR_IS_PORTS 0x1
#define BAR_TYPE_MASK 0x6
#define BAR_TYPE_64 0x4
#define SECONDARY_BUS 0x19
#define CAPABILITIES 0x34
#define INTERRUPT_LINE 0x3c

#define CAPABILITY_MSIX 0x11
#define MSIX_ENABLE 0x8000
#define MSIX_MASK_ALL 0x4000
#define MSIX_SIZE 0x07ff

struct msix_entry {
	uint32_t address_low;
	uint32_t address_high;
	uint32_t data;
	uint32_t control;
};

void pci_init(struct pci *pci, struct heap *heap, uint64_t ecam_address, uint8_t ecam_last_bus) {
	*pci = (struct pci){.heap = heap, .ecam_last_bus = ecam_last_bus};
	if (ecam_address != 0) {
		uint64_t size_bytes = (ecam_last_bus + UINT64_C(1)) << 20;
		pci->ecam = memory_map_device(heap, ecam_address, size_bytes);
	}
}

static volatile uint8_t *ecam_address(const struct pci_function *function, uint8_t offset) {
	const struct pci *pci = function->pci;
	if (pci->ecam == NULL || function->bus > pci->ecam_last_bus) {
		return NULL;
	}
	return pci->ecam +
		((uint32_t)function->bus << 20 | (uint32_t)function->slot << 12 | offset);
}

static void select_port(const struct pci_function *function, uint8_t offset) {
	outl(ADDRESS_PORT,
		UINT32_C(1) << 31 | (uint32_t)function->bus << 16 | (uint32_t)function->slot << 8 |
			(offset & 0xfcu));
}

uint32_t pci_read32(const struct pci_function *function, uint8_t offset) {
	volatile uint8_t *ecam = ecam_address(function, offset);
	if (ecam != NULL) {
		return *(volatile uint32_t *)ecam;
	}
	select_port(function, offset);
	return inl(DATA_PORT);
}

uint16_t pci_read16(const struct pci_function *function, uint8_t offset) {
	return (uint16_t)(pci_read32(function, offset & 0xfc) >> (offset & 2) * 8);
}

uint8_t pci_read8(const struct pci_function *function, uint8_t offset) {
	return (uint8_t)(pci_read32(function, offset & 0xfc) >> (offset & 3) * 8);
}

void pci_write16(const struct pci_function *function, uint8_t offset, uint16_t value) {
	volatile uint8_t *ecam = ecam_address(function, offset);
	if (ecam != NULL) {
		*(volatile uint16_t *)ecam = value;
		return;
	}
	select_port(function, offset);
	outw(DATA_PORT + (offset & 2), value);
}

static void scan_bus(const struct pci *pci, uint8_t bus, pci_found found, void *data) {
	for (int slot = 0; slot < 256; slot++) {
		struct pci_function function = {.pci = pci, .bus = bus, .slot = (uint8_t)slot};
		uint32_t ids = pci_read32(&function, VENDOR_ID);
		if ((ids & 0xffff) == 0xffff) {
			slot |= slot % 8 == 0 ? 7 : 0; // without function 0 there is no device
			continue;
		}
		function.vendor_id = (uint16_t)ids;
		function.device_id = (uint16_t)(ids >> 16);
		found(&function, data);

		uint8_t type = pci_read8(&function, HEADER_TYPE);
		if ((type & 0x7f) == HEADER_BRIDGE) {
			// Bus numbers grow with depth, so a wrong one cannot make this endless.
			uint8_t secondary = pci_read8(&function, SECONDARY_BUS);
			if (secondary > bus) {
				scan_bus(pci, secondary, found, data);
			}
		}
		if (slot % 8 == 0 && (type & HEADER_MULTIFUNCTION) == 0) {
			slot |= 7;
		}
	}
}

void pci_scan(const struct pci *pci, pci_found found, void *data) {
	scan_bus(pci, 0, found, data);
}

uint8_t pci_find_capability(const struct pci_function *function, uint8_t id, uint8_t previous) {
	if ((pci_read16(function, STATUS) & STATUS_CAPABILITIES) == 0) {
		return 0;
	}
	uint8_t offset = previous != 0 ? pci_read8(function, previous + 1)
				       : pci_read8(function, CAPABILITIES);
	// 48 capabilities fill the space: a longer list is a loop.
	for (int i = 0; i < 48 && (offset &= 0xfc) >= 0x40; i++) {
		uint16_t header = pci_read16(function, offset);
		if ((header & 0xff) == id) {
			return offset;
		}
		offset = (uint8_t)(header >> 8);
	}
	return 0;
}

volatile void *pci_map_bar(
	const struct pci_function *function, uint8_t bar, uint64_t offset, uint64_t size_bytes) {
	if (bar > 5) {
		return NULL;
	}
	uint32_t low = pci_read32(function, BAR0 + 4 * bar);
	uint64_t address = low & ~UINT32_C(15);
	if (low & BAR_IS_PORTS) {
		return NULL;
	}
	if ((low & BAR_TYPE_MASK) == BAR_TYPE_64) {
		if (bar == 5) {
			return NULL;
		}
		address |= (uint64_t)pci_read32(function, BAR0 + 4 * bar + 4) << 32;
	}
	if (address == 0 || offset > UINT32_MAX || size_bytes > UINT32_MAX) {
		return NULL;
	}
	return memory_map_device(function->pci->heap, address + offset, size_bytes);
}

void pci_enable(const struct pci_function *function, bool intx) {
	uint16_t command = pci_read16(function, COMMAND) | COMMAND_MEMORY_AND_MASTER;
	command = intx ? command & (uint16_t)~COMMAND_INTX_DISABLE : command | COMMAND_INTX_DISABLE;
	pci_write16(function, COMMAND, command);
}

int pci_interrupt_input(const struct pci_function *function) {
	uint8_t input = pci_read8(function, INTERRUPT_LINE);
	return input > 2 && input < 16 ? input : -1;
}

int pci_enable_msix(const struct pci_function *function, int count, int lines[]) {
	uint8_t capability = pci_find_capability(function, CAPABILITY_MSIX, 0);
	if (capability == 0) {
		return 0;
	}
	uint16_t control = pci_read16(function, capability + 2);
	uint32_t where = pci_read32(function, capability + 4);
	int available = (control & MSIX_SIZE) + 1;
	int used = available < count ? available : count;
	volatile struct msix_entry *table = pci_map_bar(
		function, where & 7, where & ~UINT32_C(7), (uint64_t)used * sizeof(*table));
	if (table == NULL) {
		return 0;
	}
	int last = -1;
	for (int i = 0; i < used; i++) {
		int line = interrupt_allocate_line();
		last = line < 0 ? last : line;
		if (last < 0) {
			return 0;
		}
		lines[i] = last;
		table[i].address_low = (uint32_t)interrupt_message_address();
		table[i].address_high = 0;
		table[i].data = interrupt_message_data(last);
		table[i].control = 0;
	}
	control = (control | MSIX_ENABLE) & (uint16_t)~MSIX_MASK_ALL;
	pci_write16(function, capability + 2, control);
	return used;
}
