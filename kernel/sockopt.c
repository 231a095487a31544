// SPDX-License-Identifier: GPL-2.0
/* Options: our own level, and those of UDP and IPv6 that we must own. */
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/ipv6.h>
#include <net/udp.h>

#include "address.h"
#include "answer.h"
#include "assoc.h"
#include "assoc_lookup.h"
#include "assoc_setup.h"
#include "assoc_state.h"
#include "assoc_status.h"
#include "event.h"
#include "gro.h"
#include "idle.h"
#include "input.h"
#include "last_flight.h"
#include "path_mtu.h"
#include "peeloff.h"
#include "peer_info.h"
#include "peer_table.h"
#include "roam.h"
#include "socket.h"
#include "sockopt.h"
#include "tun.h"
#include "update_tx.h"
#include "record/dtls13/handshake13.h"

#define MAX_FLIGHT	(DTLS_MAX_FLIGHT + sizeof(struct dtls_flight))

/*
 * At least that of the first release. A shorter struct is extended by zeros; a
 * longer must be zero beyond ours.
 */
static int get_struct(void *to, size_t size, size_t least, sockptr_t from,
		      unsigned int len)
{
	size_t off;
	u8 byte;

	memset(to, 0, size);
	if (len < least)
		return -EINVAL;
	if (len > PAGE_SIZE)
		return -E2BIG;
	if (copy_from_sockptr(to, from, min_t(size_t, len, size)))
		return -EFAULT;
	for (off = size; off < len; off++) {
		if (copy_from_sockptr_offset(&byte, from, off, 1))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	return 0;
}

static int get_u32(u32 *value, sockptr_t from, unsigned int len)
{
	if (len != sizeof(*value))
		return -EINVAL;
	return copy_from_sockptr(value, from, len) ? -EFAULT : 0;
}

static int set_keys(struct kdtls_sock *ks, sockptr_t optval, unsigned int len)
{
	struct dtls_keys *keys = kmalloc(sizeof(*keys), GFP_KERNEL);
	int err;

	if (!keys)
		return -ENOMEM;
	err = get_struct(keys, sizeof(*keys), DTLS_KEYS_SIZE_VER0, optval, len);
	if (!err)
		err = kdtls_setup_keys(ks, keys);
	kfree_sensitive(keys);
	return err;
}

static int set_request(struct kdtls_sock *ks, sockptr_t optval,
		       unsigned int len, u16 role)
{
	struct dtls_request *request = kmalloc(sizeof(*request), GFP_KERNEL);
	int err;

	if (!request)
		return -ENOMEM;
	err = get_struct(request, sizeof(*request), DTLS_REQUEST_SIZE_VER0,
			 optval, len);
	if (!err)
		err = kdtls_setup_request(ks, request, role);
	kfree(request);
	return err;
}

/*
 * The association that an option names: that of the connected socket, or of many
 * the one with the id that begins the structure. -ENOTCONN, -ENOENT.
 */
static struct kdtls_assoc *named_assoc(struct kdtls_sock *ks, sockptr_t optval,
				       unsigned int len)
{
	struct kdtls_assoc *assoc;
	u64 id;

	if (!kdtls_peer_table_of(ks))
		return kdtls_lookup_connected(ks) ?: ERR_PTR(-ENOTCONN);
	if (len < sizeof(id))
		return ERR_PTR(-EINVAL);
	if (copy_from_sockptr(&id, optval, sizeof(id)))
		return ERR_PTR(-EFAULT);
	assoc = kdtls_lookup_id(ks, id);
	return assoc ?: ERR_PTR(-ENOENT);
}

static int set_flight(struct kdtls_sock *ks, sockptr_t optval, unsigned int len)
{
	struct kdtls_assoc *assoc;
	struct dtls_flight *flight;
	int err = -EFAULT;

	if (len < sizeof(*flight))
		return -EINVAL;
	if (len > MAX_FLIGHT)
		return -EMSGSIZE;
	assoc = named_assoc(ks, optval, len);
	if (IS_ERR(assoc))
		return PTR_ERR(assoc);
	flight = kmalloc(len, GFP_KERNEL);
	if (!flight)
		err = -ENOMEM;
	else if (!copy_from_sockptr(flight, optval, len))
		err = kdtls_flight_set(assoc, flight, len);
	kfree_sensitive(flight);
	kdtls_assoc_put(assoc);
	return err;
}

static int set_recvinfo(struct kdtls_sock *ks, sockptr_t optval,
			unsigned int len)
{
	u32 value;
	int err = get_u32(&value, optval, len);

	if (err)
		return err;
	if (value & ~(DTLS_RECVINFO_TYPE | DTLS_RECVINFO_ASSOC |
		      DTLS_RECVINFO_EMPTY))
		return -EINVAL;
	WRITE_ONCE(ks->recvinfo, value);
	return 0;
}

static int set_events(struct kdtls_sock *ks, sockptr_t optval, unsigned int len)
{
	u32 mask;
	int err = get_u32(&mask, optval, len);

	return err ?: kdtls_events_choose(ks, mask);
}

static int set_window(struct kdtls_sock *ks, sockptr_t optval, unsigned int len)
{
	u32 value;
	int err = get_u32(&value, optval, len);

	if (err)
		return err;
	if (value < DTLS_WINDOW_MIN || value > DTLS_WINDOW_MAX_BITS ||
	    !is_power_of_2(value))
		return -EINVAL;
	mutex_lock(&ks->config);
	if (rcu_access_pointer(ks->assoc))
		err = -EALREADY;
	else
		ks->window_bits = value;
	mutex_unlock(&ks->config);
	return err;
}

static int set_cid(struct kdtls_sock *ks, sockptr_t optval, unsigned int len)
{
	u32 value;
	int err = get_u32(&value, optval, len);

	if (err)
		return err;
	if (value && (value < DTLS_CID_MIN || value > DTLS_CID_MAX))
		return -EINVAL;
	mutex_lock(&ks->config);
	if (kdtls_peer_table_of(ks) || rcu_access_pointer(ks->assoc))
		err = -EALREADY;
	else
		WRITE_ONCE(ks->cid_len, value);
	mutex_unlock(&ks->config);
	return err;
}

static int set_limit(struct kdtls_sock *ks, sockptr_t optval, unsigned int len)
{
	u32 value;
	int err = get_u32(&value, optval, len);

	if (!err)
		WRITE_ONCE(ks->peers_limit, value);
	return err;
}

static int set_idle(struct kdtls_sock *ks, sockptr_t optval, unsigned int len)
{
	u32 seconds;
	int err = get_u32(&seconds, optval, len);

	if (err)
		return err;
	if (seconds > KDTLS_IDLE_MAX)
		return -EINVAL;
	mutex_lock(&ks->config);
	if (ks->sk->sk_state == TCP_ESTABLISHED)
		err = -EOPNOTSUPP;
	else
		kdtls_idle_choose(ks, seconds);
	mutex_unlock(&ks->config);
	return err;
}

/* With a close_notify, as close() would. */
static int close_peer(struct kdtls_sock *ks, u64 id)
{
	struct kdtls_assoc *assoc;
	int err = -ENOENT;

	if (!kdtls_peer_table_of(ks))
		return -EOPNOTSUPP;
	assoc = kdtls_lookup_id(ks, id);
	if (assoc && kdtls_peer_table_remove(assoc)) {
		kdtls_assoc_end(assoc);
		err = 0;
	}
	kdtls_assoc_put(assoc);
	return err;
}

static int set_close(struct kdtls_sock *ks, sockptr_t optval, unsigned int len)
{
	u64 id;

	if (len != sizeof(id))
		return -EINVAL;
	if (copy_from_sockptr(&id, optval, sizeof(id)))
		return -EFAULT;
	return close_peer(ks, id);
}

static int set_inject(struct kdtls_sock *ks, sockptr_t optval, unsigned int len)
{
	if (!len || len > 65507)
		return -EINVAL;
	return kdtls_input_inject(ks, optval, len);
}

static int set_tun(struct kdtls_sock *ks, sockptr_t optval, unsigned int len)
{
	static const struct dtls_tun none = { .fd = -1 };
	struct dtls_tun want;
	int err = get_struct(&want, sizeof(want), DTLS_TUN_SIZE_VER0, optval,
			     len);

	if (err)
		return err;
	if (want.fd >= 0)
		return kdtls_tun_connect(ks, &want);
	if (memcmp(&want, &none, sizeof(want)))
		return -EINVAL;
	return kdtls_tun_disconnect(ks);
}

static int set_roam(struct kdtls_sock *ks, sockptr_t optval, unsigned int len)
{
	u32 value;
	int err = get_u32(&value, optval, len);

	if (err)
		return err;
	if (value > DTLS_ROAM_TRUST)
		return -EINVAL;
	WRITE_ONCE(ks->roam, value);
	return 0;
}

static int move_peer(struct kdtls_sock *ks, const struct dtls_move *want)
{
	struct kdtls_assoc *assoc;
	union kdtls_addr peer;
	int err = kdtls_addr_read(ks->sk, &want->peer, sizeof(want->peer),
				  &peer);

	if (err)
		return err;
	if (!kdtls_addr_unicast(&peer))
		return -EINVAL;
	assoc = kdtls_lookup_id(ks, want->assoc);
	err = assoc ? kdtls_roam_move(assoc, &peer) : -ENOENT;
	kdtls_assoc_put(assoc);
	return err;
}

static int set_move(struct kdtls_sock *ks, sockptr_t optval, unsigned int len)
{
	struct dtls_move want;
	int err = get_struct(&want, sizeof(want), DTLS_MOVE_SIZE_VER0, optval,
			     len);

	if (err)
		return err;
	if (want.flags || want.pad)
		return -EINVAL;
	return kdtls_peer_table_of(ks) ? move_peer(ks, &want) : -EOPNOTSUPP;
}

static u8 request_of(const struct dtls_key_update *want)
{
	return want->flags & DTLS_KEY_UPDATE_REQUEST ?
	       DTLS13_UPDATE_REQUESTED : DTLS13_UPDATE_NOT_REQUESTED;
}

static int set_key_update(struct kdtls_sock *ks, sockptr_t optval,
			  unsigned int len)
{
	struct dtls_key_update want;
	struct kdtls_assoc *assoc;
	int err = get_struct(&want, sizeof(want), DTLS_KEY_UPDATE_SIZE_VER0,
			     optval, len);

	if (err)
		return err;
	if (want.flags & ~DTLS_KEY_UPDATE_REQUEST || want.pad)
		return -EINVAL;
	assoc = named_assoc(ks, optval, len);
	if (IS_ERR(assoc))
		return PTR_ERR(assoc);
	if (want.assoc && want.assoc != assoc->id)
		err = -ENOENT;
	else
		err = kdtls_update_tx_start(assoc, request_of(&want));
	kdtls_assoc_put(assoc);
	return err;
}

static int set_dtls(struct kdtls_sock *ks, int optname, sockptr_t optval,
		    unsigned int len)
{
	switch (optname) {
	case DTLS_KEYS:
		return set_keys(ks, optval, len);
	case DTLS_CONNECT:
		return set_request(ks, optval, len, DTLS_ROLE_CLIENT);
	case DTLS_LISTEN:
		return set_request(ks, optval, len, DTLS_ROLE_SERVER);
	case DTLS_LAST_FLIGHT:
		return set_flight(ks, optval, len);
	case DTLS_RECVINFO:
		return set_recvinfo(ks, optval, len);
	case DTLS_REPLAY_WINDOW:
		return set_window(ks, optval, len);
	case DTLS_INJECT:
		return set_inject(ks, optval, len);
	case DTLS_CID:
		return set_cid(ks, optval, len);
	case DTLS_PEER_LIMIT:
		return set_limit(ks, optval, len);
	case DTLS_IDLE_TIMEOUT:
		return set_idle(ks, optval, len);
	case DTLS_CLOSE:
		return set_close(ks, optval, len);
	case DTLS_EVENTS:
		return set_events(ks, optval, len);
	case DTLS_TUN:
		return set_tun(ks, optval, len);
	case DTLS_KEY_UPDATE:
		return set_key_update(ks, optval, len);
	case DTLS_ROAM:
		return set_roam(ks, optval, len);
	case DTLS_MOVE:
		return set_move(ks, optval, len);
	default:
		return -ENOPROTOOPT;
	}
}

/* As UDP reads its options. */
static int get_int(int *value, sockptr_t from, unsigned int len)
{
	if (len < sizeof(*value))
		return -EINVAL;
	return copy_from_sockptr(value, from, sizeof(*value)) ? -EFAULT : 0;
}

/* As UDP checks it; what we keep is the application's size. */
static int set_segment(struct kdtls_sock *ks, sockptr_t optval,
		       unsigned int len)
{
	int value;
	int err = get_int(&value, optval, len);

	if (err)
		return err;
	if (value < 0 || value > USHRT_MAX)
		return -EINVAL;
	WRITE_ONCE(ks->gso_size, value);
	return 0;
}

/* Records are not gathered: a cork may be set to what it is already. */
static int set_cork(sockptr_t optval, unsigned int len)
{
	int value;
	int err = get_int(&value, optval, len);

	if (err)
		return err;
	return value ? -EOPNOTSUPP : 0;
}

static int set_gro(struct kdtls_sock *ks, sockptr_t optval, unsigned int len)
{
	int value;
	int err = get_int(&value, optval, len);

	return err ?: kdtls_gro_choose(ks, value);
}

int kdtls_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		     unsigned int optlen)
{
	struct kdtls_sock *ks = kdtls_sk(sk);

	kdtls_leftover_look(ks);
	if (level == SOL_DTLS)
		return set_dtls(ks, optname, optval, optlen);
	if (level == SOL_UDP && optname == UDP_GRO)
		return set_gro(ks, optval, optlen);
	if (level == SOL_UDP && optname == UDP_SEGMENT)
		return set_segment(ks, optval, optlen);
	if (level == SOL_UDP && optname == UDP_CORK)
		return set_cork(optval, optlen);
	if (level == SOL_UDP && optname == UDP_ENCAP)
		return -EOPNOTSUPP;
	if (level == SOL_IPV6 && optname == IPV6_ADDRFORM)
		return -EOPNOTSUPP;
	if (level == SOL_IP && optname == DTLS_ULP)
		return -EALREADY;
	return kdtls_base(ks)->setsockopt(sk, level, optname, optval, optlen);
}

