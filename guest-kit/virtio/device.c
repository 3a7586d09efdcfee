#include "virtio/device.h"

#include "boot/interrupt.h"
#include "boot/io.h"

#define VENDOR_REDHAT 0x1af4
#define DEVICE_ID_MODERN 0x1040

#define CAPABILITY_VENDOR 0x09
#define CAPABILITY_COMMON 1
#define CAPABILITY_NOTIFY 2
#define CAPABILITY_ISR 3
#define CAPABILITY_DEVICE 4

#define STATUS_ACKNOWLEDGE 1
#define STATUS_DRIVER 2
#define STATUS_DRIVER_OK 4
#define STATUS_FEATURES_OK 8
#define STATUS_FAILED 128

#define FEATURE_VERSION_1 (UINT64_C(1) << 32)
#define FEATURE_ACCESS_PLATFORM (UINT64_C(1) << 33)

#define ISR_CONFIG 2
#define NO_VECTOR 0xffff

// virtio 1.3, 4.1.4.3 Common configuration structure layout.
struct virtio_common_config {
	uint32_t device_feature_select;
	uint32_t device_feature;
	uint32_t driver_feature_select;
	uint32_t driver_feature;
	uint16_t config_vector;
	uint16_t num_queues;
	uint8_t device_status;
	uint8_t config_generation;
	uint16_t queue_select;
	uint16_t queue_size;
	uint16_t queue_vector;
	uint16_t queue_enable;
	uint16_t queue_notify_off;
	uint32_t queue_descriptors[2];
	uint32_t queue_driver[2];
	uint32_t queue_device[2];
};

_Static_assert(sizeof(struct virtio_common_config) == 56, "as in the standard");

int virtio_device_id(const struct pci_function *function) {
	if (function->vendor_id != VENDOR_REDHAT || function->device_id < DEVICE_ID_MODERN ||
		function->device_id > DEVICE_ID_MODERN + 0x3f) {
		return 0;
	}
	return function->device_id - DEVICE_ID_MODERN;
}

// 4.1.4 Virtio Structure PCI Capabilities. The first of each type that can be mapped is used.
static void map_structure(struct virtio_device *device, uint8_t capability) {
	const struct pci_function *pci = &device->pci;
	uint8_t type = pci_read8(pci, capability + 3);
	uint8_t bar = pci_read8(pci, capability + 4);
	uint32_t offset = pci_read32(pci, capability + 8);
	uint32_t length = pci_read32(pci, capability + 12);
	if (type < CAPABILITY_COMMON || type > CAPABILITY_DEVICE) {
		return;
	}
	volatile uint8_t *mapped = pci_map_bar(pci, bar, offset, length);
	if (mapped == NULL) {
		return;
	}
	if (type == CAPABILITY_COMMON && device->common == NULL &&
		length >= sizeof(struct virtio_common_config)) {
		device->common = (volatile void *)mapped;
	} else if (type == CAPABILITY_NOTIFY && device->notify == NULL) {
		device->notify = mapped;
		device->notify_bytes = length;
		device->notify_multiplier = pci_read32(pci, capability + 16);
	} else if (type == CAPABILITY_ISR && device->isr == NULL) {
		device->isr = mapped;
	} else if (type == CAPABILITY_DEVICE && device->config == NULL) {
		device->config = mapped;
		device->config_bytes = length;
	}
}

static void setup_interrupts(struct virtio_device *device) {
	int lines[2];
	device->vector_count = pci_enable_msix(&device->pci, 2, lines);
	if (device->vector_count > 0) {
		device->config_lines = UINT64_C(1) << lines[0];
		device->lines = device->config_lines |
			UINT64_C(1) << lines[device->vector_count - 1];
		return;
	}
	pci_enable(&device->pci, true);
	device->pic_input = pci_interrupt_input(&device->pci);
	if (device->pic_input >= 0) {
		device->lines = UINT64_C(1) << INTERRUPT_LINE_PIC(device->pic_input);
		interrupt_enable_pic(device->pic_input);
	}
}

