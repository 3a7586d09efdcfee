#ifndef KVM_PROBE_H
#define KVM_PROBE_H

#include <stdint.h>

/**
 * What running real code on /dev/kvm showed.
 *
 * A device that opens proves nothing: a software KVM runs 16-bit code correctly, and dies or
 * crawls in what a kernel does.
 */
enum kvm_verdict {
	KVM_WORKS,
	KVM_ABSENT, // no such device
	KVM_DENIED, // the user may not open it
	KVM_BROKEN, // an ioctl failed, or the code did not run as it should
	KVM_SLOW, // the code had not come to its end in time
};

/**
 * Run 64-bit code (with BMI2 where the processor has it) in a machine on kvm_path.
 *
 * Blocks, for as long as KVM lets it: to be called in a process that can be killed. Never
 * returns KVM_SLOW, which is for the caller to find.
 */
enum kvm_verdict kvm_probe(const char *kvm_path);

#endif
