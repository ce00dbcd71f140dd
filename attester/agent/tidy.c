/* SPDX-License-Identifier: Apache-2.0
 * Gives back what only the beginning, or a large message, had a use for: free heap, and pages
 * of libraries that were touched once. (They are clean and the file's; one that is needed again
 * comes back from the page cache.) */
#include "attester/agent/loop.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

static int let_go(struct dl_phdr_info *info, size_t size, void *ctx)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size;
	(void)ctx;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t from = (info->dlpi_addr + p->p_vaddr + page - 1) & ~(page - 1);
		uintptr_t to = (info->dlpi_addr + p->p_vaddr + p->p_memsz) & ~(page - 1);

		/* never what can be written: there a page may be ours */
		if (p->p_type != PT_LOAD || p->p_flags & PF_W || to <= from)
			continue;
		(void)madvise((void *)from, to - from, // NOLINT(performance-no-int-to-ptr)
			      MADV_DONTNEED);
	}
	return 0;
}

void agent_tidy(void)
{
	malloc_trim(0);
	dl_iterate_phdr(let_go, NULL);
}
