/*
 * The smallest guest: a PVH ELF that writes "up" to the serial port and then does what the
 * first letter of its command line says.
 *
 *   o  power off            b  wait for the power button, then power off
 *   p  panic (pvpanic)      r  reset the machine, once a second or so
 *   s  write to the serial port for ever
 *   c  compute for ever
 *   anything else: halt for ever
 */
#define PM1_STATUS 0x600 /* q35, as SeaBIOS places the ACPI registers */
#define PM1_ENABLE 0x602
#define PM1_CONTROL 0x604
#define POWER_BUTTON 0x100
#define SLEEP_S5 0x2000
#define SERIAL 0x3f8
#define PVPANIC 0x505
#define RESET 0xcf9
#define START_INFO_CMDLINE 24

	.section .note.pvh, "a", @note
	.long 4, 4, 18 /* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long start

	.text
	.code32
	.globl start
start:
	movw $SERIAL, %dx
	movb $'u', %al
	outb %al, %dx
	movb $'p', %al
	outb %al, %dx
	movb $'\n', %al
	outb %al, %dx

	movl START_INFO_CMDLINE(%ebx), %esi
	testl %esi, %esi
	jz halt
	movb (%esi), %al
	cmpb $'o', %al
	je power_off
	cmpb $'b', %al
	je button
	cmpb $'p', %al
	je panic
	cmpb $'r', %al
	je reset
	cmpb $'s', %al
	je serial
	cmpb $'c', %al
	je compute
halt:
	cli
	hlt
	jmp halt

power_off:
	movw $PM1_CONTROL, %dx
	movw $SLEEP_S5, %ax
	outw %ax, %dx
	jmp halt

button:
	movw $PM1_ENABLE, %dx
	movw $POWER_BUTTON, %ax
	outw %ax, %dx
	movw $PM1_STATUS, %dx
poll:
	inw %dx, %ax
	testw $POWER_BUTTON, %ax
	jz poll
	jmp power_off

panic:
	movw $PVPANIC, %dx
	movb $1, %al
	outb %al, %dx
	jmp halt

reset:
	movl $200000000, %ecx
delay:
	decl %ecx
	jnz delay
	movw $RESET, %dx
	movb $6, %al
	outb %al, %dx
	jmp halt

serial:
	movw $SERIAL, %dx
	movb $'x', %al
more:
	outb %al, %dx
	jmp more

compute:
	jmp compute

	.section .note.GNU-stack, "", @progbits
