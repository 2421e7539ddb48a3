import { X509Certificate } from "node:crypto";
import { IbkrError } from "../errors.ts";
import { onlyKnown } from "../known.ts";
import { baseUrlOf, ibkrDefaults } from "../options.ts";

/** Settings of {@link gatewayFetch}: the one host it talks to, and what proves that it is the right one. */
export type GatewayFetchOptions = {
	/** As in the client's options; must be `https:`. Default `https://localhost:5000/v1/api`. */
	readonly baseUrl?: string;
} & (
	| {
			/** PEM text of the gateway's certificate, or of what signed it. The host name is checked too. */
			readonly ca: string;
			readonly fingerprint256?: never;
	  }
	| {
			/**
			 * SHA-256 fingerprint of the gateway's own certificate, 64 hexadecimal digits with or without colons. The host
			 * name and the dates are not checked: no other certificate has this fingerprint.
			 */
			readonly fingerprint256: string;
			readonly ca?: never;
	  }
);

export type Trust =
	| { readonly kind: "ca"; readonly ca: string }
	| { readonly kind: "fingerprint"; readonly fingerprint: string };

/** @throws IbkrError of kind `options`. */
export function resolveGatewayOptions(options: GatewayFetchOptions): {
	readonly origin: string;
	readonly trust: Trust;
} {
	onlyKnown(options, { baseUrl: 1, ca: 1, fingerprint256: 1 });
	const url = new URL(baseUrlOf(options.baseUrl ?? ibkrDefaults.baseUrl));
	if (url.protocol !== "https:") throw wrong("the option baseUrl must be an https: address");
	return { origin: url.origin, trust: trustOf(options) };
}

function trustOf({ ca, fingerprint256 }: GatewayFetchOptions): Trust {
	if ((ca === undefined) === (fingerprint256 === undefined)) {
		throw wrong("exactly one of the options ca and fingerprint256 must be given");
	}
	if (ca !== undefined) {
		if (!isCertificate(ca)) throw wrong("the option ca must be the PEM text of a certificate");
		return { kind: "ca", ca };
	}
	const fingerprint = plain(fingerprint256);
	if (!/^[0-9a-f]{64}$/.test(fingerprint)) {
		throw wrong("the option fingerprint256 must be 64 hexadecimal digits, with or without colons");
	}
	return { kind: "fingerprint", fingerprint };
}

/** Without colons, in lower case: how fingerprints are compared. */
export function plain(fingerprint: unknown): string {
	return typeof fingerprint === "string" ? fingerprint.replaceAll(":", "").toLowerCase() : "";
}

function isCertificate(text: unknown): boolean {
	try {
		return typeof text === "string" && new X509Certificate(text).raw.length > 0;
	} catch {
		return false;
	}
}

function wrong(message: string): IbkrError {
	return new IbkrError(`gatewayFetch: ${message}`, { kind: "options" });
}
