import { Agent } from "node:https";
import { connect } from "node:tls";
import { plain, type Trust } from "./options.ts";

/** More connections than a session's calls ever need at the same time. */
const limits = { keepAlive: true, maxSockets: 8 } as const;

const handshakeMs = 15_000;

/** An agent that trusts what the options say, for its own connections alone: nothing of the process changes. */
export function gatewayAgent(trust: Trust): Agent {
	return trust.kind === "ca" ? new Agent({ ...limits, ca: trust.ca }) : new PinningAgent(trust.fingerprint);
}

/** The certificate is not the pinned one. */
class WrongCertificate extends Error {
	readonly code = "ERR_TLS_CERT_FINGERPRINT";
}

/** Hands a connection out only after its certificate proved to be the pinned one: before that nothing is sent. */
class PinningAgent extends Agent {
	readonly #fingerprint: string;

	constructor(fingerprint: string) {
		super(limits);
		this.#fingerprint = fingerprint;
	}

	override createConnection(
		...[options, callback]: Parameters<Agent["createConnection"]>
	): ReturnType<Agent["createConnection"]> {
		// The chain of a self-signed certificate proves nothing, so Node's check is off for this one socket and the
		// fingerprint takes its place. No session is resumed: a resumed one shows no certificate.
		const socket = connect({
			host: options.host ?? "localhost",
			port: Number(options.port),
			// Empty for an IP address, which must not be sent as a name.
			...(options.servername ? { servername: options.servername } : {}),
			rejectUnauthorized: false,
		});
		// The request may be given up meanwhile; a handshake that never ends would then hold the process.
		socket.setTimeout(handshakeMs, () => socket.destroy(new Error("the TLS handshake did not end")));
		const fail = (error: Error): void => callback?.(error, socket);
		socket.once("error", fail);
		socket.once("secureConnect", () => {
			socket.off("error", fail);
			socket.setTimeout(0);
			socket.removeAllListeners("timeout");
			if (plain(socket.getPeerCertificate().fingerprint256) === this.#fingerprint) return callback?.(null, socket);
			const error = new WrongCertificate("the certificate is not the pinned one");
			socket.destroy();
			callback?.(error, socket);
		});
		return undefined;
	}
}
