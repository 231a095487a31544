// SPDX-License-Identifier: GPL-2.0
/*
 * Notifies this kernel of a VM fork, like the driver of the vmgenid device;
 * once, when loaded. ENOENT: the kernel has no such notifier.
 *
 * Kernels with that driver built in do not export the function; a kprobe
 * finds its address.
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
