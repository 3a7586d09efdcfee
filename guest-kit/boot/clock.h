/**
 * Time: the TSC counts it, the APIC timer ends a wait, the CMOS clock knows the date.
 */
#ifndef GK_BOOT_CLOCK_H
#define GK_BOOT_CLOCK_H

#include <stdint.h>

struct clock {
	uint64_t tsc_start;
	uint64_t tsc_hz;
	uint64_t apic_hz; // of the timer, after its divider
};

/** Measure both counters against the PIT (1193182 Hz), which takes 4 ms. */
void clock_init(struct clock *clock);

/** Nanoseconds since clock_init(). Never goes backwards. */
uint64_t clock_now_ns(const struct clock *clock);

/** Raise the timer's line in duration_ns, or somewhat earlier if that is far away. */
void clock_set_timer(const struct clock *clock, uint64_t duration_ns);

/**
 * Read the CMOS clock (MC146818). The host sets it to UTC.
 *
 * Returns seconds since 1970-01-01 00:00:00 UTC, or -1 if it shows no possible date.
 */
int64_t clock_read_cmos(void);

#endif
