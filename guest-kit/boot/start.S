/*
 * From the boot loader's 32-bit protected mode into 64-bit C.
 *
 * Xen's PVH boot ABI: the entry is named by an ELF note; ebx holds the address of the start info;
 * paging is off and the segments are flat. Everything below 4 GiB is mapped one to one in pages
 * of 2 MiB: the program's code read-only and executable, all else writable and not executable.
 */
#define PAGE_PRESENT 0x001
#define PAGE_WRITE 0x002
#define PAGE_LARGE 0x080
#define NOT_EXECUTABLE_HIGH 0x80000000

#define XEN_ELFNOTE_PHYS32_ENTRY 18

#define MSR_EFER 0xc0000080
#define EFER_LME_NXE 0x900
#define CR0_PE_MP_NE_WP_PG 0x80010023
#define CR4_PAE_OSFXSR_OSXMMEXCPT 0x620

	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 8, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz "Xen"
	.quad gk_start

	.section .stack, "aw", @nobits
	.balign 4096
	.skip 256 * 1024
gk_stack_top:
	.skip 16 * 1024
	.globl gk_exception_stack_top
gk_exception_stack_top:

	.bss
	.balign 4096
	.globl gk_page_map
gk_page_map: /* level 4: 512 GiB an entry */
	.skip 4096
page_directory_pointers: /* level 3: 1 GiB an entry */
	.skip 4096
page_directories: /* level 2, four of them: 2 MiB an entry */
	.skip 4 * 4096

	.section .text.start, "ax"
	.code32
	.globl gk_start
gk_start:
	cli
	cld
	movl $gk_stack_top, %esp

	movl $(page_directory_pointers + PAGE_PRESENT + PAGE_WRITE), gk_page_map
	xorl %ecx, %ecx
1:	movl %ecx, %eax
	shll $12, %eax
	addl $(page_directories + PAGE_PRESENT + PAGE_WRITE), %eax
	movl %eax, page_directory_pointers(, %ecx, 8)
	incl %ecx
	cmpl $4, %ecx
	jb 1b

	xorl %ecx, %ecx
2:	movl %ecx, %eax
	shll $21, %eax
	orl $(PAGE_PRESENT + PAGE_WRITE + PAGE_LARGE), %eax
	movl %eax, page_directories(, %ecx, 8)
	movl $NOT_EXECUTABLE_HIGH, page_directories + 4(, %ecx, 8)
	incl %ecx
	cmpl $2048, %ecx
	jb 2b

	/* The page of the program's code, 2 MiB to 4 MiB. */
	movl $(0x200000 + PAGE_PRESENT + PAGE_LARGE), page_directories + 8
	movl $0, page_directories + 12

	movl $CR4_PAE_OSFXSR_OSXMMEXCPT, %eax
	movl %eax, %cr4
	movl $gk_page_map, %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $EFER_LME_NXE, %eax
	wrmsr
	movl $CR0_PE_MP_NE_WP_PG, %eax
	movl %eax, %cr0
	lgdt start_gdt_pointer
	ljmp $8, $3f

	.code64
3:	movw $16, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	xorl %eax, %eax
	movw %ax, %fs
	movw %ax, %gs
	xorl %ebp, %ebp
	movl %ebx, %edi
	call gk_boot
4:	cli
	hlt
	jmp 4b

	.section .rodata
	.balign 8
start_gdt:
	.quad 0
	.quad 0x00af9b000000ffff /* 8: code, 64 bit */
	.quad 0x00cf93000000ffff /* 16: data */
start_gdt_pointer:
	.word start_gdt_pointer - start_gdt - 1
	.long start_gdt

	.section .note.GNU-stack, "", @progbits
