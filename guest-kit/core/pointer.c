#include "core/pointer.h"

#define CLICK_INTERVAL_NS UINT64_C(400000000)
#define CLICK_DISTANCE 4
#define DETENT 120

static int clamp(int64_t value, int least, int most) {
	return value < least ? least : value > most ? most : (int)value;
}

void pointer_set_size(struct pointer *pointer, int width, int height) {
	pointer->width = width;
	pointer->height = height;
	pointer->x = pointer->next_x = clamp(pointer->x, 0, width - 1);
	pointer->y = pointer->next_y = clamp(pointer->y, 0, height - 1);
}

static int from_axis(const struct pointer_range *range, int32_t value, int size) {
	int64_t span = (int64_t)range->most - range->least;
	if (span <= 0) {
		return 0;
	}
	// The axis covers the whole screen: its ends are the outer edges of the first and last pixel.
	int64_t at = ((int64_t)value - range->least) * size / (span + 1);
	return clamp(at, 0, size - 1);
}

static int distance(int a, int b) {
	return a < b ? b - a : a - b;
}

static int count_clicks(struct pointer *pointer, uint32_t code, uint64_t now_ns) {
	bool again = code == pointer->click_code && pointer->clicks < 3 &&
		now_ns - pointer->click_ns < CLICK_INTERVAL_NS &&
		distance(pointer->x, pointer->click_x) <= CLICK_DISTANCE &&
		distance(pointer->y, pointer->click_y) <= CLICK_DISTANCE;
	pointer->clicks = again ? pointer->clicks + 1 : 1;
	pointer->click_code = code;
	pointer->click_ns = now_ns;
	pointer->click_x = pointer->x;
	pointer->click_y = pointer->y;
	return pointer->clicks;
}

static void push_button(struct pointer *pointer, int index, uint64_t now_ns, uint32_t modifiers,
	struct event_queue *queue) {
	struct gk_event event = {.type = GK_EVENT_BUTTON, .modifiers = modifiers};
	event.button.code = pointer->buttons[index].code;
	event.button.pressed = pointer->buttons[index].pressed;
	event.button.x = pointer->x;
	event.button.y = pointer->y;
	event.button.clicks = event.button.pressed
		? count_clicks(pointer, event.button.code, now_ns)
		: pointer->clicks;
	event_queue_push(queue, &event);
}

static void push_scroll(struct pointer *pointer, uint32_t modifiers, struct event_queue *queue) {
	struct gk_event event = {.type = GK_EVENT_SCROLL, .modifiers = modifiers};
	int up = pointer->wheel_fine != 0 ? pointer->wheel_fine : pointer->wheel * DETENT;
	event.scroll.dx = pointer->hwheel_fine != 0 ? pointer->hwheel_fine
						    : pointer->hwheel * DETENT;
	event.scroll.dy = -up;
	event.scroll.x = pointer->x;
	event.scroll.y = pointer->y;
	if (event.scroll.dx != 0 || event.scroll.dy != 0) {
		event_queue_push(queue, &event);
	}
	pointer->wheel = pointer->hwheel = pointer->wheel_fine = pointer->hwheel_fine = 0;
}

static void end_group(
	struct pointer *pointer, uint64_t now_ns, uint32_t modifiers, struct event_queue *queue) {
	if (pointer->moved) {
		pointer->x = pointer->next_x;
		pointer->y = pointer->next_y;
		struct gk_event event = {.type = GK_EVENT_MOTION, .modifiers = modifiers};
		event.motion.x = pointer->x;
		event.motion.y = pointer->y;
		event_queue_push(queue, &event);
		pointer->moved = false;
	}
	for (int i = 0; i < pointer->button_count; i++) {
		push_button(pointer, i, now_ns, modifiers, queue);
	}
	pointer->button_count = 0;
	push_scroll(pointer, modifiers, queue);
}

static void relative(struct pointer *pointer, uint16_t code, int32_t value) {
	value = clamp(value, -65536, 65536);
	switch (code) {
	case EVDEV_REL_X:
		pointer->next_x = clamp((int64_t)pointer->next_x + value, 0, pointer->width - 1);
		pointer->moved = true;
		break;
	case EVDEV_REL_Y:
		pointer->next_y = clamp((int64_t)pointer->next_y + value, 0, pointer->height - 1);
		pointer->moved = true;
		break;
	case EVDEV_REL_WHEEL:
		pointer->wheel = value;
		break;
	case EVDEV_REL_HWHEEL:
		pointer->hwheel = value;
		break;
	case EVDEV_REL_WHEEL_HI_RES:
		pointer->wheel_fine = value;
		break;
	case EVDEV_REL_HWHEEL_HI_RES:
		pointer->hwheel_fine = value;
		break;
	default:
		break;
	}
}

void pointer_event(struct pointer *pointer, const struct pointer_range ranges[2], uint16_t type,
	uint16_t code, int32_t value, uint64_t now_ns, uint32_t modifiers,
	struct event_queue *queue) {
	if (type == EVDEV_SYN) {
		end_group(pointer, now_ns, modifiers, queue);
	} else if (type == EVDEV_REL) {
		relative(pointer, code, value);
	} else if (type == EVDEV_ABS && code == EVDEV_ABS_X) {
		pointer->next_x = from_axis(&ranges[0], value, pointer->width);
		pointer->moved = true;
	} else if (type == EVDEV_ABS && code == EVDEV_ABS_Y) {
		pointer->next_y = from_axis(&ranges[1], value, pointer->height);
		pointer->moved = true;
	} else if (type == EVDEV_KEY && pointer->button_count < POINTER_BUTTONS_MAX) {
		pointer->buttons[pointer->button_count].code = code;
		pointer->buttons[pointer->button_count].pressed = value != 0;
		pointer->button_count++;
	}
}
