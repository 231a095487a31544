// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads the files that a profile names and creates GnuTLS credentials from them.
 * It runs in the parent before the workers are forked: they inherit the result and
 * open no file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certificate.h"
#include "engine.h"
#include "gnutls_prepare.h"
#include "keylog.h"
#include "log.h"
#include "profile.h"

#define MAX_FILE (4 << 20)

struct loader {
	struct profile *p;
	profile_report report;
	void *ctx;
};

#define bad(l, ...) ((l)->report((l)->ctx, (l)->p->line, __VA_ARGS__), false)

static void wipe_datum(gnutls_datum_t *d)
{
	if (d->data)
		explicit_bzero(d->data, d->size);
	free(d->data);
	*d = (gnutls_datum_t){ 0 };
}

static bool read_bytes(int fd, size_t size, gnutls_datum_t *out)
{
	ssize_t n;

	out->data = malloc(size + 1);
	out->size = 0;
	if (!out->data)
		return false;
	while (out->size < size) {
		n = read(fd, out->data + out->size, size - out->size);
		if (n <= 0)
			break;
		out->size += n;
	}
	out->data[out->size] = '\0';
	return true;
}

enum file_kind { PUBLIC, SECRET };

static bool check_file(struct loader *l, const char *path, int fd,
		       enum file_kind kind, size_t *size)
{
	struct stat st;

