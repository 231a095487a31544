// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads dtls-handshaked.conf(5) with inih. Tables map each key to the function that
 * parses its value. The parser continues after an error, so that one run reports all
 * of them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ini.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "config.h"
#include "gnutls_prepare.h"
#include "log.h"
#include "name.h"

#define MAX_ERRORS 20
/* inih truncates a section's name to 49 bytes */
#define MAX_PROFILE_NAME 40

struct parser {
	struct config *config;
	struct profile *profile;	/* of the section being read */
	const char *path;
	FILE *file;
	char section[80];
	bool section_known;
	int line;
	int section_line;		/* where the section began */
	int errors;
	/* keys seen in this section, one bit for each table entry */
	uint64_t seen;
};

static void report_error(void *ctx, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void report_error(void *ctx, int line, const char *fmt, ...)
{
	struct parser *p = ctx;
	char text[512];
	va_list ap;

	if (++p->errors > MAX_ERRORS)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(LOG_ERR, "%s:%d: %s", p->path, line, text);
}

#define bad(p, ...) (report_error(p, (p)->line, __VA_ARGS__), false)
#define bad_section(p, ...) (report_error(p, (p)->section_line, __VA_ARGS__), false)

/* Calls fn for each word of a comma-separated list. */
static bool parse_words(struct parser *p, const char *value,
			bool (*fn)(struct parser *p, const char *word))
{
	char *copy = strdup(value), *rest = copy, *word;
	bool ok = !!copy;

	while (ok && (word = strsep(&rest, ","))) {
		word += strspn(word, " \t");
		word[strcspn(word, " \t")] = '\0';
		if (!*word)
			ok = bad(p,
				 "an empty word in the list \"%s\"; remove the extra comma",
				 value);
		else
			ok = fn(p, word);
	}
	free(copy);
	return ok;
}

static bool parse_uint(struct parser *p, const char *value, unsigned int min,
		       unsigned int max, unsigned int *out)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(value, &end, 10);
	if (errno || *end || end == value || *value == '-' || n < min || n > max)
		return bad(p, "\"%s\" is not a number from %u to %u", value, min, max);
	*out = n;
	return true;
}

static bool set_string(struct parser *p, const char *value, char **out)
{
	if (!*value)
		return bad(p, "the value is empty; add one or remove the line");
	*out = strdup(value);
	return !!*out;
}

/* Relative paths would depend on the daemon's working directory. */
static bool add_path(struct parser *p, const char *value, struct string_list *l)
{
	if (*value != '/')
		return bad(p, "\"%s\" is not an absolute path", value);
	return list_add(l, value);
}

/* [global] */

static bool set_workers(struct parser *p, const char *v)
{
	return parse_uint(p, v, 1, MAX_WORKERS, &p->config->workers);
}

static bool set_max_handshakes(struct parser *p, const char *v)
{
	return parse_uint(p, v, 1, 65536, &p->config->max_handshakes);
}

static bool set_max_per_user(struct parser *p, const char *v)
{
	return parse_uint(p, v, 1, 65536, &p->config->max_per_user);
}

static bool set_max_per_listener(struct parser *p, const char *v)
{
	return parse_uint(p, v, 1, 65536, &p->config->max_per_listener);
}

static bool set_max_per_address(struct parser *p, const char *v)
{
	return parse_uint(p, v, 1, 65536, &p->config->per_address.in_flight);
}

static bool set_address_rate(struct parser *p, const char *v)
{
	return parse_uint(p, v, 1, 1000000, &p->config->per_address.rate);
}

static bool set_address_burst(struct parser *p, const char *v)
{
	return parse_uint(p, v, 1, 1000000, &p->config->per_address.burst);
}

static bool set_metrics_file(struct parser *p, const char *v)
{
	const char *end = strrchr(v, '/');

	if (*v != '/')
		return bad(p, "\"%s\" is not an absolute path", v);
	if (!end[1])
		return bad(p, "\"%s\" is a directory; name a file in it", v);
	return set_string(p, v, &p->config->metrics_file);
}

static bool set_cookie_lifetime(struct parser *p, const char *v)
{
	return parse_uint(p, v, 10, 3600, &p->config->cookie_lifetime);
}

static bool set_log_level(struct parser *p, const char *v)
{
	p->config->log_level = log_level_of(v);
	if (p->config->log_level < 0)
		return bad(p, "\"%s\" is not one of error, warning, notice, info, debug", v);
	return true;
}

