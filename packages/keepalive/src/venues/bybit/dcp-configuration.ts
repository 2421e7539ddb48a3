import type { BybitAccountMode, BybitDcpInfo, BybitProduct } from "@x/bybit-dcp";
import { SessionError } from "../../session-error.ts";
import type { ResolvedBybitOptions } from "./options.ts";

/**
 * The shortest and the longest cancel window that may be in force, in seconds. A cancel window is the time between the loss of the
 * connection and the venue's cancel of a product's orders.
 */
export interface WindowRange {
	readonly shortestSeconds: number;
	readonly longestSeconds: number;
}

/** The result of comparing the venue's configuration with the session's options. */
export type Reading =
	/** Disconnection Protect is on for every product, with the requested window. */
	| { readonly state: "equal" }
	/** As `equal`, but the session set the window so recently that the old window may still be in force. */
	| { readonly state: "too-early" }
	/** Disconnection Protect is off for these products. */
	| { readonly state: "not-enabled"; readonly products: readonly BybitProduct[] }
	| DifferentWindow;

/** Disconnection Protect is on for every product, but these products have another window than requested. */
export interface DifferentWindow {
	readonly state: "different-window";
	readonly products: readonly BybitProduct[];
	/** A human-readable text about the difference, such as `a window of 60 s for SPOT instead of 10 s`. */
	readonly found: string;
	/** The shortest and the longest cancel window among all products of the session, also among those whose window is as requested. */
	readonly windows: WindowRange;
}

/** What the venue will do after the session is closed, according to the configuration that was read right before the close. */
export type ConfigurationAtClose =
	/** Disconnection Protect is on for every product; `windowSeconds` is the longest of their windows. */
	| { readonly state: "enabled"; readonly windowSeconds: number }
	| { readonly state: "not-enabled"; readonly products: readonly BybitProduct[] }
	/** The account is a classic account, on which Disconnection Protect cancels nothing. */
	| { readonly state: "classic" }
	| { readonly state: "unread"; readonly reason: string };

/**
 * Compares the venue's configuration with the session's options. Never returns `too-early`, because it does not know when the session
 * last set the cancel window.
 */
export function compareConfiguration(
	infos: readonly BybitDcpInfo[],
	{ products, windowSeconds }: Pick<ResolvedBybitOptions, "products" | "windowSeconds">,
): Reading {
	const asked = products.map((product) => infos.find((info) => info.product === product));
	const absent = products.filter((_, index) => !asked[index]?.enabled);
	if (absent.length > 0) return { state: "not-enabled", products: absent };
	const enabled = asked.flatMap((info) => (info?.enabled ? [info] : []));
	const different = enabled.filter((info) => info.windowSeconds !== windowSeconds);
	if (different.length === 0) return { state: "equal" };
	const list = different.map((info) => `${info.windowSeconds} s for ${info.product}`).join(", ");
	return {
		state: "different-window",
		products: different.map(({ product }) => product),
		found: `a window of ${list} instead of ${windowSeconds} s`,
		windows: {
			shortestSeconds: Math.min(...enabled.map((info) => info.windowSeconds)),
			longestSeconds: Math.max(...enabled.map((info) => info.windowSeconds)),
		},
	};
}

/** Which orders of the product DERIVATIVES the venue cancels; this depends on the account mode. */
export function derivativesCoverage(mode: BybitAccountMode | undefined): string {
	switch (mode) {
		case "unified-2":
			return "DERIVATIVES";
		case "unified-1":
			return "DERIVATIVES without inverse (a unified account 1.0)";
		default:
			return "DERIVATIVES, perhaps without inverse (the account's mode is not known)";
	}
}

export const classicAccountReason = "Disconnection Protect cancels nothing on a classic account";

export function classicAccount(): SessionError {
	const todo = "Upgrade the account to a unified one.";
	return new SessionError(`@x/keepalive/bybit: ${classicAccountReason}.`, { disposition: { action: "human", todo } });
}

export function notEnabled(products: readonly BybitProduct[]): SessionError {
	const which = products.join(", ");
	return new SessionError(
		`@x/keepalive/bybit: Disconnection Protect is not enabled for this account: the products that Bybit reports as enabled do not include ${which}.`,
		{
			disposition: {
				action: "human",
				todo: `Ask your Bybit account manager to enable Disconnection Protect for this account and ${which}.`,
			},
		},
	);
}
