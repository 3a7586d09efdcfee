#include "boot/interrupt.h"

#include "boot/io.h"

#define FIRST_VECTOR 0x40
#define SPURIOUS_VECTOR 0xff

#define APIC_BASE UINT64_C(0xfee00000)
#define APIC_ID 0x020
#define APIC_TASK_PRIORITY 0x080
#define APIC_END_OF_INTERRUPT 0x0b0
#define APIC_SPURIOUS 0x0f0
#define APIC_TIMER 0x320
#define APIC_LINT0 0x350
#define APIC_TIMER_INITIAL 0x380
#define APIC_TIMER_CURRENT 0x390
#define APIC_TIMER_DIVIDE 0x3e0
#define APIC_DIVIDE_BY_16 0x3
#define APIC_LINT_EXTINT 0x700
#define MSR_APIC_BASE 0x1b
#define MSR_APIC_BASE_ENABLE 0x800

#define PIC1 0x20
#define PIC2 0xa0
#define PIC1_MASK 0x21
#define PIC2_MASK 0xa1
#define PIC_LEVEL1 0x4d0
#define PIC_LEVEL2 0x4d1
#define PIC_END_OF_INTERRUPT 0x20
#define PIC_CASCADE_INPUT 2

#define CODE_SELECTOR 8
#define DATA_SELECTOR 16
#define TASK_SELECTOR 24

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t stack;
	uint8_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

struct task_state {
	uint32_t reserved0;
	uint64_t stacks[3];
	uint64_t reserved1;
	uint64_t interrupt_stacks[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t port_map;
} __attribute__((packed));

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

// The processor has one of each of these, and its handlers get no argument.
static struct gate gates[256];
static struct task_state task_state;
static uint64_t segments[5];
static volatile uint64_t raised;
static int next_line = INTERRUPT_LINE_TIMER + 1;

extern const char gk_exception_entries[];
extern const char gk_interrupt_entries[];
extern const char gk_spurious_entry[];
extern char gk_exception_stack_top[];

void gk_interrupt(uint64_t line);

static uint32_t apic_read(uint32_t reg) {
	return *(volatile uint32_t *)(APIC_BASE + reg);
}

static void apic_write(uint32_t reg, uint32_t value) {
	*(volatile uint32_t *)(APIC_BASE + reg) = value;
}

static void set_gate(int vector, const char *entry, uint8_t stack) {
	uint64_t address = (uint64_t)entry;
	gates[vector] = (struct gate){
		.offset_low = (uint16_t)address,
		.selector = CODE_SELECTOR,
		.stack = stack,
		.type = 0x8e, // present interrupt gate
		.offset_middle = (uint16_t)(address >> 16),
		.offset_high = (uint32_t)(address >> 32),
	};
}

static void load_segments(void) {
	// Exceptions run on a stack of their own: the program's may be what overflowed.
	task_state.interrupt_stacks[0] = (uint64_t)gk_exception_stack_top;
	task_state.port_map = sizeof(task_state);
	uint64_t base = (uint64_t)&task_state;
	segments[1] = UINT64_C(0x00af9b000000ffff);
	segments[2] = UINT64_C(0x00cf93000000ffff);
	segments[3] = UINT64_C(0x0000890000000000) | (sizeof(task_state) - 1) |
		(base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56;
	segments[4] = base >> 32;
	struct table_pointer pointer = {sizeof(segments) - 1, (uint64_t)segments};
	__asm__ volatile("lgdt %0; ltr %w1" : : "m"(pointer), "r"(TASK_SELECTOR) : "memory");
}

static void init_pic(void) {
	// The four initialization words (8259A data sheet), vectors behind the APIC's lines.
	uint8_t vector = FIRST_VECTOR + INTERRUPT_LINE_PIC(0);
	outb(PIC1, 0x11);
	outb(PIC2, 0x11);
	outb(PIC1_MASK, vector);
	outb(PIC2_MASK, vector + 8);
	outb(PIC1_MASK, 1 << PIC_CASCADE_INPUT);
	outb(PIC2_MASK, PIC_CASCADE_INPUT);
	outb(PIC1_MASK, 0x01);
	outb(PIC2_MASK, 0x01);
	outb(PIC1_MASK, 0xff & ~(1 << PIC_CASCADE_INPUT));
	outb(PIC2_MASK, 0xff);
}

void interrupt_init(void) {
	load_segments();
	for (int i = 0; i < 32; i++) {
		set_gate(i, gk_exception_entries + 16 * i, 1);
	}
	for (int i = 0; i < 64; i++) {
		set_gate(FIRST_VECTOR + i, gk_interrupt_entries + 16 * i, 0);
	}
	set_gate(SPURIOUS_VECTOR, gk_spurious_entry, 0);
	struct table_pointer pointer = {sizeof(gates) - 1, (uint64_t)gates};
	__asm__ volatile("lidt %0" : : "m"(pointer) : "memory");

	init_pic();
	wrmsr(MSR_APIC_BASE, APIC_BASE | (rdmsr(MSR_APIC_BASE) & 0x100) | MSR_APIC_BASE_ENABLE);
	apic_write(APIC_TASK_PRIORITY, 0);
	apic_write(APIC_SPURIOUS, 0x100 | SPURIOUS_VECTOR);
	apic_write(APIC_LINT0, APIC_LINT_EXTINT);
	apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_16);
	apic_write(APIC_TIMER, FIRST_VECTOR + INTERRUPT_LINE_TIMER);
}

int interrupt_allocate_line(void) {
	return next_line < INTERRUPT_LINE_PIC(0) ? next_line++ : -1;
}

uint64_t interrupt_message_address(void) {
	return APIC_BASE | (uint64_t)(apic_read(APIC_ID) >> 24) << 12;
}

uint32_t interrupt_message_data(int line) {
	return (uint32_t)(FIRST_VECTOR + line);
}

static void set_pic_mask(int input, bool masked) {
	uint16_t port = input < 8 ? PIC1_MASK : PIC2_MASK;
	uint8_t bit = (uint8_t)(1u << (input % 8));
	uint8_t mask = inb(port);
	outb(port, masked ? mask | bit : mask & (uint8_t)~bit);
}

void interrupt_enable_pic(int input) {
	uint16_t port = input < 8 ? PIC_LEVEL1 : PIC_LEVEL2;
	outb(port, inb(port) | (uint8_t)(1u << (input % 8)));
	set_pic_mask(input, false);
}

void interrupt_set_timer(uint32_t ticks) {
	apic_write(APIC_TIMER_INITIAL, ticks);
}

uint32_t interrupt_timer_left(void) {
	return apic_read(APIC_TIMER_CURRENT);
}

void gk_interrupt(uint64_t line) {
	raised |= UINT64_C(1) << line;
	if (line < INTERRUPT_LINE_PIC(0)) {
		apic_write(APIC_END_OF_INTERRUPT, 0);
		return;
	}
	int input = (int)line - INTERRUPT_LINE_PIC(0);
	set_pic_mask(input, true);
	if (input >= 8) {
		outb(PIC2, PIC_END_OF_INTERRUPT);
	}
	outb(PIC1, PIC_END_OF_INTERRUPT);
}

uint64_t interrupt_take(void) {
	// sti takes effect after the next instruction.
	__asm__ volatile("sti; nop; cli" : : : "memory");
	uint64_t lines = raised;
	raised = 0;
	return lines;
}

void interrupt_halt(void) {
	// What was raised while interrupts were disabled ends the hlt at once.
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

void interrupt_wait(void) {
	if (raised == 0) {
		interrupt_halt();
	}
}