static bool set_user(struct parser *p, const char *v)
{
	struct passwd *pw = getpwnam(v);

	if (!pw)
		return bad(p, "there is no user \"%s\"; create it or name another", v);
	if (pw->pw_uid == 0)
		return bad(p, "workers must not run as root; name another user");
	p->config->worker_uid = pw->pw_uid;
	p->config->worker_gid = pw->pw_gid;
	return set_string(p, v, &p->config->user);
}

/* [profile NAME] */

static bool set_role(struct parser *p, const char *v)
{
	unsigned int client = ROLE_BIT(DTLS_ROLE_CLIENT);
	unsigned int server = ROLE_BIT(DTLS_ROLE_SERVER);

	if (!strcmp(v, "client"))
		p->profile->roles = client;
	else if (!strcmp(v, "server"))
		p->profile->roles = server;
	else if (!strcmp(v, "both"))
		p->profile->roles = client | server;
	else
		return bad(p, "\"%s\" is not one of client, server, both", v);
	return true;
}

static bool add_user(struct parser *p, const char *word)
{
	struct profile *prof = p->profile;
	struct passwd *pw;
	uint32_t *uids;
	char *end;
	unsigned long uid;

	if (!strcmp(word, "*")) {
		prof->any_user = true;
		return true;
	}
	errno = 0;
	uid = strtoul(word, &end, 10);
	if (*end || errno || uid >= UINT32_MAX) {
		pw = getpwnam(word);
		if (!pw)
			return bad(p, "there is no user \"%s\"", word);
		uid = pw->pw_uid;
	}
	uids = reallocarray(prof->uids, prof->n_uids + 1, sizeof(*uids));
	if (!uids)
		return false;
	prof->uids = uids;
	uids[prof->n_uids++] = uid;
	return true;
}

static bool parse_prefix(const char *word, struct prefix *x)
{
	char addr[INET6_ADDRSTRLEN], *end;
	const char *slash = strchr(word, '/');
	size_t len = slash ? (size_t)(slash - word) : strlen(word);
	unsigned long bits, max;

	if (len >= sizeof(addr))
		return false;
	memcpy(addr, word, len);
	addr[len] = '\0';
	x->family = strchr(addr, ':') ? AF_INET6 : AF_INET;
	max = x->family == AF_INET6 ? 128 : 32;
	if (inet_pton(x->family, addr, x->addr) != 1)
		return false;
	bits = slash ? strtoul(slash + 1, &end, 10) : max;
	if (slash && (*end || end == slash + 1 || slash[1] == '-' || bits > max))
		return false;
	x->bits = bits;
	return true;
}

static bool add_peer(struct parser *p, const char *word)
{
	struct profile *prof = p->profile;
	struct prefix x = { 0 }, *peers;

	if (!parse_prefix(word, &x))
		return bad(p,
			   "\"%s\" is not an address or a prefix such as 192.0.2.0/24 or 2001:db8::/32",
			   word);
	peers = reallocarray(prof->peers, prof->n_peers + 1, sizeof(x));
	if (!peers)
		return false;
	prof->peers = peers;
	peers[prof->n_peers++] = x;
	return true;
}

static int hex_value(char c)
{
	const char *digits = "0123456789abcdef", *at;

	c |= 0x20;
	at = c ? strchr(digits, c) : NULL;
	return at ? at - digits : -1;
}

static bool parse_fingerprint(const char *word, uint8_t out[32])
{
	size_t n = 0;

	while (*word && n < 32) {
		int hi = hex_value(word[0]);
		int lo = hi < 0 ? -1 : hex_value(word[1]);

		if (lo < 0)
			return false;
		out[n++] = hi << 4 | lo;
		word += 2;
		if (*word == ':')
			word++;
	}
	return n == 32 && !*word;
}

static bool add_fingerprint(struct parser *p, const char *word)
{
	struct profile *prof = p->profile;
	uint8_t fp[32], (*all)[32];

	if (!parse_fingerprint(word, fp))
		return bad(p,
			   "\"%s\" is not a SHA-256 of 64 hexadecimal digits; openssl x509 -noout -fingerprint -sha256 prints it",
			   word);
	all = reallocarray(prof->fingerprints, prof->n_fingerprints + 1, 32);
	if (!all)
		return false;
	prof->fingerprints = all;
	memcpy(all[prof->n_fingerprints++], fp, 32);
	return true;
}

static bool add_ca(struct parser *p, const char *word)
{
	if (!strcmp(word, "system"))
		return list_add(&p->profile->ca, word);
	return add_path(p, word, &p->profile->ca);
}

