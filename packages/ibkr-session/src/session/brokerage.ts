import type { components } from "../generated/schema.ts";
import { IbkrHidden } from "../hidden.ts";

/**
 * How the brokerage session stands, all flags taken together.
 *
 * - `ready`: authenticated, connected, established and not competing;
 * - `loading`: authenticated, but account data is not there yet;
 * - `unauthenticated`: connected without a brokerage session, as after the idle limit; `init` opens one;
 * - `disconnected`: no connection to the backend, as after a logout;
 * - `competing`: another session holds the user, whatever the other flags say.
 */
export type IbkrBrokerageState = "ready" | "loading" | "unauthenticated" | "disconnected" | "competing";

/** The brokerage session as a reply tells it. */
export interface IbkrBrokerageStatus {
	/** All flags below, taken together: what to decide by. */
	readonly state: IbkrBrokerageState;
	/** As sent; a reply without it is none. Alone it does not mean that the session serves. */
	readonly authenticated: boolean;
	/** A missing member counts as the value of `authenticated`. */
	readonly connected: boolean;
	/** A missing member counts as true: servers before March 2026 do not send it. */
	readonly established: boolean;
	/** A missing member counts as false. False does not prove that nobody else holds the user. */
	readonly competing: boolean;
	/** True when the venue said that this key can open a session only with `compete: true`. */
	readonly forceOnly: boolean;
	/** The venue's server, such as `JifN19053`, and its build, where they were sent. */
	readonly server?: { readonly name?: string; readonly version?: string };
	/** The venue's own words, where it sent any. They can name the user. */
	readonly message?: IbkrHidden<string>;
	/** Why the status is bad, in the venue's own words, where it sent any. */
	readonly fail?: IbkrHidden<string>;
}

type Wire = components["schemas"]["BrokerageSessionStatus"];

/** Undefined when the reply does not say whether the session is authenticated: then it says nothing. */
export function readBrokerage(wire: Wire): IbkrBrokerageStatus | undefined {
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
		forceOnly: /force compete/i.test(fail ?? ""),
		...(serverName || serverVersion
			? {
					server: { ...(serverName ? { name: serverName } : {}), ...(serverVersion ? { version: serverVersion } : {}) },
				}
			: {}),
		...(wire.message ? { message: new IbkrHidden(wire.message) } : {}),
		...(fail ? { fail: new IbkrHidden(fail) } : {}),
	};
}

/** Why a status is bad, if it says so. Older documents have it one level down. */
export function failOf(wire: Wire): string | undefined {
	return wire.fail || wire.serverInfo?.fail || undefined;
}

function stateOf(
	flags: Pick<IbkrBrokerageStatus, "authenticated" | "connected" | "established" | "competing">,
): IbkrBrokerageState {
	if (flags.competing) return "competing";
	if (!flags.connected) return "disconnected";
	if (!flags.authenticated) return "unauthenticated";
	return flags.established ? "ready" : "loading";
}
