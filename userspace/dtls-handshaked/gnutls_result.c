// SPDX-License-Identifier: GPL-2.0-or-later
/* What came of a handshake: keys, parameters and the last flight, or an error. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gnutls_keys.h"
#include "gnutls_session.h"
#include "keylog.h"
#include "protection.h"

static struct handshake_result *new_result(struct session *e)
{
	if (!e->engine.outcome)
		e->engine.outcome = calloc(1, sizeof(*e->engine.outcome));
	return e->engine.outcome ? &e->engine.outcome->result : NULL;
}

int session_status(int ret)
{
	switch (ret) {
	case GNUTLS_E_FATAL_ALERT_RECEIVED:
		return ECONNREFUSED;
	case GNUTLS_E_TIMEDOUT:
		return ETIMEDOUT;
	case GNUTLS_E_CERTIFICATE_ERROR:
	case GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR:
	case GNUTLS_E_CERTIFICATE_KEY_MISMATCH:
	case GNUTLS_E_CERTIFICATE_REQUIRED:
	case GNUTLS_E_NO_CERTIFICATE_FOUND:
	case GNUTLS_E_PK_SIG_VERIFY_FAILED:
		return EKEYREJECTED;
	case GNUTLS_E_MEMORY_ERROR:
		return ENOMEM;
	default:
		return EPROTO;
	}
}

static void send_alert(struct session *e, int ret)
{
	e->hold = false;
	/* RFC 5246 section 7.4.6; the library would send decode_error */
	if (ret == GNUTLS_E_NO_CERTIFICATE_FOUND)
		e->verdict.alert = GNUTLS_A_HANDSHAKE_FAILURE;
	if (ret == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return;
	if (e->verdict.alert)
		gnutls_alert_send(e->session, GNUTLS_AL_FATAL, e->verdict.alert);
	else
		gnutls_alert_send_appropriate(e->session, ret);
}

enum engine_state session_error(struct session *e, int ret)
{
	send_alert(e, ret);
	if (ret == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return engine_fail(&e->engine, ECONNREFUSED, "the peer refused with alert \"%s\"",
				   gnutls_alert_get_name(gnutls_alert_get(e->session)));
	if (ret == GNUTLS_E_SAFE_RENEGOTIATION_FAILED)
		protection_no_renegotiation(e->profile, &e->verdict);
	/* the library turns what hook_verify() returns into CERTIFICATE_ERROR */
	if (*e->verdict.reason)
		return engine_fail(&e->engine, e->verdict.status, "%s", e->verdict.reason);
	return engine_fail(&e->engine, session_status(ret), "%s", gnutls_strerror(ret));
}

/* Checked again before keys leave the engine, independently of the library. */
static const char *check_final(struct session *e)
{
	gnutls_session_t s = e->session;

	if (gnutls_protocol_get_version(s) != GNUTLS_DTLS1_2)
		return "the version is not DTLS 1.2";
	if (session_ticket_refused(e))
		return "a session was resumed";
	if (e->profile->renegotiation == PROTECTION_REQUIRED &&
	    !gnutls_safe_renegotiation_status(s))
		return "the peer does not support secure renegotiation (RFC 5746)";
	if ((e->profile->master_secret == PROTECTION_REQUIRED || session_resumed(e)) &&
	    !gnutls_session_ext_master_secret_status(s))
		return "the peer does not support extended_master_secret (RFC 7627)";
	if (e->flight.broken)
		return "GnuTLS sent something that is no DTLS record";
	if (session_must_verify(e) && !e->verdict.ok)
		return "the peer was not verified";
	return NULL;
}

/* RFC 5246 section 7.3: the server sends it, or in a resumed session the client. */
static bool save_last_flight(struct session *e)
{
	struct engine_outcome *o = e->engine.outcome;

	if (e->request.role != DTLS_ROLE_SERVER || session_resumed(e))
		return true;
	o->flight_len = flight_plaintext(&e->flight, &o->keys, o->flight);
	return o->flight_len != 0;
}

static enum engine_state fail_internally(struct session *e, const char *why)
{
	e->verdict.alert = GNUTLS_A_INTERNAL_ERROR;
	send_alert(e, 0);
	return engine_fail(&e->engine, EPROTO, "%s", why);
}

/* For them the library does not call hook_keys(). */
static void log_resumed_keys(struct session *e)
{
	gnutls_datum_t master;

	if (e->profile->keylog_fd < 0 || !session_resumed(e))
		return;
	gnutls_session_get_master_secret(e->session, &master);
	keylog_write(e->profile->keylog_fd, e->session, &master);
}

enum engine_state session_complete(struct session *e)
{
	struct handshake_result *r = new_result(e);
	const char *why = r ? check_final(e) : "out of memory";

	if (!why)
		why = keys_extract(e->session, &e->request, e->flight.next[1],
				   &e->engine.outcome->keys);
	if (!why)
		keys_limit(e->session, e->peer_limit, &e->engine.outcome->keys);
	if (!why && !save_last_flight(e))
		why = "the last flight sent does not open with the keys that sealed it";
	if (!why)
		why = result_extract(e->session, e->profile, &e->request, r);
	if (why)
		return fail_internally(e, why);
	r->verified = kx_is_psk(gnutls_kx_get(e->session)) || e->verdict.verified;
	r->resumed = session_resumed(e);
	e->engine.outcome->narrow = e->narrow;
	log_resumed_keys(e);
	if (*e->server_name)
		memcpy(r->server_name, e->server_name, sizeof(r->server_name));
	e->engine.state = ENGINE_DONE;
	return e->engine.state;
}
