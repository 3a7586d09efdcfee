#include "kvm_probe.h"

#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * 64 KiB of guest memory at 0: page tables at 0x1000 (PML4), 0x2000 (PDPT) and 0x3000 (one
 * 1 GiB directory of 2 MiB pages), code at 0x4000. The processor starts in long mode, at
 * privilege 0, as a kernel runs. The code counts down from LOOPS with three instructions a
 * round, one of them RORX (BMI2), and then writes EAX to port PORT. A processor at speed
 * needs some milliseconds; an emulator that does 2 million instructions a second needs 6 s.
 */
#define MEMORY_BYTES 0x10000
#define PML4 0x1000
#define PDPT 0x2000
#define DIRECTORY 0x3000
#define CODE 0x4000
#define PORT 0x10
#define LOOPS 4000000
#define MAGIC 0x52454448

static const uint8_t code_bmi2[] = {
	0xb9,
	0x00,
	0x09,
	0x3d,
	0x00, // mov ecx, LOOPS
	0xb8,
	0x48,
	0x44,
	0x45,
	0x52, // mov eax, MAGIC
	0xc4,
	0xe3,
	0x7b,
	0xf0,
	0xc0,
	0x08, // rorx eax, eax, 8: four rounds are the identity
	0xff,
	0xc9, // dec ecx
	0x75,
	0xf6, // jnz to rorx
	0xe7,
	PORT, // out PORT, eax
	0xf4, // hlt
};

static const uint8_t code_plain[] = {
	0xb9,
	0x00,
	0x09,
	0x3d,
	0x00, // mov ecx, LOOPS
	0xb8,
	0x48,
	0x44,
	0x45,
	0x52, // mov eax, MAGIC
	0x0f,
	0x1f,
	0x00, // nop
	0xc1,
	0xc8,
	0x08, // ror eax, 8
	0xff,
	0xc9, // dec ecx
	0x75,
	0xf6, // jnz to nop
	0xe7,
	PORT, // out PORT, eax
	0xf4, // hlt
};

_Static_assert(sizeof(code_bmi2) == sizeof(code_plain), "both jump by the same distance");
_Static_assert(LOOPS == 0x3d0900 && LOOPS % 4 == 0, "the immediate in the code");

static bool host_has_bmi2(void) {
	unsigned eax, ebx, ecx, edx;
	return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx & bit_BMI2) != 0;
}

static void fill_memory(uint8_t *memory) {
	uint64_t entry = PDPT | 0x3; // present, writable
	memcpy(memory + PML4, &entry, sizeof(entry));
	entry = DIRECTORY | 0x3;
	memcpy(memory + PDPT, &entry, sizeof(entry));
	entry = 0x83; // present, writable, 2 MiB
	memcpy(memory + DIRECTORY, &entry, sizeof(entry));
	memcpy(memory + CODE, host_has_bmi2() ? code_bmi2 : code_plain, sizeof(code_plain));
}

static bool set_registers(int vcpu) {
	struct kvm_sregs sregs;
	if (ioctl(vcpu, KVM_GET_SREGS, &sregs) != 0) {
		return false;
	}
	struct kvm_segment segment = {
		.limit = 0xffffffff,
		.type = 0xb,
		.present = 1,
		.s = 1,
		.l = 1,
		.g = 1,
		.selector = 0x8,
	};
	sregs.cs = segment;
	segment.type = 0x3;
	segment.l = 0;
	segment.db = 1;
	segment.selector = 0x10;
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = segment;
	sregs.cr3 = PML4;
	sregs.cr4 = 1 << 5; // PAE
	sregs.cr0 = UINT32_C(1) << 31 | 1 << 16 | 1 << 5 | 1; // PG, WP, NE, PE
	sregs.efer = 1 << 10 | 1 << 8; // LMA, LME
	struct kvm_regs regs = {.rip = CODE, .rflags = 2, .rsp = 0x8000};
	return ioctl(vcpu, KVM_SET_SREGS, &sregs) == 0 && ioctl(vcpu, KVM_SET_REGS, &regs) == 0;
}

/* The guest's CPUID is the host's: without it long mode itself may be refused. */
static bool set_cpuid(int kvm, int vcpu) {
	enum { ENTRIES = 256 };
	struct kvm_cpuid2 *cpuid = calloc(
		1, sizeof(*cpuid) + ENTRIES * sizeof(struct kvm_cpuid_entry2));
	if (cpuid == NULL) {
		return false;
	}
	cpuid->nent = ENTRIES;
	bool ok = ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid) == 0 &&
		ioctl(vcpu, KVM_SET_CPUID2, cpuid) == 0;
	free(cpuid);
	return ok;
}

static bool ran_to_its_end(int vcpu, const struct kvm_run *run) {
	while (ioctl(vcpu, KVM_RUN, 0) != 0) {
		if (errno != EINTR && errno != EAGAIN) {
			return false;
		}
	}
	uint32_t value = 0;
	if (run->exit_reason != KVM_EXIT_IO || run->io.port != PORT || run->io.size != 4) {
		return false;
	}
	memcpy(&value, (const uint8_t *)run + run->io.data_offset, sizeof(value));
	return value == MAGIC;
}

static bool run_machine(int kvm, int vm) {
	bool ok = false;
	uint8_t *memory = mmap(
		NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		return false;
	}
	fill_memory(memory);
	struct kvm_userspace_memory_region region = {
		.memory_size = MEMORY_BYTES,
		.userspace_addr = (uintptr_t)memory,
	};
	int run_bytes = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	int vcpu = ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) == 0
		? ioctl(vm, KVM_CREATE_VCPU, 0)
		: -1;
	if (vcpu < 0 || run_bytes < (int)sizeof(struct kvm_run)) {
		goto error_memory;
	}
	struct kvm_run *run = mmap(
		NULL, (size_t)run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED) {
		goto error_vcpu;
	}
	ok = set_cpuid(kvm, vcpu) && set_registers(vcpu) && ran_to_its_end(vcpu, run);
	munmap(run, (size_t)run_bytes);
error_vcpu:
	close(vcpu);
error_memory:
	munmap(memory, MEMORY_BYTES);
	return ok;
}

enum kvm_verdict kvm_probe(const char *kvm_path) {
	int kvm = open(kvm_path, O_RDWR | O_CLOEXEC);
	if (kvm < 0) {
		return errno == EACCES || errno == EPERM                       ? KVM_DENIED
			: errno == ENOENT || errno == ENXIO || errno == ENODEV ? KVM_ABSENT
									       : KVM_BROKEN;
	}
	enum kvm_verdict verdict = KVM_BROKEN;
	int vm = -1;
	if (ioctl(kvm, KVM_GET_API_VERSION, 0) == KVM_API_VERSION) {
		vm = ioctl(kvm, KVM_CREATE_VM, 0);
	}
	if (vm >= 0) {
		verdict = run_machine(kvm, vm) ? KVM_WORKS : KVM_BROKEN;
		close(vm);
	}
	close(kvm);
	return verdict;
}
