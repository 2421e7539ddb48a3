import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { HttpConfig } from "../config/config.ts";
import { isLoopback } from "../config/is-loopback.ts";
import { Problem } from "./http-problem.ts";

/** The checks that a request has to pass. */
export type RequestGuard = Pick<Guard, "requireKnownHost" | "requireReader" | "requireWriter">;

/** Decides which requests are allowed. */
export class Guard {
	readonly #isLocal: boolean;
	readonly #host: string;
	#token: Buffer | undefined;

	constructor({ host, token }: HttpConfig) {
		this.#isLocal = isLoopback(host);
		this.#host = host;
		this.token = token;
	}

	/** Replaces the token. */
	set token(token: string | undefined) {
		this.#token = token === undefined ? undefined : digest(token);
	}

	/**
	 * The checks for requests over the Unix socket:
	 * - The Host header is not checked, because no web page can open the socket.
	 * - Reading needs no token: every user who may open the socket may read.
	 * - A call that changes something needs the token, because a program that only monitors must not be able to stop the sessions.
	 */
	get forSocket(): RequestGuard {
		const pass = (): void => undefined;
		return { requireKnownHost: pass, requireReader: pass, requireWriter: (request) => this.requireWriter(request) };
	}

	/**
	 * Has to be called for every request. An agent that listens at a loopback address refuses a Host header that names another machine. A
	 * web page sends such a header if its DNS name was changed to the loopback address (DNS rebinding).
	 *
	 * @throws Problem (403)
	 */
	requireKnownHost({ headers }: IncomingMessage): void {
		if (!this.#isLocal) return;
		const name = URL.parse(`http://${headers.host ?? ""}`)?.hostname.replace(/^\[|\]$/g, "") ?? "";
		if (!isLoopback(name) && name !== this.#host)
			throw new Problem(403, "the Host header of the request does not name this machine");
	}

	/**
	 * Has to be called before sessions are read. No token is needed if the agent listens at a loopback address, because only programs on
	 * this machine can connect to it. At any other address the token is needed, also for requests from this machine.
	 *
	 * @throws Problem (401)
	 */
	requireReader(request: IncomingMessage): void {
		if (!this.#isLocal) this.#requireToken(request);
	}

	/**
	 * Has to be called for a request that changes something.
	 *
	 * @throws Problem (401, 403 or 415)
	 */
	requireWriter(request: IncomingMessage): void {
		const { origin, host, "content-type": contentType } = request.headers;
		if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
			throw new Problem(403, "the Origin header of the request names another site");
		}
		if (this.#token === undefined)
			throw new Problem(403, "calls that change something need http.token in the configuration");
		this.#requireToken(request);
		if (!/^application\/json\s*(;|$)/i.test(contentType ?? "")) {
			throw new Problem(415, "the body must be application/json");
		}
	}

	#requireToken({ headers }: IncomingMessage): void {
		const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
		const isRight = given !== undefined && this.#token !== undefined && timingSafeEqual(digest(given), this.#token);
		if (!isRight) throw new Problem(401, "the bearer token is missing or wrong", { "www-authenticate": "Bearer" });
	}
}

/** Returns a hash, because `timingSafeEqual` needs two buffers of equal length. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
