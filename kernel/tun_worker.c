// SPDX-License-Identifier: GPL-2.0
/* Work items of DTLS_TUN. */
#include "tun_worker.h"

static struct workqueue_struct *tun_wq;

static void run_round(struct work_struct *work)
{
	struct kdtls_tun_worker *worker = container_of(work,
						       struct kdtls_tun_worker,
						       work);

	if (worker->round(worker->arg))
		queue_work(tun_wq, &worker->work);
}

void kdtls_tun_worker_init(struct kdtls_tun_worker *worker,
			   bool (*round)(void *arg), void *arg)
{
	worker->round = round;
	worker->arg = arg;
	INIT_WORK(&worker->work, run_round);
}

void kdtls_tun_worker_wake(struct kdtls_tun_worker *worker)
{
	queue_work(tun_wq, &worker->work);
}

void kdtls_tun_worker_stop(struct kdtls_tun_worker *worker)
{
	cancel_work_sync(&worker->work);
}

/*
 * Apart from handshakes, which must not wait behind bulk data. Not bound to a
 * CPU: with WQ_SYSFS the administrator chooses CPUs and priority.
 */
int kdtls_tun_workers_init(void)
{
	tun_wq = alloc_workqueue("kdtls_tun",
				 WQ_UNBOUND | WQ_MEM_RECLAIM | WQ_SYSFS, 0);
	return tun_wq ? 0 : -ENOMEM;
}

void kdtls_tun_workers_exit(void)
{
	destroy_workqueue(tun_wq);
}
