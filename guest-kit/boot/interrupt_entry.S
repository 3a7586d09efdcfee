/*
 * The entries of all interrupts and exceptions: they save what C may change, and call C.
 *
 * SSE registers are not saved: interrupt.c, the only C that runs inside an interrupt, is built
 * not to use them, as all of the kit is. An exception never returns.
 */
	.text

	/* Exceptions 0 to 31, 16 bytes apart. Those of the mask push an error code by themselves. */
	.globl gk_exception_entries
	.balign 16
gk_exception_entries:
	.set vector, 0
	.rept 32
	.balign 16
	.if ((0x60227d00 >> vector) & 1) == 0
	pushq $0
	.endif
	pushq $vector
	jmp exception_common
	.set vector, vector + 1
	.endr

	/* Interrupts 0x40 to 0x7f, 16 bytes apart. */
	.globl gk_interrupt_entries
	.balign 16
gk_interrupt_entries:
	.set line, 0
	.rept 64
	.balign 16
	pushq $line
	jmp interrupt_common
	.set line, line + 1
	.endr

	.globl gk_spurious_entry
	.balign 16
gk_spurious_entry:
	iretq

interrupt_common:
	pushq %rax
	pushq %rcx
	pushq %rdx
	pushq %rsi
	pushq %rdi
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	/* The processor aligned the stack to 16 bytes before it pushed five words. */
	subq $8, %rsp
	movq 80(%rsp), %rdi
	cld
	call gk_interrupt
	addq $8, %rsp
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rdi
	popq %rsi
	popq %rdx
	popq %rcx
	popq %rax
	addq $8, %rsp
	iretq

	/* Builds struct exception_frame (exception.c) from its end to its beginning. */
exception_common:
	pushq %rax
	pushq %rbx
	pushq %rcx
	pushq %rdx
	pushq %rsi
	pushq %rdi
	pushq %rbp
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, %rdi
	andq $-16, %rsp
	cld
	call gk_exception
1:	cli
	hlt
	jmp 1b

	.section .note.GNU-stack, "", @progbits
