// SPDX-License-Identifier: GPL-2.0
/*
 * Tells this kernel that its machine has been forked, as the driver of the
 * vmgenid device does; once, when loaded. ENOENT: it does not know of forks.
 *
 * Kernels with that driver built in export the function to nobody; a kprobe
 * knows where it is.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/random.h>

static int __init vmfork_init(void)
{
	static u8 id[16] = "kdtls-vmfork";
	struct kprobe probe = { .symbol_name = "add_vmfork_randomness" };
	void (*announce)(const void *id, size_t len);
	int err = register_kprobe(&probe);

	if (err)
		return err;
	announce = (void *)probe.addr;
	unregister_kprobe(&probe);
	announce(id, sizeof(id));
	return 0;
}

static void __exit vmfork_exit(void)
{
}

module_init(vmfork_init);
module_exit(vmfork_exit);
MODULE_DESCRIPTION("Announces a VM fork, for the tests of kdtls");
MODULE_LICENSE("GPL");
