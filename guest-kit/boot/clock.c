#include "boot/clock.h"

#include "boot/interrupt.h"
#include "boot/io.h"
#include "core/calendar.h"

#define NS_PER_S UINT64_C(1000000000)

#define PIT_HZ 1193182
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define PIT_CHANNEL2_ONE_SHOT 0xb0
#define PIT_GATE 0x61
#define PIT_GATE_ENABLE 0x01
#define PIT_GATE_SPEAKER 0x02
#define PIT_GATE_OUTPUT 0x20
#define CALIBRATION_TICKS (PIT_HZ / 250)

#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71
#define CMOS_STATUS_A 0x0a
#define CMOS_STATUS_B 0x0b
#define CMOS_CENTURY 0x32
#define STATUS_A_UPDATING 0x80
#define STATUS_B_BINARY 0x04
#define STATUS_B_24_HOURS 0x02

void clock_init(struct clock *clock) {
	outb(PIT_GATE, (inb(PIT_GATE) & ~PIT_GATE_SPEAKER) | PIT_GATE_ENABLE);
	outb(PIT_COMMAND, PIT_CHANNEL2_ONE_SHOT);
	outb(PIT_CHANNEL2, CALIBRATION_TICKS & 0xff);
	outb(PIT_CHANNEL2, CALIBRATION_TICKS >> 8);
	uint64_t start = rdtsc();
	interrupt_set_timer(UINT32_MAX);
	// A machine without a PIT must not hang here: its counters are then taken for 1 GHz.
	uint32_t patience = 10000000;
	while ((inb(PIT_GATE) & PIT_GATE_OUTPUT) == 0 && patience > 0) {
		patience--;
	}
	uint64_t tsc_ticks = rdtsc() - start;
	uint64_t apic_ticks = UINT32_MAX - interrupt_timer_left();
	interrupt_set_timer(0);
	clock->tsc_start = start;
	clock->tsc_hz = patience > 0 ? tsc_ticks * PIT_HZ / CALIBRATION_TICKS : NS_PER_S;
	clock->apic_hz = patience > 0 ? apic_ticks * PIT_HZ / CALIBRATION_TICKS : NS_PER_S / 16;
}

uint64_t clock_now_ns(const struct clock *clock) {
	uint64_t ticks = rdtsc() - clock->tsc_start;
	uint64_t seconds = ticks / clock->tsc_hz;
	return seconds * NS_PER_S + ticks % clock->tsc_hz * NS_PER_S / clock->tsc_hz;
}

void clock_set_timer(const struct clock *clock, uint64_t duration_ns) {
	uint64_t limit_ns = 60 * NS_PER_S;
	duration_ns = duration_ns > limit_ns ? limit_ns : duration_ns;
	// One tick more, because the wait would end just before its time otherwise.
	uint64_t ticks = duration_ns * (clock->apic_hz / 1000) / (NS_PER_S / 1000) + 1;
	interrupt_set_timer(ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks);
}

static uint8_t read_cmos(uint8_t index) {
	outb(CMOS_INDEX, index);
	return inb(CMOS_DATA);
}

static int decode(uint8_t value, uint8_t status_b) {
	return status_b & STATUS_B_BINARY ? value : (value >> 4) * 10 + (value & 15);
}

static void read_fields(uint8_t fields[7]) {
	static const uint8_t registers[7] = {0, 2, 4, 7, 8, 9, CMOS_CENTURY};
	for (int patience = 0; patience < 100000; patience++) {
		if ((read_cmos(CMOS_STATUS_A) & STATUS_A_UPDATING) == 0) {
			break;
		}
	}
	for (int i = 0; i < 7; i++) {
		fields[i] = read_cmos(registers[i]);
	}
}

int64_t clock_read_cmos(void) {
	uint8_t fields[7], again[7];
	bool equal = false;
	// An update may have come between: two readings must agree.
	for (int attempt = 0; attempt < 8 && !equal; attempt++) {
		read_fields(fields);
		read_fields(again);
		equal = true;
		for (int i = 0; i < 7; i++) {
			equal = equal && fields[i] == again[i];
		}
	}
	uint8_t status_b = read_cmos(CMOS_STATUS_B);
	bool afternoon = (status_b & STATUS_B_24_HOURS) == 0 && (fields[2] & 0x80);
	int hour = decode(fields[2] & 0x7f, status_b);
	if ((status_b & STATUS_B_24_HOURS) == 0) {
		hour = hour % 12 + (afternoon ? 12 : 0);
	}
	int century = decode(fields[6], status_b);
	century = century < 19 || century > 29 ? 20 : century;
	int year = century * 100 + decode(fields[5], status_b);
	int month = decode(fields[4], status_b);
	int day = decode(fields[3], status_b);
	if (month < 1 || month > 12 || day < 1 || day > 31) {
		return -1;
	}
	return calendar_days(year, month, day) * 86400 + hour * 3600 +
		decode(fields[1], status_b) * 60 + decode(fields[0], status_b);
}
