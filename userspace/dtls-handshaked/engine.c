// SPDX-License-Identifier: GPL-2.0-or-later
/* Loads the plug-in, once. It stays. */
#include <dlfcn.h>
#include <gnutls/x509.h>
#include <stdio.h>

#include "gnutls_keys.h"
#include "keylog.h"
#include "name.h"
#include "plugin.h"

#define WOLFSSL_PLUGIN	"libdtls-handshaked-wolfssl.so.0"

const char *engine_directory;

static bool certificate_has_name(const gnutls_datum_t *pem, const char *name)
{
	gnutls_x509_crt_t crt;
	bool has;

	if (gnutls_x509_crt_init(&crt))
		return false;
	has = !gnutls_x509_crt_import(crt, pem, GNUTLS_X509_FMT_PEM) &&
	      gnutls_x509_crt_check_hostname(crt, name);
	gnutls_x509_crt_deinit(crt);
	return has;
}

static const char *alert_name(unsigned int alert)
{
	return gnutls_alert_get_name(alert) ?: "unknown";
}

static const struct plugin_host host = {
	.find_psk = profile_psk,
	.verify_possible = verify_possible,
	.verify_chain = verify_chain,
	.result_certificate = result_certificate,
	.certificate_has_name = certificate_has_name,
	.name_normalise = name_normalise,
	.server_name = profile_server_name,
	.alert_name = alert_name,
	.cookie_client = cookie_client,
	.cookie_secret = cookie_secret,
	.log_secret = keylog_write_secret,
};

static const struct engine_ops *load_plugin(const char *file, char why[MAX_REASON])
{
	const struct engine_ops *ops;
	plugin_init init;
	char path[512];
	void *object;

	snprintf(path, sizeof(path), "%s/%s", engine_directory ?: ENGINE_DIRECTORY, file);
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!object) {
		snprintf(why, MAX_REASON, "%.300s", dlerror());
		return NULL;
	}
	init = (plugin_init)dlsym(object, PLUGIN_SYMBOL);
	ops = init ? init(KDTLS_VERSION, &host) : NULL;
	if (ops)
		return ops;
	snprintf(why, MAX_REASON, "%.250s is not of this version, " KDTLS_VERSION, path);
	dlclose(object);
	return NULL;
}

const struct engine_ops *engine_load_plugin(char why[MAX_REASON])
{
	static const struct engine_ops *wolfssl;

	if (!wolfssl)
		wolfssl = load_plugin(WOLFSSL_PLUGIN, why);
	return wolfssl;
}
