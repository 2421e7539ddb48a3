import { Agent } from "node:https";
import { connect } from "node:tls";
import { normalizedFingerprint, type Trust } from "./options.ts";

/** Options of both kinds of agent. Eight connections are more than the calls of one session need at the same time. */
const limits = { keepAlive: true, maxSockets: 8 } as const;

const handshakeTimeoutMs = 15_000;

/** An agent that trusts the given certificate, on its own connections only. */
export function gatewayAgent(trust: Trust): Agent {
	return trust.kind === "ca" ? new Agent({ ...limits, ca: trust.ca }) : new PinningAgent(trust.fingerprint);
}

/** The error when the certificate of the server is not the pinned certificate. */
class WrongCertificate extends Error {
	readonly code = "ERR_TLS_CERT_FINGERPRINT";
}

/**
 * An agent that returns a connection only after it has verified that the server has the pinned certificate. Nothing is
 * sent before that.
 */
class PinningAgent extends Agent {
	readonly #fingerprint: string;

	constructor(fingerprint: string) {
		super(limits);
		this.#fingerprint = fingerprint;
	}

	override createConnection(
		...[options, callback]: Parameters<Agent["createConnection"]>
	): ReturnType<Agent["createConnection"]> {
		// Node's certificate check is off, because the chain of a self-signed certificate proves nothing. The fingerprint is
		// compared instead. No TLS session is resumed, because a resumed session has no certificate to verify.
		const socket = connect({
			host: options.host ?? "localhost",
			port: Number(options.port),
			// `servername` is empty if the host is an IP address: an IP address must not be sent as a server name.
			...(options.servername ? { servername: options.servername } : {}),
			rejectUnauthorized: false,
		});
		// Without this timeout, a handshake that hangs would keep the process alive after the request was aborted.
		socket.setTimeout(handshakeTimeoutMs, () => socket.destroy(new Error("the TLS handshake timed out")));
		const fail = (error: Error): void => callback?.(error, socket);
		socket.once("error", fail);
		socket.once("secureConnect", () => {
			socket.off("error", fail);
			socket.setTimeout(0);
			socket.removeAllListeners("timeout");
			if (normalizedFingerprint(socket.getPeerCertificate().fingerprint256) === this.#fingerprint)
				return callback?.(null, socket);
			const error = new WrongCertificate("the certificate of the gateway is not the one of option fingerprint256");
			socket.destroy();
			callback?.(error, socket);
		});
		return undefined;
	}
}
