// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of this side's certificates when they are loaded, not at the first handshake. */
#include <gnutls/x509.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "certificate.h"
#include "log.h"
#include "name.h"

struct subject {
	const struct profile *p;
	const char *path;
	gnutls_x509_crt_t crt;
};

static void warn_of(const struct subject *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void warn_of(const struct subject *s, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(LOG_WARNING, "%s, of [profile %s]: %s", s->path, s->p->name, text);
}

static const char *print_day(time_t at, char out[32])
{
	struct tm tm;

	if (!gmtime_r(&at, &tm) || !strftime(out, 32, "%F %TZ", &tm))
		strcpy(out, "?");
	return out;
}

/* For each certificate of the chain: intermediates expire, too. */
static void check_time(const struct subject *s, unsigned int place)
{
	time_t begin = gnutls_x509_crt_get_activation_time(s->crt);
	time_t end = gnutls_x509_crt_get_expiration_time(s->crt);
	time_t now = time(NULL);
	char day[32];

	if (now > end)
		warn_of(s, "certificate %u has expired at %s; renew it", place,
			print_day(end, day));
	else if (now < begin)
		warn_of(s,
			"certificate %u is not valid before %s; is the clock right?",
			place, print_day(begin, day));
}

/* RFC 8422 section 2.2, RFC 5246 section 7.4.2: all enabled suites need a signature. */
static void check_usage(const struct subject *s)
{
	unsigned int usage, critical;

	if (!gnutls_x509_crt_get_key_usage(s->crt, &usage, &critical) &&
	    !(usage & GNUTLS_KEY_DIGITAL_SIGNATURE))
		warn_of(s,
			"its keyUsage has no digitalSignature, which ECDHE and DHE need; request a new certificate with it");
}

static void check_purpose(const struct subject *s, uint16_t role, const char *oid,
			  const char *name)
{
	if ((s->p->roles & ROLE_BIT(role)) &&
	    !gnutls_x509_crt_check_key_purpose(s->crt, oid, 0))
		warn_of(s,
			"its extendedKeyUsage has no %s, so that peers which check it refuse the certificate",
			name);
}

static void check_dns_name(const struct subject *s, const char *text)
{
	char name[DTLS_MAX_NAME];
	const char *why = name_normalise(text, name);
	size_t len = strlen(text);

	if (why)
		warn_of(s, "its name \"%.200s\" is not a host name: %s", text, why);
	else if (name_is_address(text))
		warn_of(s,
			"its name \"%.200s\" is an address, which belongs in an IP entry, not DNS",
			text);
	else if (len && text[len - 1] == '.')
		warn_of(s, "its name \"%.200s\" ends in a dot, so that it matches no name", text);
}

static void check_names(const struct subject *s)
{
	char text[512];
	unsigned int hosts = 0, type;
	size_t len;
	int ret;

	for (unsigned int i = 0;; i++) {
		len = sizeof(text) - 1;
		ret = gnutls_x509_crt_get_subject_alt_name2(s->crt, i, text, &len, &type, NULL);
		if (ret == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
		hosts += type == GNUTLS_SAN_DNSNAME || type == GNUTLS_SAN_IPADDRESS;
		if (ret < 0 || type != GNUTLS_SAN_DNSNAME)
			continue;
		text[len] = '\0';
		check_dns_name(s, text);
	}
	if (!hosts)
		warn_of(s,
			"its subjectAltName has no DNS or IP entry, so that clients which check names refuse it");
}

static void check_leaf(const struct subject *s)
{
	check_usage(s);
	check_purpose(s, DTLS_ROLE_SERVER, GNUTLS_KP_TLS_WWW_SERVER, "serverAuth");
	check_purpose(s, DTLS_ROLE_CLIENT, GNUTLS_KP_TLS_WWW_CLIENT, "clientAuth");
	if (s->p->roles & ROLE_BIT(DTLS_ROLE_SERVER))
		check_names(s);
}

void certificate_warn(const struct profile *p, const char *path, const gnutls_datum_t *pem)
{
	struct subject s = { .p = p, .path = path };
	gnutls_x509_crt_t *certs;
	unsigned int n;

	/* gnutls_credentials.c reports a file that does not parse */
	if (gnutls_x509_crt_list_import2(&certs, &n, pem, GNUTLS_X509_FMT_PEM, 0) < 0)
		return;
	for (unsigned int i = 0; i < n; i++) {
		s.crt = certs[i];
		check_time(&s, i + 1);
		if (!i)
			check_leaf(&s);
		gnutls_x509_crt_deinit(certs[i]);
	}
	gnutls_free(certs);
}
