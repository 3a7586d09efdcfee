/**
 * PCI: finding devices, their configuration space, BARs and MSI-X.
 *
 * PCI Local Bus 3.0, chapter 6; PCI Express 5.0, 7.2.2 (ECAM).
 */
#ifndef GK_VIRTIO_PCI_H
#define GK_VIRTIO_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "core/heap.h"

/** How configuration space is reached: ECAM, or ports 0xcf8 and 0xcfc where ecam is NULL. */
struct pci {
	struct heap *heap; // for page tables of BARs
	volatile uint8_t *ecam; // of bus 0; may be NULL
	uint8_t ecam_last_bus;
};

struct pci_function {
	const struct pci *pci;
	uint8_t bus;
	uint8_t slot; // device * 8 + function
	uint16_t vendor_id;
	uint16_t device_id;
};

/** Called for each function found. */
typedef void (*pci_found)(const struct pci_function *function, void *data);

/** ecam_address is 0 where there is none. */
void pci_init(struct pci *pci, struct heap *heap, uint64_t ecam_address, uint8_t ecam_last_bus);

/** Visit every function on bus 0 and, depth first, behind the bridges that firmware set up. */
void pci_scan(const struct pci *pci, pci_found found, void *data);

/** Read or write configuration space; offset is below 256 and aligned to the size. */
uint8_t pci_read8(const struct pci_function *function, uint8_t offset);
uint16_t pci_read16(const struct pci_function *function, uint8_t offset);
uint32_t pci_read32(const struct pci_function *function, uint8_t offset);
void pci_write16(const struct pci_function *function, uint8_t offset, uint16_t value);

/**
 * Find a capability. previous is 0, or where the one before it was found.
 *
 * Returns its offset, or 0 if there are no more.
 */
uint8_t pci_find_capability(const struct pci_function *function, uint8_t id, uint8_t previous);

/**
 * Map size_bytes at an offset of a memory BAR, wherever the firmware has put it.
 *
 * Returns NULL if the BAR is absent, is of ports, was given no address, or cannot be mapped.
 */
volatile void *pci_map_bar(
	const struct pci_function *function, uint8_t bar, uint64_t offset, uint64_t size_bytes);

/** Let the function decode memory and be a bus master; its INTx is on without MSI-X only. */
void pci_enable(const struct pci_function *function, bool intx);

/** Returns the input of the 8259s that firmware routed its INTx to, or -1. */
int pci_interrupt_input(const struct pci_function *function);

/**
 * Give the first count vectors of the function's MSI-X table lines of their own, in lines, and
 * enable MSI-X. With fewer vectors or lines than that, the last one is used for the rest too.
 *
 * Returns how many vectors are in use; 0 if the function has no MSI-X.
 */
int pci_enable_msix(const struct pci_function *function, int count, int lines[]);

#endif
