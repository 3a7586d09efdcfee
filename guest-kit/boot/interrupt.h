/**
 * Interrupts. A handler only notes which line was raised: all work is done outside of
 * interrupts, by the loop that waits for them. They are let in nowhere but in interrupt_take()
 * and interrupt_halt(). So nothing in the kit needs a lock.
 *
 * Lines 0 to 47 are vectors of the local APIC (line 0 is its timer, the others are given to
 * MSI-X tables), lines 48 to 63 the sixteen inputs of the two 8259 interrupt controllers.
 *
 * Intel SDM volume 3, chapters 7 and 12; Intel 8259A data sheet.
 */
#ifndef GK_BOOT_INTERRUPT_H
#define GK_BOOT_INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

#define INTERRUPT_LINE_TIMER 0
#define INTERRUPT_LINE_PIC(input) (48 + (input))

/** Load descriptor tables, mask the 8259s, enable the local APIC. */
void interrupt_init(void);

/** Returns a line for an MSI-X vector, or -1 if all are taken. */
int interrupt_allocate_line(void);

/** The message, address and data, that raises a line. PCI Local Bus 3.0, 6.8; SDM 12.11. */
uint64_t interrupt_message_address(void);
uint32_t interrupt_message_data(int line);

/**
 * Let an input of the 8259s through, level triggered. When it is raised it is masked again: call
 * this once more when its cause is gone.
 */
void interrupt_enable_pic(int input);

/** Have the timer's line raised once, after this many ticks of the APIC timer (0: never). */
void interrupt_set_timer(uint32_t ticks);

/** What is left of the ticks. */
uint32_t interrupt_timer_left(void);

/** Returns the lines raised since the last call, one bit each. Does not wait. */
uint64_t interrupt_take(void);

/** Halt the processor until a line is raised; returns at once if one is that was not taken. */
void interrupt_wait(void);

/**
 * Halt the processor until the next interrupt, whatever lines are raised already. One that came since the last call of this or of
 * interrupt_take() counts: so check what is waited for, then call this, and check again.
 */
void interrupt_halt(void);

#endif
