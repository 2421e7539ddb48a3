import { OptionError } from "@x/base/errors";
import {
	checkOptions,
	nonEmptyString,
	object,
	objectWith,
	optional,
	type Rule,
	rule,
	secret,
} from "@x/base/option-schema";

/** How the store connects to NATS, and which bucket it uses. Give either `servers` or `connection`. */
export interface NatsLeaderStoreOptions {
	/**
	 * Addresses of the servers of one cluster, `nats://` or `tls://`, such as `nats://user:secret@nats.example:4222`. An address
	 * may contain user and password, or a token. Special characters in them are percent-encoded (`%40` for `@`). The addresses
	 * are never shown.
	 */
	readonly servers?: string | readonly string[];
	/** The name of the user. Needs the option `password`. */
	readonly user?: string;
	/** The password of `user`. Never shown. */
	readonly password?: string;
	/** A token, in place of `user` and `password`. Never shown. */
	readonly token?: string;
	/** Path of a credentials file (`.creds`), in place of `user` and `password`. The file is read again for each connection. */
	readonly credentialsFile?: string;
	/** Requires TLS and sets the files that TLS uses. A `tls://` address requires TLS without this option. */
	readonly tls?: NatsTlsOptions;
	/** A NATS connection of your own, over any transport, in place of `servers`. The store never closes it. */
	readonly connection?: NatsConnectionLike;
	/**
	 * Name of the key-value bucket: letters, digits, `_` and `-`. Default `keepalive_leader`. A second bucket, with `_notes` after this
	 * name, holds the note of each leader: a text for the next leader.
	 */
	readonly bucket?: string;
}

/** A connection to NATS: what `connect` of `@nats-io/transport-node` returns, or `wsconnect` of `@nats-io/nats-core`. */
export interface NatsConnectionLike {
	/** Sends a message, and resolves with the reply. */
	request(subject: string): Promise<unknown>;
	/** Sends a message. */
	publish(subject: string): void;
	/** True when the connection has ended and will not reconnect. */
	isClosed(): boolean;
}

/** The files of a TLS connection, in PEM. */
export interface NatsTlsOptions {
	/** Path of a file with the certificates to trust, in place of the certificates that Node.js trusts. */
	readonly caFile?: string;
	/** Path of this program's client certificate, if the server asks for one. */
	readonly certFile?: string;
	/** Path of the private key for `certFile`. */
	readonly keyFile?: string;
}

/** Host and port of a server. */
export interface ServerAddress {
	readonly host: string;
	readonly port: number;
}

/** How this program authenticates. Empty for a server that accepts every client. */
interface Credentials {
	readonly user?: string;
	readonly password?: string;
	readonly token?: string;
	readonly credentialsFile?: string;
}

/** How to connect to the servers of `NatsLeaderStoreOptions`. */
export interface ServerOptions {
	readonly servers: readonly ServerAddress[];
	readonly credentials: Credentials;
	/** Undefined when a connection without TLS is allowed as well. */
	readonly tls: NatsTlsOptions | undefined;
	/** Texts that an error must not contain. */
	readonly secrets: readonly string[];
}

/** The options after the check, in the form that the store needs. */
export interface ResolvedOptions {
	readonly via: NatsConnectionLike | ServerOptions;
	readonly bucket: string;
}

/** The name of this package. Every error message begins with it. */
export const packageName = "@x/keepalive-nats";

/**
 * Checks the options.
 *
 * @throws OptionError
 */
export function resolveOptions(options: NatsLeaderStoreOptions): ResolvedOptions {
	checkOptions<NatsLeaderStoreOptions>(
		packageName,
		{
			servers: optional(secret(rule("a nats:// or tls:// URL, or an array of them", areServers))),
			user: optional(nonEmptyString()),
			password: optional(secret(nonEmptyString())),
			token: optional(secret(nonEmptyString())),
			credentialsFile: optional(nonEmptyString()),
			tls: optional(
				object<NatsTlsOptions>({
					caFile: optional(nonEmptyString()),
					certFile: optional(nonEmptyString()),
					keyFile: optional(nonEmptyString()),
				}),
			),
			connection: optional(connectionRule),
			bucket: optional(rule("letters, digits, _ and -", (value) => /^[\w-]+$/.test(String(value)))),
		},
		options,
	);
	const { servers, connection, bucket = "keepalive_leader" } = options;
	if ((servers === undefined) === (connection === undefined)) {
		throw new OptionError(packageName, "servers", "must be given, or connection instead of it, but not both");
	}
	if (servers !== undefined) return { via: resolveServers(servers, options), bucket };
	for (const name of ["user", "password", "token", "credentialsFile", "tls"] as const) {
		if (options[name] !== undefined) {
			throw new OptionError(packageName, name, "must not be given together with connection");
		}
	}
	// The cast is safe: exactly one of `servers` and `connection` is given, and `servers` is missing here.
	return { via: connection as NatsConnectionLike, bucket };
}

const connectionRule: Rule<NatsConnectionLike> = objectWith<NatsConnectionLike>("request");

function resolveServers(given: string | readonly string[], options: NatsLeaderStoreOptions): ServerOptions {
	const urls = (typeof given === "string" ? [given] : given).map((each) => new URL(each));
	const { credentialsFile } = options;
	const candidates: Credentials[] = [...urls.map(credentialsOf), ownCredentials(options)].filter(
		(each) => Object.keys(each).length > 0,
	);
	if (credentialsFile !== undefined) candidates.push({ credentialsFile });
	const [credentials = {}] = candidates;
	if (candidates.some((each) => JSON.stringify(each) !== JSON.stringify(credentials))) {
		throw new OptionError(
			packageName,
			"servers",
			"must not hold credentials that differ from each other, or from user, token or credentialsFile. Give them once",
		);
	}
	return {
		servers: urls.map(({ hostname, port }) => ({
			host: hostname.replace(/^\[(.*)\]$/, "$1"),
			port: port === "" ? 4222 : Number(port),
		})),
		credentials,
		tls: options.tls ?? (urls.some(({ protocol }) => protocol === "tls:") ? {} : undefined),
		// Each secret in two forms: as it is sent, and percent-encoded as an address contains it.
		secrets: [
			credentials.password ?? "",
			credentials.token ?? "",
			...urls.map((each) => each.password || each.username),
		],
	};
}

function ownCredentials({ user, password, token }: NatsLeaderStoreOptions): Credentials {
	if ((user === undefined) !== (password === undefined)) {
		throw new OptionError(packageName, "user", "must be given together with password");
	}
	if (user !== undefined && password !== undefined) {
		if (token !== undefined) throw new OptionError(packageName, "token", "must not be given together with user");
		return { user, password };
	}
	return token === undefined ? {} : { token };
}

/** The credentials in a URL. A URL that has a user but no password contains a token. */
function credentialsOf({ username, password }: URL): Credentials {
	const user = decoded(username);
	if (user === "") return {};
	return password === "" ? { token: user } : { user, password: decoded(password) };
}

/**
 * Decodes a percent-encoded part of a URL. Returns the part unchanged if it contains a `%` that begins no valid percent-encoding.
 */
function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

function areServers(value: unknown): boolean {
	return Array.isArray(value) ? value.length > 0 && value.every(isServer) : isServer(value);
}

function isServer(value: unknown): boolean {
	const url = typeof value === "string" ? URL.parse(value) : null;
	if (!url || !["nats:", "tls:"].includes(url.protocol) || url.hostname === "") return false;
	return ["", "/"].includes(url.pathname) && url.search === "" && url.hash === "";
}