	if (fstat(fd, &st))
		return bad(l, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return bad(l, "%s is not a regular file", path);
	if (st.st_size > MAX_FILE)
		return bad(l, "%s is larger than %d bytes", path, MAX_FILE);
	if (kind == SECRET && (st.st_mode & 07))
		return bad(l,
			   "%s is a secret that other users may access (mode %04o); chmod o= it",
			   path, (unsigned int)st.st_mode & 07777);
	*size = st.st_size;
	return true;
}

static const char *advice_for(int error)
{
	if (error == EACCES && !geteuid())
		return "; root reads it without CAP_DAC_OVERRIDE: chown it to root";
	return "";
}

static bool read_file(struct loader *l, const char *path, enum file_kind kind,
		      gnutls_datum_t *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t size;
	bool ok;

	*out = (gnutls_datum_t){ 0 };
	if (fd < 0)
		return bad(l, "%s: %s%s", path, strerror(errno), advice_for(errno));
	ok = check_file(l, path, fd, kind, &size) && read_bytes(fd, size, out);
	close(fd);
	return ok;
}

static bool add_to_engine(struct loader *l, const char *path, const gnutls_datum_t *cert,
			  const gnutls_datum_t *key)
{
	const struct engine_ops *plugin = l->p->plugin;
	const char *why = plugin ? plugin->add_certificate(l->p, cert, key) : NULL;

	if (why)
		return bad(l, "%s: %s", path, why);
	certificate_warn(l->p, path, cert);
	return true;
}

static bool load_pair(struct loader *l, const char *cert_path, const char *key_path)
{
	gnutls_datum_t cert, key = { 0 };
	bool ok;
	int ret;

	ok = read_file(l, cert_path, PUBLIC, &cert) &&
	     read_file(l, key_path, SECRET, &key);
	if (ok) {
		ret = gnutls_certificate_set_x509_key_mem2(l->p->cert_cred, &cert, &key,
							   GNUTLS_X509_FMT_PEM, NULL, 0);
		if (ret < 0)
			ok = bad(l, "%s with %s: %s", cert_path, key_path,
				 gnutls_strerror(ret));
		else
			ok = add_to_engine(l, cert_path, &cert, &key);
	}
	wipe_datum(&cert);
	wipe_datum(&key);
	return ok;
}

static bool load_ca(struct loader *l, const char *path)
{
	gnutls_datum_t pem;
	int ret;

	if (!strcmp(path, "system")) {
		ret = gnutls_certificate_set_x509_system_trust(l->p->cert_cred);
		return ret > 0 ||
		       bad(l, "the system has no trusted certificates; install ca-certificates");
	}
	if (!read_file(l, path, PUBLIC, &pem))
		return false;
	ret = gnutls_certificate_set_x509_trust_mem(l->p->cert_cred, &pem,
						    GNUTLS_X509_FMT_PEM);
	wipe_datum(&pem);
	if (ret > 0)
		return true;
	return bad(l, "%s: %s", path, ret ? gnutls_strerror(ret) : "no certificate in it");
}

static bool load_crl(struct loader *l, const char *path)
{
	gnutls_datum_t pem;
	int ret;

	if (!read_file(l, path, PUBLIC, &pem))
		return false;
	ret = gnutls_certificate_set_x509_crl_mem(l->p->cert_cred, &pem,
						  GNUTLS_X509_FMT_PEM);
	wipe_datum(&pem);
	if (ret > 0)
		return true;
	return bad(l, "%s: %s", path, ret ? gnutls_strerror(ret) : "no CRL in it");
}

static bool load_certificates(struct loader *l)
{
	struct profile *p = l->p;

	if (!profile_uses_certificates(p))
		return true;
	if (gnutls_certificate_allocate_credentials(&p->cert_cred))
		return bad(l, "out of memory");
	for (size_t i = 0; i < p->certificates.n; i++)
		if (!load_pair(l, p->certificates.v[i], p->private_keys.v[i]))
			return false;
	for (size_t i = 0; i < p->ca.n; i++)
		if (!load_ca(l, p->ca.v[i]))
			return false;
	for (size_t i = 0; i < p->crl.n; i++)
		if (!load_crl(l, p->crl.v[i]))
			return false;
	return true;
}

static bool add_psk(struct loader *l, const struct psk *psk)
{
	struct profile *p = l->p;
	struct psk *psks = reallocarray(p->psks, p->n_psks + 1, sizeof(*psks));

	if (!psks)
		return bad(l, "out of memory");
	p->psks = psks;
	psks[p->n_psks++] = *psk;
	return true;
}

static bool check_psk(struct loader *l, const struct psk *new)
{
	for (size_t i = 0; i < l->p->n_psks; i++) {
		const struct psk *old = &l->p->psks[i];

		if (psk_is_identity(old, new->identity, new->identity_len))
			return bad(l,
				   "%s:%d: the identity is already in line %d",
				   l->p->psk_file, new->line, old->line);
		if (psk_looks_alike(old, new))
			return bad(l,
				   "%s:%d: up to its NUL byte the identity equals that of line %d; programs could confuse the two",
				   l->p->psk_file, new->line, old->line);
	}
	return true;
}

static bool parse_psk(struct loader *l, int n, const char *line, size_t len)
{
	const char *why;
	struct psk psk;

	switch (psk_parse(line, len, &psk, &why)) {
	case PSK_NONE:
		return true;
	case PSK_WRONG:
		return bad(l, "%s:%d: %s", l->p->psk_file, n, why);
	case PSK_ENTRY:
		break;
	}
	psk.line = n;
	if (check_psk(l, &psk) && add_psk(l, &psk))
		return true;
	psk_wipe(&psk);
	return false;
}

/* Without string functions, which stop at a NUL byte. */
static bool parse_psks(struct loader *l, const gnutls_datum_t *text)
{
	const char *at = (const char *)text->data, *end = at + text->size;
	const char *newline;
	bool ok = true;

	for (int n = 1; ok && at < end; n++, at = newline + 1) {
		newline = memchr(at, '\n', end - at) ?: end;
		ok = parse_psk(l, n, at, newline - at);
	}
	if (ok && !l->p->n_psks)
		ok = bad(l, "%s: no \"identity:key\" in it", l->p->psk_file);
	return ok;
}

static bool choose_named_psk(struct loader *l)
{
	struct profile *p = l->p;
	const char *why;
	size_t len;
	uint8_t *identity = psk_identity_parse(p->psk_identity, strlen(p->psk_identity),
					       &len, &why);

	if (!identity)
		return bad(l, "psk-identity \"%s\": %s", p->psk_identity, why);
	p->client_psk = profile_psk(p, identity, len);
	free(identity);
	return p->client_psk ||
	       bad(l, "%s has no identity \"%s\"", p->psk_file, p->psk_identity);
}

static bool choose_client_psk(struct loader *l)
{
	struct profile *p = l->p;

	if (p->psk_identity)
		return choose_named_psk(l);
	if (p->n_psks > 1)
		return bad(l,
			   "%s has several identities; choose one with psk-identity",
			   p->psk_file);
	p->client_psk = &p->psks[0];
	return true;
}

static bool load_psks(struct loader *l)
{
	gnutls_datum_t text;
	bool ok;

	if (!l->p->psk_file)
		return true;
	ok = read_file(l, l->p->psk_file, SECRET, &text) &&
	     parse_psks(l, &text);
	wipe_datum(&text);
	if (ok && (l->p->roles & ROLE_BIT(DTLS_ROLE_CLIENT)))
		ok = choose_client_psk(l);
	return ok;
}

static bool open_keylog(struct loader *l)
{
	struct profile *p = l->p;
	const char *why;

	if (!p->keylog)
		return true;
	p->keylog_fd = keylog_open(p->keylog, &why);
	if (p->keylog_fd < 0)
		return bad(l, "[profile %s]: no key log in %s: %s", p->name, p->keylog, why);
	say(LOG_WARNING,
	    "[profile %s] WRITES THE KEYS of all its sessions to %s (keylog): with it their records can be decrypted and forged",
	    p->name, p->keylog);
	return true;
}

static bool load_engine(struct loader *l)
{
	struct profile *p = l->p;
	char why[MAX_REASON];

	if (!p->dtls13 && !p->connection_id)
		return true;
	p->plugin = engine_load_plugin(why);
	if (!p->plugin)
		return bad(l,
			   "[profile %s] has \"%s%s\", which needs the package dtls-handshaked-wolfssl: %s",
			   p->name, p->dtls13 ? "versions = " : "connection-id = yes",
			   p->dtls13 ? profile_versions(p) : "", why);
	p->engine = p->dtls12 ? &choice_engine : p->plugin;
	return true;
}

bool profile_load(struct profile *p, profile_report report, void *ctx)
{
	struct loader l = { .p = p, .report = report, .ctx = ctx };
	const char *why;

	if (!load_engine(&l) || !load_certificates(&l) || !load_psks(&l))
		return false;
	why = prepare_profile(p);
	if (!why && p->plugin)
		why = p->plugin->prepare(p);
	if (why)
		return bad(&l, "[profile %s]: %s", p->name, why);
	return open_keylog(&l);
}