bool virtio_open(struct virtio_device *device, const struct pci_function *function) {
	*device = (struct virtio_device){.pci = *function, .pic_input = -1};
	pci_enable(function, false);
	uint8_t capability = 0;
	while ((capability = pci_find_capability(function, CAPABILITY_VENDOR, capability)) != 0) {
		map_structure(device, capability);
	}
	if (device->common == NULL || device->notify == NULL || device->isr == NULL ||
		device->config == NULL) {
		return false;
	}
	device->common->device_status = 0;
	// 4.1.4.3.2: the reset is done when this reads 0.
	for (int patience = 0; device->common->device_status != 0; patience++) {
		if (patience == 1000000) {
			return false;
		}
	}
	device->common->device_status = STATUS_ACKNOWLEDGE;
	device->common->device_status = STATUS_ACKNOWLEDGE | STATUS_DRIVER;
	setup_interrupts(device);
	if (device->vector_count > 0) {
		device->common->config_vector = 0;
	}
	return device->lines != 0;
}

uint64_t virtio_negotiate(struct virtio_device *device, uint64_t wanted) {
	volatile struct virtio_common_config *common = device->common;
	common->device_feature_select = 0;
	uint64_t offered = common->device_feature;
	common->device_feature_select = 1;
	offered |= (uint64_t)common->device_feature << 32;
	if ((offered & FEATURE_VERSION_1) == 0) {
		return UINT64_MAX;
	}
	// Addresses are physical either way: the kit leaves an IOMMU as the firmware left it.
	uint64_t accepted = offered & (wanted | FEATURE_VERSION_1 | FEATURE_ACCESS_PLATFORM);
	common->driver_feature_select = 0;
	common->driver_feature = (uint32_t)accepted;
	common->driver_feature_select = 1;
	common->driver_feature = (uint32_t)(accepted >> 32);
	common->device_status = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK;
	if ((common->device_status & STATUS_FEATURES_OK) == 0) {
		return UINT64_MAX;
	}
	return accepted & wanted;
}

// 4.1.3.1: 64-bit fields are written as two halves.
static void write_address(volatile uint32_t field[2], volatile void *address) {
	field[0] = (uint32_t)(uint64_t)address;
	field[1] = (uint32_t)((uint64_t)address >> 32);
}

bool virtio_setup_queue(
	struct virtio_device *device, uint16_t index, struct virtqueue *queue, struct heap *heap) {
	volatile struct virtio_common_config *common = device->common;
	common->queue_select = index;
	uint16_t size = common->queue_size;
	uint16_t power = VIRTQUEUE_SIZE_MAX;
	while (power > size) {
		power /= 2;
	}
	if (index >= VIRTIO_QUEUES_MAX || power < 2 || !virtqueue_init(queue, heap, power)) {
		return false;
	}
	uint64_t doorbell = (uint64_t)common->queue_notify_off * device->notify_multiplier;
	if (doorbell + sizeof(uint16_t) > device->notify_bytes) {
		return false;
	}
	device->doorbells[index] = (volatile uint16_t *)(device->notify + doorbell);
	common->queue_size = power;
	if (device->vector_count > 0) {
		common->queue_vector = (uint16_t)(device->vector_count - 1);
		if (common->queue_vector == NO_VECTOR) {
			return false;
		}
	}
	write_address(common->queue_descriptors, queue->descriptors);
	write_address(common->queue_driver, queue->available);
	write_address(common->queue_device, queue->used);
	common->queue_enable = 1;
	return true;
}

void virtio_start(struct virtio_device *device) {
	device->common->device_status = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK |
		STATUS_DRIVER_OK;
}

void virtio_fail(struct virtio_device *device) {
	if (device->common != NULL) {
		device->common->device_status = 0;
		device->common->device_status = STATUS_FAILED;
	}
}

void virtio_notify(struct virtio_device *device, uint16_t index, const struct virtqueue *queue) {
	if (virtqueue_wants_notification(queue)) {
		*device->doorbells[index] = index;
	}
}

bool virtio_acknowledge(struct virtio_device *device, uint64_t lines) {
	if (device->vector_count > 0) {
		return (lines & device->config_lines) != 0;
	}
	// Reading the ISR lowers the INTx line, which may then be let through again.
	uint8_t cause = *device->isr;
	interrupt_enable_pic(device->pic_input);
	return (cause & ISR_CONFIG) != 0;
}