static bool add_crl(struct parser *p, const char *word)
{
	return add_path(p, word, &p->profile->crl);
}

static bool add_peer_name(struct parser *p, const char *word)
{
	char name[DTLS_MAX_NAME];
	const char *why = name_normalise(word, name);

	if (why)
		return bad(p, "\"%s\" is not a valid peer name: %s", word, why);
	return list_add(&p->profile->peer_names, name);
}

static bool add_alpn(struct parser *p, const char *word)
{
	if (strlen(word) >= DTLS_MAX_ALPN)
		return bad(p, "the protocol is longer than %d bytes", DTLS_MAX_ALPN - 1);
	return list_add(&p->profile->alpn, word);
}

static bool add_cipher(struct parser *p, const char *word)
{
	if (!is_cipher(word))
		return bad(p, "\"%s\" is not one of %s", word, cipher_words());
	return list_add(&p->profile->ciphers, word);
}

static bool add_version(struct parser *p, const char *word)
{
	if (!strcmp(word, "1.2"))
		p->profile->dtls12 = true;
	else if (!strcmp(word, "1.3"))
		p->profile->dtls13 = true;
	else
		return bad(p, "\"%s\" is not one of 1.2, 1.3", word);
	return true;
}

static bool set_versions(struct parser *p, const char *v)
{
	p->profile->dtls12 = false;
	p->profile->dtls13 = false;
	return parse_words(p, v, add_version);
}

static bool set_users(struct parser *p, const char *v)
{
	return parse_words(p, v, add_user);
}

static bool set_peers(struct parser *p, const char *v)
{
	return parse_words(p, v, add_peer);
}

static bool set_fingerprint(struct parser *p, const char *v)
{
	return parse_words(p, v, add_fingerprint);
}

static bool set_peer_name(struct parser *p, const char *v)
{
	return parse_words(p, v, add_peer_name);
}

static bool set_alpn(struct parser *p, const char *v)
{
	return parse_words(p, v, add_alpn);
}

static bool set_ciphers(struct parser *p, const char *v)
{
	return parse_words(p, v, add_cipher);
}

static bool set_certificate(struct parser *p, const char *v)
{
	return add_path(p, v, &p->profile->certificates);
}

static bool set_private_key(struct parser *p, const char *v)
{
	return add_path(p, v, &p->profile->private_keys);
}

static bool set_psk_file(struct parser *p, const char *v)
{
	if (*v != '/')
		return bad(p, "\"%s\" is not an absolute path", v);
	return set_string(p, v, &p->profile->psk_file);
}

static bool set_psk_identity(struct parser *p, const char *v)
{
	if (strlen(v) >= DTLS_MAX_NAME)
		return bad(p, "the identity is longer than %d bytes", DTLS_MAX_NAME - 1);
	return set_string(p, v, &p->profile->psk_identity);
}

static bool set_keylog(struct parser *p, const char *v)
{
	if (*v != '/')
		return bad(p, "\"%s\" is not an absolute path", v);
	return set_string(p, v, &p->profile->keylog);
}

static bool set_priority(struct parser *p, const char *v)
{
	char *wrong = priority_error(v);

	if (wrong) {
		(void)bad(p, "priority: GnuTLS does not know \"%s\"", wrong);
		free(wrong);
		return false;
	}
	return set_string(p, v, &p->profile->priority_tail);
}

static bool set_verify(struct parser *p, const char *v)
{
	if (!strcmp(v, "name"))
		p->profile->verify = VERIFY_HOST_NAME;
	else if (!strcmp(v, "chain"))
		p->profile->verify = VERIFY_CHAIN;
	else if (!strcmp(v, "fingerprint"))
		p->profile->verify = VERIFY_FINGERPRINT;
	else
		return bad(p, "\"%s\" is not one of name, chain, fingerprint", v);
	return true;
}

static bool set_client_cert(struct parser *p, const char *v)
{
	if (!strcmp(v, "none"))
		p->profile->client_cert = CLIENT_CERT_NONE;
	else if (!strcmp(v, "optional"))
		p->profile->client_cert = CLIENT_CERT_OPTIONAL;
	else if (!strcmp(v, "required"))
		p->profile->client_cert = CLIENT_CERT_REQUIRED;
	else
		return bad(p, "\"%s\" is not one of none, optional, required", v);
	return true;
}