static int get_u32_option(u32 value, sockptr_t optval, sockptr_t optlen)
{
	return kdtls_answer(&value, sizeof(value), optval, optlen);
}

/* Of many by its id, or if that is 0 by the address of the peer. */
static struct kdtls_assoc *status_of_many(struct kdtls_sock *ks,
					  sockptr_t optval, sockptr_t optlen)
{
	struct dtls_status asked;
	union kdtls_addr peer;
	struct kdtls_assoc *assoc;
	int len, err;

	if (copy_from_sockptr(&len, optlen, sizeof(len)))
		return ERR_PTR(-EFAULT);
	err = get_struct(&asked, sizeof(asked), 0, optval,
			 clamp_t(int, len, 0, sizeof(asked)));
	if (err)
		return ERR_PTR(err);
	if (asked.assoc) {
		assoc = kdtls_lookup_id(ks, asked.assoc);
	} else {
		err = kdtls_addr_read(ks->sk, &asked.peer, sizeof(asked.peer),
				      &peer);
		if (err)
			return ERR_PTR(err);
		assoc = kdtls_peer_table_find_address(ks, &peer);
	}
	return assoc ?: ERR_PTR(-ENOENT);
}

static int get_status(struct kdtls_sock *ks, sockptr_t optval, sockptr_t optlen)
{
	struct dtls_status status = {};
	struct kdtls_assoc *assoc;

	if (kdtls_peer_table_of(ks))
		assoc = status_of_many(ks, optval, optlen);
	else
		assoc = kdtls_lookup_connected(ks);
	if (IS_ERR(assoc))
		return PTR_ERR(assoc);
	if (assoc)
		kdtls_assoc_status(assoc, &status);
	kdtls_assoc_put(assoc);
	return kdtls_answer(&status, sizeof(status), optval, optlen);
}

