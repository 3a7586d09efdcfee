#include <stdlib.h>

#include "core/heap.h"
#include "unit.h"

#define REGION_BYTES 65536
#define PIECES 64

struct piece {
	unsigned char *data;
	size_t size;
	unsigned char fill;
};

static void gives_zeros_and_alignment(void **state) {
	struct heap heap = {0};
	void *region = malloc(REGION_BYTES);
	memset(region, 0xaa, REGION_BYTES);
	heap_add(&heap, region, REGION_BYTES);
	unsigned char *small = heap_allocate(&heap, 3, 1);
	unsigned char *page = heap_allocate(&heap, 4096, 4096);
	assert_non_null(small);
	assert_non_null(page);
	assert_int_equal((uintptr_t)small % 16, 0);
	assert_int_equal((uintptr_t)page % 4096, 0);
	for (int i = 0; i < 4096; i++) {
		assert_int_equal(page[i], 0);
	}
	free(region);
}

static void refuses_what_it_lacks(void **state) {
	struct heap heap = {0};
	void *region = malloc(REGION_BYTES);
	heap_add(&heap, region, REGION_BYTES);
	assert_null(heap_allocate(&heap, REGION_BYTES, 16));
	assert_null(heap_allocate(&heap, SIZE_MAX, 16));
	assert_null(heap_allocate(&heap, SIZE_MAX / 2 - 3, 16));
	assert_null(heap_allocate(&heap, 0, 16));
	assert_non_null(heap_allocate(&heap, REGION_BYTES - 64, 16));
	free(region);
}

static void ignores_a_tiny_region(void **state) {
	struct heap heap = {0};
	char region[63];
	heap_add(&heap, region, sizeof(region));
	assert_null(heap_allocate(&heap, 1, 1));
}

static void check_and_free(struct heap *heap, struct piece *piece) {
	for (size_t i = 0; i < piece->size; i++) {
		assert_int_equal(piece->data[i], piece->fill);
	}
	heap_free(heap, piece->data);
	*piece = (struct piece){0};
}

// Random pieces never overlap, and when all are free the heap is one block again.
static void survives_random_use(void **state) {
	struct heap heap = {0};
	void *region = malloc(REGION_BYTES);
	heap_add(&heap, region, REGION_BYTES);
	size_t all = heap.free_bytes;
	struct piece pieces[PIECES] = {0};
	uint32_t random = 1;
	for (int round = 0; round < 50000; round++) {
		struct piece *piece = &pieces[random_next(&random) % PIECES];
		if (piece->data != NULL) {
			check_and_free(&heap, piece);
			continue;
		}
		size_t size = random_next(&random) % 2048 + 1;
		size_t alignment = (size_t)1 << random_next(&random) % 10;
		piece->data = heap_allocate(&heap, size, alignment);
		if (piece->data != NULL) {
			assert_int_equal((uintptr_t)piece->data % alignment, 0);
			piece->size = size;
			piece->fill = (unsigned char)round;
			memset(piece->data, piece->fill, size);
		}
	}
	for (int i = 0; i < PIECES; i++) {
		if (pieces[i].data != NULL) {
			check_and_free(&heap, &pieces[i]);
		}
	}
	assert_int_equal(heap.free_bytes, all);
	assert_non_null(heap_allocate(&heap, all - 16, 1));
	free(region);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_zeros_and_alignment),
		cmocka_unit_test(refuses_what_it_lacks),
		cmocka_unit_test(ignores_a_tiny_region),
		cmocka_unit_test(survives_random_use),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
