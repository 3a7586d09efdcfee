/**
 * x86 instructions that C has no words for: ports, model-specific registers, MMIO, barriers.
 */
#ifndef GK_BOOT_IO_H
#define GK_BOOT_IO_H

#include <stdint.h>

static inline void outb(uint16_t port, uint8_t value) {
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outw(uint16_t port, uint16_t value) {
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outl(uint16_t port, uint32_t value) {
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port) {
	uint8_t value;
	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint16_t inw(uint16_t port) {
	uint16_t value;
	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint32_t inl(uint16_t port) {
	uint32_t value;
	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/** Read count bytes of a port: one exit to the host for many, where a loop would take one each. */
static inline void insb(uint16_t port, void *data, uint64_t count) {
	__asm__ volatile("rep insb" : "+D"(data), "+c"(count) : "d"(port) : "memory");
}

static inline uint64_t rdmsr(uint32_t msr) {
	uint32_t low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void wrmsr(uint32_t msr, uint64_t value) {
	__asm__ volatile("wrmsr" : : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"(msr));
}

static inline uint64_t rdtsc(void) {
	uint32_t low, high;
	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/** Order stores before loads, as seen by a device: the one reordering that x86 does. */
static inline void memory_barrier(void) {
	__asm__ volatile("mfence" : : : "memory");
}

/** Keep the compiler from moving memory accesses; x86 keeps loads and stores in order itself. */
static inline void compiler_barrier(void) {
	__asm__ volatile("" : : : "memory");
}

#endif