static bool parse_protection(struct parser *p, const char *v, enum protection *out)
{
	if (!strcmp(v, "required"))
		*out = PROTECTION_REQUIRED;
	else if (!strcmp(v, "offered"))
		*out = PROTECTION_OFFERED;
	else
		return bad(p, "\"%s\" is not one of required, offered", v);
	return true;
}

static bool set_master_secret(struct parser *p, const char *v)
{
	return parse_protection(p, v, &p->profile->master_secret);
}

static bool set_renegotiation(struct parser *p, const char *v)
{
	return parse_protection(p, v, &p->profile->renegotiation);
}

static bool parse_bool(struct parser *p, const char *v, bool *out)
{
	if (strcmp(v, "yes") && strcmp(v, "no"))
		return bad(p, "\"%s\" is not one of no, yes", v);
	*out = !strcmp(v, "yes");
	return true;
}

static bool set_tickets(struct parser *p, const char *v)
{
	return parse_bool(p, v, &p->profile->tickets);
}

static bool set_connection_id(struct parser *p, const char *v)
{
	return parse_bool(p, v, &p->profile->connection_id);
}

static bool set_ticket_lifetime(struct parser *p, const char *v)
{
	return parse_uint(p, v, 1, 86400, &p->profile->ticket_lifetime);
}

/* The key of a list may be repeated to continue the list. */
enum occurs { ONCE, REPEATS };

struct key {
	const char *name;
	bool (*set)(struct parser *p, const char *value);
	enum occurs occurs;
};

static const struct key global_keys[] = {
	{ "workers", set_workers, ONCE },
	{ "max-handshakes", set_max_handshakes, ONCE },
	{ "max-handshakes-per-user", set_max_per_user, ONCE },
	{ "max-handshakes-per-listener", set_max_per_listener, ONCE },
	{ "max-handshakes-per-address", set_max_per_address, ONCE },
	{ "address-rate", set_address_rate, ONCE },
	{ "address-burst", set_address_burst, ONCE },
	{ "metrics-file", set_metrics_file, ONCE },
	{ "cookie-lifetime", set_cookie_lifetime, ONCE },
	{ "log-level", set_log_level, ONCE },
	{ "user", set_user, ONCE },
	{ NULL, NULL, ONCE },
};

static const struct key profile_keys[] = {
	{ "role", set_role, ONCE },
	{ "versions", set_versions, ONCE },
	{ "users", set_users, REPEATS },
	{ "peers", set_peers, REPEATS },
	{ "certificate", set_certificate, REPEATS },
	{ "private-key", set_private_key, REPEATS },
	{ "ca", add_ca, REPEATS },
	{ "crl", add_crl, REPEATS },
	{ "verify", set_verify, ONCE },
	{ "fingerprint", set_fingerprint, REPEATS },
	{ "peer-name", set_peer_name, REPEATS },
	{ "client-cert", set_client_cert, ONCE },
	{ "psk-file", set_psk_file, ONCE },
	{ "psk-identity", set_psk_identity, ONCE },
	{ "keylog", set_keylog, ONCE },
	{ "alpn", set_alpn, REPEATS },
	{ "ciphers", set_ciphers, REPEATS },
	{ "priority", set_priority, ONCE },
	{ "extended-master-secret", set_master_secret, ONCE },
	{ "secure-renegotiation", set_renegotiation, ONCE },
	{ "connection-id", set_connection_id, ONCE },
	{ "tickets", set_tickets, ONCE },
	{ "ticket-lifetime", set_ticket_lifetime, ONCE },
	{ NULL, NULL, ONCE },
};

static bool set_key(struct parser *p, const struct key *table, const char *name,
		    const char *value)
{
	for (int i = 0; table[i].name; i++) {
		if (strcmp(table[i].name, name))
			continue;
		if ((p->seen & 1ull << i) && table[i].occurs == ONCE)
			return bad(p,
				   "\"%s\" was set before in this section; keep one of the two",
				   name);
		p->seen |= 1ull << i;
		return table[i].set(p, value);
	}
	return bad(p, "there is no key \"%s\" in [%s]; see dtls-handshaked.conf(5)",
		   name, p->section);
}

