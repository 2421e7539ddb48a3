import type { components } from "../generated/schema.ts";
import { IbkrHidden } from "../hidden-value.ts";

/** The status of the brokerage session in a reply. */
export interface IbkrBrokerageStatus {
	/**
	 * The state of the brokerage session, derived from the flags `authenticated`, `connected`, `established` and
	 * `competing`. Base decisions on this state, not on a single flag.
	 *
	 * - `ready`: authenticated, connected, established and not competing;
	 * - `loading`: authenticated, but account data is not loaded yet;
	 * - `unauthenticated`: connected without a brokerage session, as after the idle timeout; `init` opens one;
	 * - `disconnected`: no connection to the backend, as after a logout;
	 * - `competing`: another login of the user holds the brokerage session, whatever the other flags are.
	 */
	readonly state: "ready" | "loading" | "unauthenticated" | "disconnected" | "competing";
	/** The flag as the venue sent it. True alone does not mean that the session works: see `state`. */
	readonly authenticated: boolean;
	/**
	 * Whether the venue's server is connected to its backend. If the venue did not send the flag, this is the value of
	 * `authenticated`.
	 */
	readonly connected: boolean;
	/**
	 * Whether account data is loaded. True if the venue did not send the flag: its servers have sent the flag only since March
	 * 2026.
	 */
	readonly established: boolean;
	/**
	 * Whether another login holds the brokerage session. False if the venue did not send the flag. The venue sometimes
	 * sends false although another login holds the session.
	 */
	readonly competing: boolean;
	/** Whether the venue said that this key can open a session only with `compete: true`. */
	readonly forceOnly: boolean;
	/** The venue's server, such as `JifN19053`, and the build of its software; absent if the venue did not send them. */
	readonly server?: { readonly name?: string; readonly version?: string };
	/** The venue's message, which can name the user; absent if there was none. */
	readonly message?: IbkrHidden<string>;
	/** The venue's reason for a bad status; absent if there was none. */
	readonly fail?: IbkrHidden<string>;
	/** The text of `fail` and `message`, without secrets and cut to 200 characters; absent if there was no text. */
	readonly venueMessage?: string;
}

type Wire = components["schemas"]["BrokerageSessionStatus"];

/**
 * Reads the status in a reply. Undefined when `authenticated` is missing, because such a reply says nothing about the session.
 *
 * @param words - the venue's own message in the reply, if there is one.
 */
export function readBrokerage(wire: Wire, words: { readonly venueMessage?: string }): IbkrBrokerageStatus | undefined {
	const { authenticated } = wire;
	if (typeof authenticated !== "boolean") return undefined;
	const flags = {
		authenticated,
		connected: wire.connected ?? authenticated,
		established: wire.established ?? true,
		competing: wire.competing ?? false,
	};
	const { serverName, serverVersion } = wire.serverInfo ?? {};
	const fail = failOf(wire);
	return {
		state: stateOf(flags),
		...flags,
		forceOnly: isForceOnly(fail),
		...(serverName || serverVersion
			? {
					server: { ...(serverName ? { name: serverName } : {}), ...(serverVersion ? { version: serverVersion } : {}) },
				}
			: {}),
		...(wire.message ? { message: new IbkrHidden(wire.message) } : {}),
		...(fail ? { fail: new IbkrHidden(fail) } : {}),
		...words,
	};
}

/** The reason for a bad status. Older documents of the venue have this member in `serverInfo`. */
export function failOf(wire: Wire): string | undefined {
	return wire.fail || wire.serverInfo?.fail || undefined;
}

/** Whether a reason says that the key can open a session only with `compete: true`. */
export function isForceOnly(fail: string | undefined): boolean {
	return /force compete/i.test(fail ?? "");
}

function stateOf(
	flags: Pick<IbkrBrokerageStatus, "authenticated" | "connected" | "established" | "competing">,
): IbkrBrokerageStatus["state"] {
	if (flags.competing) return "competing";
	if (!flags.connected) return "disconnected";
	if (!flags.authenticated) return "unauthenticated";
	return flags.established ? "ready" : "loading";
}
