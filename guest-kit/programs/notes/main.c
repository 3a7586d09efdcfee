/*
 * notes: a page to type on, in the host's keyboard layout. It lives as long as its machine.
 *
 * Arrows, Home, End and the page keys move the caret, with Control by words or to the ends, with
 * Shift they select; so does the pointer. Control+A selects all, Control+X, C and V cut, copy and
 * paste, Control+plus and minus change the size.
 */
#include <gk.h>
#include <string.h>

#include "notes/view.h"

#define PAGE_CHARACTERS 65536

// Keycodes of the keys that type these in most layouts; text is empty while Control is down.
#define KEY_EQUAL 13
#define KEY_MINUS 12
#define KEY_X 45
#define KEY_C 46
#define KEY_V 47

struct notes {
	struct gk *gk;
	struct page page;
	struct view *view;
	uint32_t *clipboard;
	size_t clipboard_length;
	bool selecting; // the pointer's button is down
};

static void insert(struct notes *notes, const uint32_t *characters, size_t count) {
	if (!page_insert(&notes->page, characters, count)) {
		gk_log(notes->gk, "notes: the page is full");
	}
}

static void copy(struct notes *notes) {
	size_t first = page_selection_first(&notes->page);
	size_t count = page_selection_last(&notes->page) - first;
	if (count > 0) {
		memcpy(notes->clipboard, notes->page.text + first, count * sizeof(uint32_t));
		notes->clipboard_length = count;
	}
}

// Returns whether the key is a command.
static bool handle_command(struct notes *notes, uint32_t code) {
	struct page *page = &notes->page;
	switch (code) {
	case GK_KEY_A:
		page->anchor = 0;
		page->caret = page->length;
		return true;
	case KEY_C:
		copy(notes);
		return true;
	case KEY_X:
		copy(notes);
		if (page->caret != page->anchor) {
			page_delete_before(page);
		}
		return true;
	case KEY_V:
		insert(notes, notes->clipboard, notes->clipboard_length);
		return true;
	case KEY_EQUAL:
		view_resize(notes->view, 1);
		return true;
	case KEY_MINUS:
		view_resize(notes->view, -1);
		return true;
	default:
		return false;
	}
}

// Where a key that moves leads to from the caret. Returns false for other keys.
static bool find_movement(struct notes *notes, uint32_t code, bool words, size_t *position) {
	const struct page *page = &notes->page;
	size_t caret = page->caret;
	switch (code) {
	case GK_KEY_LEFT:
		*position = words ? page_word_before(page, caret) : caret - (caret > 0);
		return true;
	case GK_KEY_RIGHT:
		*position = words ? page_word_behind(page, caret) : caret + 1;
		return true;
	case GK_KEY_HOME:
		*position = words ? 0 : view_row_start(notes->view);
		return true;
	case GK_KEY_END:
		*position = words ? page->length : view_row_end(notes->view);
		return true;
	default:
		return false;
	}
}

static bool find_vertical(struct notes *notes, uint32_t code, size_t *position) {
	int page_rows = view_row_count(notes->view) - 1;
	int rows = code == GK_KEY_UP       ? -1
		: code == GK_KEY_DOWN      ? 1
		: code == GK_KEY_PAGE_UP   ? -page_rows
		: code == GK_KEY_PAGE_DOWN ? page_rows
					   : 0;
	if (rows == 0) {
		return false;
	}
	*position = view_position_below(notes->view, rows);
	return true;
}

static bool handle_movement(struct notes *notes, uint32_t code, uint32_t modifiers) {
	bool selecting = (modifiers & GK_MODIFIER_SHIFT) != 0;
	bool words = (modifiers & GK_MODIFIER_CONTROL) != 0;
	size_t position;
	if (find_vertical(notes, code, &position)) {
		page_move(&notes->page, position, selecting);
		return true;
	}
	view_forget_column(notes->view);
	if (find_movement(notes, code, words, &position)) {
		page_move(&notes->page, position, selecting);
		return true;
	}
	return false;
}