static bool valid_profile_name(const char *name)
{
	size_t len = strlen(name);

	return len && len <= MAX_PROFILE_NAME &&
	       strspn(name,
		      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len;
}

static bool begin_profile(struct parser *p, const char *name)
{
	struct profile **end = &p->config->profiles;

	if (!valid_profile_name(name))
		return bad_section(p,
				   "\"%s\" is not a profile name (letters, digits, \"-\", \"_\", \".\"; up to %d)",
			   name, MAX_PROFILE_NAME);
	for (; *end; end = &(*end)->next)
		if (!strcmp((*end)->name, name))
			return bad_section(p,
					   "[profile %s] already begins at line %d; merge the two",
				   name, (*end)->line);
	*end = p->profile = profile_new(name, p->section_line);
	return !!p->profile;
}

static bool begin_section(struct parser *p, const char *section)
{
	snprintf(p->section, sizeof(p->section), "%s", section);
	p->profile = NULL;
	p->seen = 0;
	if (!strcmp(section, "global"))
		return true;
	if (!strncmp(section, "profile ", 8))
		return begin_profile(p, section + 8 + strspn(section + 8, " "));
	if (!*section)
		return bad(p,
			   "a key before the first section; begin with [global] or [profile NAME]");
	return bad_section(p, "there is no section [%s]; use [global] or [profile NAME]", section);
}

static int on_key(void *user, const char *section, const char *name,
		  const char *value)
{
	struct parser *p = user;

	if (!p->section_known || strcmp(p->section, section))
		p->section_known = begin_section(p, section) || *section;
	if (p->profile)
		set_key(p, profile_keys, name, value);
	else if (!strcmp(section, "global"))
		set_key(p, global_keys, name, value);
	/* else the section was reported as unknown */
	return 1;
}

/* A reader for inih, which counts lines and reports those that inih would truncate. */
static char *read_line(char *str, int num, void *stream)
{
	struct parser *p = stream;
	size_t len;

	if (!fgets(str, num, p->file))
		return NULL;
	p->line++;
	if (str[strspn(str, " \t")] == '[')
		p->section_line = p->line;
	len = strlen(str);
	if (len && str[len - 1] != '\n' && !feof(p->file)) {
		report_error(p, p->line,
			     "the line is longer than %d bytes; repeat the key on a second line",
			     num - 2);
		for (int c = 0; c != '\n' && c != EOF;)
			c = fgetc(p->file);
		strcpy(str, "\n");
	}
	return str;
}

static void find_default_user(struct config *c)
{
	static const char *const names[] = { "dtls-handshaked", "nobody" };

	for (int i = 0; i < 2 && !c->user; i++) {
		struct passwd *pw = getpwnam(names[i]);

		if (!pw)
			continue;
		c->user = strdup(names[i]);
		c->worker_uid = pw->pw_uid;
		c->worker_gid = pw->pw_gid;
	}
}

static struct config *config_new(void)
{
	struct config *c = calloc(1, sizeof(*c));
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (!c)
		return NULL;
	c->workers = cpus < 1 ? 1 : cpus > 4 ? 4 : cpus;
	c->max_handshakes = 4096;
	c->max_per_user = 256;
	c->max_per_listener = 2048;
	/* hundreds of clients may share one address (NAT) */
	c->per_address.in_flight = 512;
	c->per_address.rate = 100;
	c->per_address.burst = 1000;
	c->cookie_lifetime = 60;
	c->log_level = LOG_INFO;
	return c;
}

static void check_profiles(struct parser *p)
{
	for (struct profile *x = p->config->profiles; x; x = x->next)
		if (profile_check(x, report_error, p))
			profile_load(x, report_error, p);
}

static void parse_config(struct parser *p)
{
	int line = ini_parse_stream(read_line, p, on_key, p);

	/* on_key() never fails, so this is a syntax error found by inih */
	if (line > 0)
		report_error(p, line, "neither [SECTION] nor \"key = value\"");
	check_profiles(p);
}

struct config *config_load(const char *path)
{
	struct parser p = { .path = path, .config = config_new() };

	if (!p.config)
		return NULL;
	p.file = fopen(path, "re");
	if (!p.file) {
		say(LOG_ERR, "%s: %s", path, strerror(errno));
		config_free(p.config);
		return NULL;
	}
	parse_config(&p);
	fclose(p.file);
	find_default_user(p.config);
	if (p.errors) {
		config_free(p.config);
		return NULL;
	}
	return p.config;
}

void config_free(struct config *c)
{
	struct profile *next;

	if (!c)
		return;
	for (struct profile *p = c->profiles; p; p = next) {
		next = p->next;
		profile_free(p);
	}
	free(c->user);
	free(c->metrics_file);
	free(c);
}

struct profile *config_profile(const struct config *c, const char *name)
{
	if (!*name)
		name = "default";
	for (struct profile *p = c->profiles; p; p = p->next)
		if (!strcmp(p->name, name))
			return p;
	return NULL;
}
