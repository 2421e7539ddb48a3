import { X509Certificate } from "node:crypto";
import { OptionError } from "@x/base/errors";
import { checkOptions, optional, type Rule, rule, secret } from "@x/base/option-schema";
import { packageName } from "../errors.ts";
import { baseUrlRule, ibkrDefaults } from "../options.ts";

/** The options of {@link gatewayFetch}: the host, and which certificate to trust. */
export type GatewayFetchOptions = {
	/** The base URL, as for `createIbkrHttp`, but `https:` only. Default `https://localhost:5000/v1/api`. */
	readonly baseUrl?: string | URL;
} & (
	| {
			/**
			 * PEM text of the gateway's certificate, or of the CA certificate that signed it. With this option, the host name is
			 * verified too.
			 */
			readonly ca: string;
			readonly fingerprint256?: never;
	  }
	| {
			/**
			 * SHA-256 fingerprint of the gateway's own certificate: 64 hexadecimal digits, with or without colons. With this
			 * option, host name and dates are not verified, because no other certificate has this fingerprint.
			 */
			readonly fingerprint256: string;
			readonly ca?: never;
	  }
);

/** Which certificate to trust. */
export type Trust =
	| { readonly kind: "ca"; readonly ca: string }
	| { readonly kind: "fingerprint"; readonly fingerprint: string };

interface AllOptions {
	readonly baseUrl?: string | URL;
	readonly ca?: string;
	readonly fingerprint256?: string;
}

/** The options with their defaults, checked. @throws OptionError. */
export function resolveGatewayOptions(options: GatewayFetchOptions): {
	readonly origin: string;
	readonly trust: Trust;
} {
	const schema = {
		baseUrl: optional(baseUrlRule()),
		// The value is treated as a secret, because a program may pass a file with a private key by mistake.
		ca: optional(secret(certificateRule())),
		fingerprint256: optional(fingerprintRule()),
	};
	checkOptions<AllOptions>(packageName, schema, options);
	const { baseUrl = ibkrDefaults.baseUrl, ca, fingerprint256 } = options;
	const url = new URL(baseUrl);
	if (url.protocol !== "https:") throw new OptionError(packageName, "baseUrl", "must be an https:// URL");
	if ((ca === undefined) === (fingerprint256 === undefined)) {
		throw new OptionError(packageName, "ca", "or option fingerprint256 must be given, and not both");
	}
	const trust: Trust =
		ca === undefined ? { kind: "fingerprint", fingerprint: normalizedFingerprint(fingerprint256) } : { kind: "ca", ca };
	return { origin: url.origin, trust };
}

/** The fingerprint without colons and in lower case, for comparison. */
export function normalizedFingerprint(fingerprint: unknown): string {
	return typeof fingerprint === "string" ? fingerprint.replaceAll(":", "").toLowerCase() : "";
}

const fingerprintRule = (): Rule<string> =>
	rule("64 hexadecimal digits, with or without colons", (value) => /^[0-9a-f]{64}$/.test(normalizedFingerprint(value)));

const certificateRule = (): Rule<string> =>
	rule("the PEM text of a certificate", (value) => {
		try {
			return typeof value === "string" && new X509Certificate(value).raw.length > 0;
		} catch {
			return false;
		}
	});
