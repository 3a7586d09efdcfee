#include "boot/exception.h"

#include <stddef.h>

#include "boot/fw_cfg.h"
#include "boot/io.h"
#include "boot/serial.h"
#include "core/format.h"

#define PVPANIC_PANICKED 1

// As interrupt_entry.S builds it.
struct exception_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector, error_code;
	uint64_t rip, cs, rflags, rsp, ss;
};

extern char gk_text_start[];
extern char gk_data_start[];
extern char gk_end[];

_Noreturn void gk_exception(const struct exception_frame *frame);

static const char *exception_name(uint64_t vector) {
	static const char *const names[] = {"divide error", "debug", "NMI", "breakpoint",
		"overflow", "bound range", "invalid opcode", "device not available", "double fault",
		"?", "invalid TSS", "segment not present", "stack fault", "general protection",
		"page fault", "?", "x87 error", "alignment check", "machine check", "SIMD error"};
	return vector < sizeof(names) / sizeof(names[0]) ? names[vector] : "?";
}

__attribute__((format(printf, 2, 3))) static void report(
	const struct serial *serial, const char *format, ...) {
	char line[160];
	va_list arguments;
	va_start(arguments, format);
	int length = format_text(line, sizeof(line), format, arguments);
	va_end(arguments);
	serial_write(
		serial, line, (size_t)length < sizeof(line) ? (size_t)length : sizeof(line) - 1);
}

// Every frame begins with the caller's rbp and the return address: the kit keeps frame pointers.
static void report_calls(const struct serial *serial, const struct exception_frame *frame) {
	report(serial, "gk: called from:");
	uint64_t base = frame->rbp;
	for (int depth = 0; depth < 16; depth++) {
		if (base < (uint64_t)gk_data_start || base + 16 > (uint64_t)gk_end ||
			base % 8 != 0) {
			break;
		}
		const uint64_t *words = (const uint64_t *)base;
		if (words[1] < (uint64_t)gk_text_start || words[1] >= (uint64_t)gk_data_start) {
			break;
		}
		report(serial, " %#lx", words[1]);
		if (words[0] <= base) {
			break;
		}
		base = words[0];
	}
	report(serial, "\n");
}

_Noreturn void exception_halt(void) {
	struct fw_cfg_file file;
	uint16_t port;
	if (fw_cfg_find("etc/pvpanic-port", &file) && fw_cfg_read(&file, &port, 2) == 2) {
		outb(port, PVPANIC_PANICKED);
	}
	for (;;) {
		__asm__ volatile("cli; hlt");
	}
}

_Noreturn void gk_exception(const struct exception_frame *f) {
	struct serial serial;
	serial_init(&serial);
	uint64_t address;
	__asm__ volatile("movq %%cr2, %0" : "=r"(address));
	report(&serial, "\ngk: exception %lu, %s, error code %#lx, at %#lx\n", f->vector,
		exception_name(f->vector), f->error_code, f->rip);
	report(&serial, "gk: rax %016lx rbx %016lx rcx %016lx rdx %016lx\n", f->rax, f->rbx, f->rcx,
		f->rdx);
	report(&serial, "gk: rsi %016lx rdi %016lx rbp %016lx rsp %016lx\n", f->rsi, f->rdi, f->rbp,
		f->rsp);
	report(&serial, "gk: r8  %016lx r9  %016lx r10 %016lx r11 %016lx\n", f->r8, f->r9, f->r10,
		f->r11);
	report(&serial, "gk: r12 %016lx r13 %016lx r14 %016lx r15 %016lx\n", f->r12, f->r13, f->r14,
		f->r15);
	report(&serial, "gk: cr2 %016lx rflags %08lx\n", address, f->rflags);
	report_calls(&serial, f);
	exception_halt();
}