static int get_stats(struct kdtls_assoc *assoc, sockptr_t optval,
		     sockptr_t optlen)
{
	struct dtls_stats stats;

	stats.assoc = assoc->id;
	stats.tx_records = atomic64_read(&assoc->counters[KDTLS_TX_RECORDS]);
	stats.tx_bytes = atomic64_read(&assoc->counters[KDTLS_TX_BYTES]);
	stats.rx_records = atomic64_read(&assoc->counters[KDTLS_RX_RECORDS]);
	stats.rx_bytes = atomic64_read(&assoc->counters[KDTLS_RX_BYTES]);
	return kdtls_answer(&stats, sizeof(stats), optval, optlen);
}

static int get_drops(struct kdtls_assoc *assoc, sockptr_t optval,
		     sockptr_t optlen)
{
	u64 drops[DTLS_DROP_COUNT];
	int i;

	for (i = 0; i < DTLS_DROP_COUNT; i++)
		drops[i] = atomic64_read(&assoc->counters[KDTLS_DROPS + i]);
	return kdtls_answer_units(drops, sizeof(drops), sizeof(*drops), optval,
				  optlen);
}

static int answer_of_assoc(struct kdtls_assoc *assoc, int optname,
			   sockptr_t optval, sockptr_t optlen)
{
	switch (optname) {
	case DTLS_PEER:
		return kdtls_peer_info_get(assoc, optval, optlen);
	case DTLS_PEER_CERT:
		return kdtls_peer_info_get_cert(assoc, optval, optlen);
	case DTLS_PEER_IDENTITY:
		return kdtls_peer_info_get_identity(assoc, optval, optlen);
	case DTLS_EXPORTER:
		return kdtls_peer_info_get_exporter(assoc, optval, optlen);
	case DTLS_MTU:
		return get_u32_option(kdtls_path_mtu_content(assoc), optval,
				      optlen);
	case DTLS_DROPS:
		return get_drops(assoc, optval, optlen);
	default:
		return get_stats(assoc, optval, optlen);
	}
}

