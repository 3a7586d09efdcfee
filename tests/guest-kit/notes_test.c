#include "notes/rows.h"
#include "unit.h"

#define CAPACITY 400

struct rig {
	struct page page;
	struct rows rows;
	uint32_t text[CAPACITY];
	size_t starts[CAPACITY + 1];
};

static void init(struct rig *rig, const char *text) {
	page_init(&rig->page, rig->text, CAPACITY);
	rows_init(&rig->rows, rig->starts, CAPACITY + 1);
	for (; *text != '\0'; text++) {
		uint32_t c = (uint8_t)*text;
		assert_true(page_insert(&rig->page, &c, 1));
	}
}

static void check_text(const struct rig *rig, const char *expected) {
	assert_int_equal(rig->page.length, strlen(expected));
	for (size_t i = 0; i < rig->page.length; i++) {
		assert_int_equal(rig->page.text[i], expected[i]);
	}
}

static void edits(void **state) {
	struct rig rig;
	init(&rig, "hello world");
	page_delete_before(&rig.page);
	check_text(&rig, "hello worl");
	page_move(&rig.page, 0, false);
	page_delete_before(&rig.page);
	page_delete_behind(&rig.page);
	check_text(&rig, "ello worl");
	page_move(&rig.page, 4, true);
	uint32_t x = 'x';
	assert_true(page_insert(&rig.page, &x, 1));
	check_text(&rig, "x worl");
	page_move(&rig.page, 1000, false);
	assert_int_equal(rig.page.caret, 6);
	page_delete_behind(&rig.page);
	check_text(&rig, "x worl");
}

static void selects(void **state) {
	struct rig rig;
	init(&rig, "one two\nthree, four\n");
	page_select_word(&rig.page, 5);
	assert_int_equal(page_selection_first(&rig.page), 4);
	assert_int_equal(page_selection_last(&rig.page), 7);
	page_select_line(&rig.page, 9);
	assert_int_equal(page_selection_first(&rig.page), 8);
	assert_int_equal(page_selection_last(&rig.page), 20);
	assert_int_equal(page_word_before(&rig.page, 15), 8);
	assert_int_equal(page_word_behind(&rig.page, 12), 13);
	assert_int_equal(page_word_behind(&rig.page, 13), 19);
	assert_int_equal(page_word_before(&rig.page, 0), 0);
	page_delete_before(&rig.page);
	check_text(&rig, "one two\n");
}

static void a_full_page_takes_no_more(void **state) {
	struct rig rig;
	init(&rig, "");
	uint32_t many[CAPACITY + 1] = {0};
	assert_false(page_insert(&rig.page, many, CAPACITY + 1));
	assert_true(page_insert(&rig.page, many, CAPACITY));
	assert_false(page_insert(&rig.page, many, 1));
	page_move(&rig.page, CAPACITY - 3, true);
	assert_true(page_insert(&rig.page, many, 3));
	assert_int_equal(rig.page.length, CAPACITY);
}

static void breaks_between_words(void **state) {
	struct rig rig;
	init(&rig, "the quick brown fox\n\nabcdefghijklmnop x");
	rows_lay_out(&rig.rows, &rig.page, 10);
	static const size_t expected[] = {0, 10, 20, 21, 31};
	assert_int_equal(rig.rows.count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(rig.rows.starts[i], expected[i]);
	}
	rows_lay_out(&rig.rows, &rig.page, 12); // "brown" would fit in part
	assert_int_equal(rig.rows.starts[1], 10);
	rows_lay_out(&rig.rows, &rig.page, 10);
	struct place place = rows_place(&rig.rows, 19);
	assert_int_equal(place.row, 1);
	assert_int_equal(place.column, 9);
	assert_int_equal(rows_position(&rig.rows, &rig.page, (struct place){1, 99}), 19);
	assert_int_equal(rows_position(&rig.rows, &rig.page, (struct place){0, 99}), 9);
	assert_int_equal(rows_position(&rig.rows, &rig.page, (struct place){99, 0}), 39);
}

static void an_empty_last_line_is_a_row(void **state) {
	struct rig rig;
	init(&rig, "");
	rows_lay_out(&rig.rows, &rig.page, 10);
	assert_int_equal(rig.rows.count, 1);
	init(&rig, "a\n");
	rows_lay_out(&rig.rows, &rig.page, 10);
	assert_int_equal(rig.rows.count, 2);
	assert_int_equal(rows_place(&rig.rows, 2).row, 1);
}

// Every position has a place, in order; rows hold together; places lead back.
static void check_rows(const struct rig *rig) {
	const struct rows *rows = &rig->rows;
	assert_int_equal(rows->starts[0], 0);
	for (size_t row = 0; row < rows->count; row++) {
		size_t end = rows_end(rows, &rig->page, row);
		assert_true(end >= rows->starts[row]);
		size_t length = end - rows->starts[row];
		while (length > 0 && rig->page.text[rows->starts[row] + length - 1] == ' ') {
			length--;
		}
		assert_true(length <= rows->columns);
	}
	for (size_t position = 0; position <= rig->page.length; position++) {
		struct place place = rows_place(rows, position);
		assert_true(place.row < rows->count);
		size_t back = rows_position(rows, &rig->page, place);
		size_t column = position - rows->starts[place.row];
		if (column < rows->columns) {
			assert_int_equal(back, position);
		}
	}
}

static void random_pages_hold_together(void **state) {
	static const uint32_t letters[] = {'a', 'b', ' ', '\n', 0x4e2d, ' ', 'c'};
	struct rig rig;
	uint32_t random = 11;
	init(&rig, "");
	for (int round = 0; round < 3000; round++) {
		uint32_t what = random_next(&random) % 10;
		if (what < 6) {
			page_insert(&rig.page, &letters[random_next(&random) % 7], 1);
		} else if (what < 8) {
			page_move(&rig.page, random_next(&random) % (CAPACITY + 20), what == 7);
		} else if (what == 8) {
			page_delete_before(&rig.page);
		} else {
			page_delete_behind(&rig.page);
		}
		assert_true(
			rig.page.caret <= rig.page.length && rig.page.anchor <= rig.page.length);
		rows_lay_out(&rig.rows, &rig.page, random_next(&random) % 12);
		check_rows(&rig);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits),
		cmocka_unit_test(selects),
		cmocka_unit_test(a_full_page_takes_no_more),
		cmocka_unit_test(breaks_between_words),
		cmocka_unit_test(an_empty_last_line_is_a_row),
		cmocka_unit_test(random_pages_hold_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
