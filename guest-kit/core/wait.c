#include "boot/interrupt.h"
#include "core/machine.h"
#include "gk.h"

static void dispatch_input_event(struct gk *gk, const struct input *input,
	const struct virtio_input_event *event, uint64_t now_ns) {
	if (event->type == EVDEV_KEY && event->code < KEYMAP_KEYS) {
		struct gk_event key;
		// The host's own repetition (a value of 2) is left out: the kit repeats.
		if (event->value <= 1 &&
			keyboard_key(&gk->keyboard, event->code, event->value != 0, now_ns, &key)) {
			event_queue_push(&gk->events, &key);
		}
		return;
	}
	pointer_event(&gk->pointer, input->ranges, event->type, event->code, event->value, now_ns,
		keyboard_modifiers(&gk->keyboard), &gk->events);
}

static void dispatch_input(struct gk *gk, uint64_t lines) {
	uint64_t now_ns = gk_now_ns(gk);
	int x = gk->pointer.x;
	int y = gk->pointer.y;
	for (int i = 0; i < gk->input_count; i++) {
		struct input *input = gk->inputs[i];
		struct virtio_input_event event;
		input_dispatch(input, lines);
		// What does not fit stays with the device until the program has caught up.
		while (gk->events.count < EVENT_QUEUE_SIZE / 2 && input_take(input, &event)) {
			dispatch_input_event(gk, input, &event, now_ns);
		}
	}
	struct gk_event repeated;
	if (keyboard_repeat(&gk->keyboard, now_ns, &repeated)) {
		event_queue_push(&gk->events, &repeated);
	}
	if (gk->gpu != NULL && (gk->pointer.x != x || gk->pointer.y != y)) {
		gpu_move_cursor(gk->gpu, gk->pointer.x, gk->pointer.y);
	}
}

static void dispatch(struct gk *gk, uint64_t lines) {
	if (gk->gpu != NULL && gpu_dispatch(gk->gpu, lines)) {
		const struct gk_screen *screen = &gk->gpu->screen;
		gk_log(gk, "gk: display %d x %d", screen->width, screen->height);
		pointer_set_size(&gk->pointer, screen->width, screen->height);
		event_queue_push(&gk->events, &(struct gk_event){.type = GK_EVENT_RESIZE});
	}
	dispatch_input(gk, lines);
	if (gk->acpi.sci_input >= 0 && (lines >> INTERRUPT_LINE_PIC(gk->acpi.sci_input) & 1) &&
		acpi_take_power_button(&gk->acpi)) {
		gk_log(gk, "gk: power button");
		event_queue_push(&gk->events, &(struct gk_event){.type = GK_EVENT_POWER});
	}
}

bool gk_wait(struct gk *gk, uint64_t deadline_ns, struct gk_event *event) {
	// Here, and not at the start, so that it does not delay the first frame.
	if (gk->gpu != NULL && !gk->cursor_chosen) {
		gk_set_cursor(gk, GK_CURSOR_ARROW);
	}
	for (;;) {
		dispatch(gk, interrupt_take());
		if (event_queue_pop(&gk->events, event)) {
			return true;
		}
		uint64_t now_ns = gk_now_ns(gk);
		if (now_ns >= deadline_ns) {
			return false;
		}
		uint64_t repeat_ns = keyboard_deadline_ns(&gk->keyboard);
		uint64_t until_ns = repeat_ns < deadline_ns ? repeat_ns : deadline_ns;
		clock_set_timer(&gk->clock, until_ns > now_ns ? until_ns - now_ns : 0);
		interrupt_wait();
	}
}