static int get_of_assoc(struct kdtls_sock *ks, int optname, sockptr_t optval,
			sockptr_t optlen)
{
	struct kdtls_assoc *assoc;
	int len, err;

	if (copy_from_sockptr(&len, optlen, sizeof(len)))
		return -EFAULT;
	assoc = named_assoc(ks, optval, max(len, 0));
	if (IS_ERR(assoc))
		return PTR_ERR(assoc);
	err = answer_of_assoc(assoc, optname, optval, optlen);
	kdtls_assoc_put(assoc);
	return err;
}

static int get_tun(struct kdtls_sock *ks, sockptr_t optval, sockptr_t optlen)
{
	struct dtls_tun_stats stats = {};
	int err = kdtls_tun_stats(ks, &stats);

	return err ?: kdtls_answer(&stats, sizeof(stats), optval, optlen);
}

static int get_dtls(struct kdtls_sock *ks, int optname, sockptr_t optval,
		    sockptr_t optlen)
{
	switch (optname) {
	case DTLS_STATUS:
		return get_status(ks, optval, optlen);
	case DTLS_PEER:
	case DTLS_PEER_CERT:
	case DTLS_PEER_IDENTITY:
	case DTLS_EXPORTER:
	case DTLS_MTU:
	case DTLS_STATS:
	case DTLS_DROPS:
		return get_of_assoc(ks, optname, optval, optlen);
	case DTLS_RECVINFO:
		return get_u32_option(READ_ONCE(ks->recvinfo), optval, optlen);
	case DTLS_REPLAY_WINDOW:
		return get_u32_option(READ_ONCE(ks->window_bits), optval,
				      optlen);
	case DTLS_CID:
		return get_u32_option(READ_ONCE(ks->cid_len), optval, optlen);
	case DTLS_PEER_LIMIT:
		return get_u32_option(kdtls_peer_table_limit(ks), optval,
				      optlen);
	case DTLS_ROAM:
		return get_u32_option(READ_ONCE(ks->roam), optval, optlen);
	case DTLS_IDLE_TIMEOUT:
		return get_u32_option(READ_ONCE(ks->idle.seconds), optval,
				      optlen);
	case DTLS_EVENTS:
		return get_u32_option(READ_ONCE(ks->events.mask), optval,
				      optlen);
	case DTLS_PEELOFF:
		return kdtls_peeloff(ks, optval, optlen);
	case DTLS_TUN:
		return get_tun(ks, optval, optlen);
	default:
		return -ENOPROTOOPT;	/* keys among them: write-only */
	}
}

int kdtls_getsockopt(struct sock *sk, int level, int optname,
		     char __user *optval, int __user *optlen)
{
	struct kdtls_sock *ks = kdtls_sk(sk);

	kdtls_leftover_look(ks);
	if (level == SOL_DTLS)
		return get_dtls(ks, optname, USER_SOCKPTR(optval),
				USER_SOCKPTR(optlen));
	if (level == SOL_UDP && optname == UDP_SEGMENT)
		return get_u32_option(READ_ONCE(ks->gso_size),
				      USER_SOCKPTR(optval),
				      USER_SOCKPTR(optlen));
	if (level == SOL_UDP && optname == UDP_GRO && READ_ONCE(ks->gro_ours))
		return get_u32_option(0, USER_SOCKPTR(optval),
				      USER_SOCKPTR(optlen));
	return kdtls_base(ks)->getsockopt(sk, level, optname, optval, optlen);
}