static void handle_edit(struct notes *notes, uint32_t code) {
	static const uint32_t line_feed = '\n';
	static const uint32_t spaces[4] = {' ', ' ', ' ', ' '};
	switch (code) {
	case GK_KEY_BACKSPACE:
		page_delete_before(&notes->page);
		break;
	case GK_KEY_DELETE:
		page_delete_behind(&notes->page);
		break;
	case GK_KEY_ENTER:
	case GK_KEY_KEYPAD_ENTER:
		insert(notes, &line_feed, 1);
		break;
	case GK_KEY_TAB:
		insert(notes, spaces, 4);
		break;
	default:
		break;
	}
}

static void handle_key(struct notes *notes, const struct gk_event *event) {
	if (event->key.state == GK_KEY_RELEASED) {
		return;
	}
	uint32_t code = event->key.code;
	const uint32_t *text = event->key.text;
	if (text[0] != 0) {
		view_forget_column(notes->view);
		insert(notes, text, text[1] != 0 ? 2 : 1);
	} else if ((event->modifiers & GK_MODIFIER_CONTROL) == 0 || !handle_command(notes, code)) {
		if (!handle_movement(notes, code, event->modifiers)) {
			handle_edit(notes, code);
		}
	}
	view_update(notes->view);
}

static void handle_button(struct notes *notes, const struct gk_event *event) {
	if (event->button.code != GK_BUTTON_LEFT) {
		return;
	}
	notes->selecting = event->button.pressed && event->button.clicks == 1;
	if (!event->button.pressed) {
		return;
	}
	size_t position = view_position(notes->view, event->button.x, event->button.y);
	view_forget_column(notes->view);
	if (event->button.clicks == 1) {
		page_move(&notes->page, position, (event->modifiers & GK_MODIFIER_SHIFT) != 0);
	} else if (event->button.clicks == 2) {
		page_select_word(&notes->page, position);
	} else {
		page_select_line(&notes->page, position);
	}
	view_update(notes->view);
}

static void handle_motion(struct notes *notes, const struct gk_event *event) {
	if (notes->selecting) {
		size_t position = view_position(notes->view, event->motion.x, event->motion.y);
		page_move(&notes->page, position, true);
		view_update(notes->view);
	}
}

// Returns false when it is time to end.
static bool handle_event(struct notes *notes, const struct gk_event *event) {
	switch (event->type) {
	case GK_EVENT_RESIZE:
		view_resize(notes->view, 0);
		break;
	case GK_EVENT_KEY:
		handle_key(notes, event);
		break;
	case GK_EVENT_BUTTON:
		handle_button(notes, event);
		break;
	case GK_EVENT_MOTION:
		handle_motion(notes, event);
		break;
	case GK_EVENT_SCROLL:
		view_scroll(notes->view, event->scroll.dy);
		break;
	case GK_EVENT_POWER:
		return false;
	}
	return true;
}

void gk_main(struct gk *gk) {
	if (!gk_has_display(gk)) {
		gk_panic(gk, "notes needs a display");
	}
	struct notes notes = {.gk = gk};
	uint32_t *memory = gk_alloc(gk, PAGE_CHARACTERS * sizeof(*memory));
	notes.clipboard = gk_alloc(gk, PAGE_CHARACTERS * sizeof(*notes.clipboard));
	page_init(&notes.page, memory, PAGE_CHARACTERS);
	notes.view = memory != NULL ? view_create(gk, &notes.page) : NULL;
	if (notes.clipboard == NULL || notes.view == NULL) {
		gk_panic(gk, "notes needs more memory");
	}
	view_draw(notes.view);
	gk_set_cursor(gk, GK_CURSOR_TEXT);
	gk_log(gk, "notes: first frame after %lu ms", (unsigned long)(gk_now_ns(gk) / 1000000));

	struct gk_event event;
	bool running = true;
	while (running && gk_wait(gk, GK_NEVER, &event)) {
		running = handle_event(&notes, &event);
		// Whatever else has happened already goes into the same frame.
		while (running && gk_wait(gk, 0, &event)) {
			running = handle_event(&notes, &event);
		}
		view_draw(notes.view);
	}
	view_destroy(notes.view);
	gk_free(gk, notes.clipboard);
	gk_free(gk, memory);
}
