#include "core/machine.h"

#include "boot/exception.h"
#include "boot/fw_cfg.h"
#include "boot/interrupt.h"
#include "core/format.h"
#include "gk.h"

#define LOG_LINE_BYTES 240
#define SETTING_BYTES_MAX 65536

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

static void dispatch(struct gk *gk, uint64_t lines) {
	if (gk->gpu != NULL && gpu_dispatch(gk->gpu, lines)) {
		gk_log(gk, "gk: display %d x %d", gk->gpu->screen.width, gk->gpu->screen.height);
		event_queue_push(&gk->events, &(struct gk_event){.type = GK_EVENT_RESIZE});
	}
	if (gk->acpi.sci_input >= 0 && (lines >> INTERRUPT_LINE_PIC(gk->acpi.sci_input) & 1) &&
		acpi_take_power_button(&gk->acpi)) {
		gk_log(gk, "gk: power button");
		event_queue_push(&gk->events, &(struct gk_event){.type = GK_EVENT_POWER});
	}
}

bool gk_wait(struct gk *gk, uint64_t deadline_ns, struct gk_event *event) {
	for (;;) {
		dispatch(gk, interrupt_take());
		if (event_queue_pop(&gk->events, event)) {
			return true;
		}
		uint64_t now_ns = gk_now_ns(gk);
		if (now_ns >= deadline_ns) {
			return false;
		}
		clock_set_timer(&gk->clock, deadline_ns - now_ns);
		interrupt_halt();
	}
}
