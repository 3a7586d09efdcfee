/*
 * fault: goes wrong in the way that the setting opt/test/fault names. What the kit makes of it is
 * checked by machine_test.py.
 */
#include <gk.h>
#include <string.h>

extern char gk_text_start[];

// Not a tail call, so that every call is on the stack and in the report.
__attribute__((noinline)) static int use_stack(int depth) {
	volatile char block[1024];
	block[0] = (char)depth;
	return depth < INT32_MAX ? use_stack(depth + 1) + block[0] : 0;
}

static void write_code(void) {
	*(volatile char *)gk_text_start = 0;
}

static void run_data(void) {
	static volatile uint8_t code[16];
	code[0] = 0xc3; // ret
	void (*function)(void) = (void (*)(void))(uintptr_t)code;
	function();
}

void gk_main(struct gk *gk) {
	size_t size_bytes;
	char *fault = gk_setting(gk, "opt/test/fault", &size_bytes);
	if (fault == NULL) {
		gk_log(gk, "fault: none");
	} else if (strcmp(fault, "write-code") == 0) {
		write_code();
	} else if (strcmp(fault, "run-data") == 0) {
		run_data();
	} else if (strcmp(fault, "stack") == 0) {
		gk_log(gk, "fault: %d", use_stack(0));
	} else if (strcmp(fault, "opcode") == 0) {
		__asm__ volatile("ud2");
	} else {
		gk_panic(gk, "the fault %s is not known", fault);
	}
}
