#include "core/machine.h"

#include "boot/exception.h"
#include "boot/fw_cfg.h"
#include "boot/interrupt.h"
#include "core/format.h"
#include "gk.h"

#define LOG_LINE_BYTES 240
#define SETTING_BYTES_MAX 65536
#define NS_PER_S INT64_C(1000000000)

static void log_line(struct gk *gk, const char *prefix, const char *format, va_list arguments) {
	char line[LOG_LINE_BYTES];
	int start = gk_format(line, sizeof(line), "%s", prefix);
	int length = start +
		format_text(line + start, sizeof(line) - (size_t)start - 1, format, arguments);
	length = length < LOG_LINE_BYTES - 2 ? length : LOG_LINE_BYTES - 2;
	line[length++] = '\n';
	serial_write(&gk->serial, line, (size_t)length);
}

void gk_log(struct gk *gk, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	log_line(gk, "", format, arguments);
	va_end(arguments);
}

_Noreturn void gk_panic(struct gk *gk, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	log_line(gk, "gk: panic: ", format, arguments);
	va_end(arguments);
	exception_halt();
}

void *gk_alloc(struct gk *gk, size_t size_bytes) {
	return heap_allocate(&gk->heap, size_bytes, 16);
}

void gk_free(struct gk *gk, void *memory) {
	heap_free(&gk->heap, memory);
}

void *gk_setting(struct gk *gk, const char *name, size_t *size_bytes) {
	struct fw_cfg_file file;
	if (!fw_cfg_find(name, &file) || file.size_bytes > SETTING_BYTES_MAX) {
		return NULL;
	}
	char *content = heap_allocate(&gk->heap, (size_t)file.size_bytes + 1, 16);
	if (content != NULL) {
		*size_bytes = fw_cfg_read(&file, content, file.size_bytes);
	}
	return content;
}

uint64_t gk_now_ns(struct gk *gk) {
	return clock_now_ns(&gk->clock);
}

int64_t gk_wall_time_ns(struct gk *gk) {
	int64_t seconds = clock_read_cmos();
	uint64_t now_ns = gk_now_ns(gk);
	if (seconds >= 0) {
		wall_clock_read(&gk->wall_clock, seconds, now_ns);
	}
	return wall_clock_at(&gk->wall_clock, now_ns);
}

struct gk_civil_time gk_civil_time(struct gk *gk, int64_t wall_time_ns) {
	int64_t seconds = wall_time_ns / NS_PER_S - (wall_time_ns % NS_PER_S < 0);
	return timezone_civil(&gk->timezone, seconds);
}

static void found_input(struct gk *gk, const struct pci_function *function) {
	static const char *const kinds[] = {"keyboard", "tablet", "mouse"};
	if (gk->input_count == MACHINE_INPUTS) {
		return;
	}
	struct input *input = input_create(&gk->heap, function);
	if (input == NULL) {
		gk_log(gk, "gk: the virtio-input device at %02x:%02x.%x cannot be used",
			function->bus, function->slot >> 3, function->slot & 7);
		return;
	}
	gk->inputs[gk->input_count++] = input;
	gk_log(gk, "gk: %s \"%s\"", kinds[input->kind], input->name);
}

static void found_function(const struct pci_function *function, void *data) {
	struct gk *gk = data;
	int id = virtio_device_id(function);
	if (id == VIRTIO_ID_GPU && gk->gpu == NULL) {
		gk->gpu = gpu_create(gk, function);
	} else if (id == VIRTIO_ID_INPUT) {
		found_input(gk, function);
	}
}

static void read_settings(struct gk *gk) {
	size_t size_bytes;
	void *keymap = gk_setting(gk, "opt/org.redecho/keymap", &size_bytes);
	if (keymap != NULL && keymap_decode(&gk->keyboard.keymap, keymap, size_bytes)) {
		gk_log(gk, "gk: the host's keymap");
	} else if (keymap != NULL) {
		gk_log(gk, "gk: the host's keymap is not understood");
	}
	gk_free(gk, keymap);

	char *timezone = gk_setting(gk, "opt/org.redecho/timezone", &size_bytes);
	if (timezone != NULL && timezone_parse(&gk->timezone, timezone, size_bytes)) {
		gk_log(gk, "gk: time zone %s", timezone);
	} else if (timezone != NULL) {
		gk_log(gk, "gk: the host's time zone is not understood");
	}
	gk_free(gk, timezone);
}

void machine_init(struct gk *gk, const struct start_info *info) {
	serial_init(&gk->serial);
	interrupt_init();
	if (!memory_init(&gk->heap, info)) {
		gk_panic(gk, "the loader is not PVH's, or told of no memory");
	}
	gk_log(gk, "gk: %zu KiB free", gk->heap.free_bytes >> 10);
	acpi_init(&gk->acpi, info->rsdp_address);
	clock_init(&gk->clock);
	keyboard_init(&gk->keyboard);
	timezone_init(&gk->timezone);
	read_settings(gk);

	pci_init(&gk->pci, &gk->heap, gk->acpi.ecam_address, gk->acpi.ecam_last_bus);
	pci_scan(&gk->pci, found_function, gk);
	if (gk->gpu != NULL) {
		gk_log(gk, "gk: display %d x %d", gk->gpu->screen.width, gk->gpu->screen.height);
		pointer_set_size(&gk->pointer, gk->gpu->screen.width, gk->gpu->screen.height);
	}
	acpi_enable_power_button(&gk->acpi);
}
