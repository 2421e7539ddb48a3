import type { IbkrAuthorize, IbkrHidden } from "@x/ibkr-session";
import { gatewayFetch } from "@x/ibkr-session/gateway";
import { createIbkrBearer } from "@x/ibkr-session/oauth";
import { createIbkrConsumer } from "@x/ibkr-session/oauth1";
import type { IbkrConfig } from "./config.ts";

/** How a session logs in at IBKR: what its options get besides what the file says. */
export interface IbkrLogin {
	readonly mode: "gateway" | "oauth1" | "oauth2";
	readonly fetch?: typeof fetch;
	readonly authorize?: IbkrAuthorize;
	/** Makes a new token after the venue rejected the old one. */
	readonly renew?: () => Promise<unknown>;
	/** Closes the connections of `fetch`. */
	readonly close?: () => void;
	/** The access token that a WebSocket connection sends. */
	readonly token?: () => string | Promise<IbkrHidden<string>>;
}

/** @throws OptionError for a key or certificate that cannot be used. */
export function ibkrLoginOf({ gateway, oauth1, oauth2, client = {} }: IbkrConfig): IbkrLogin {
	const { baseUrl, callTimeoutMs, userAgent } = client;
	// Tokens are requested at the host of the API. The client refuses what is no URL.
	const url = URL.parse(String(baseUrl ?? ""));
	const shared = {
		...(url && { origin: url.origin }),
		...(callTimeoutMs !== undefined && { callTimeoutMs }),
		...(userAgent !== undefined && { userAgent }),
	};
	if (oauth1) {
		const { accessToken, accessTokenSecret, ...consumer } = oauth1;
		const user = createIbkrConsumer({ ...shared, ...consumer }).user({ accessToken, accessTokenSecret });
		const { authorize, fetch } = user;
		return { mode: "oauth1", authorize, fetch, renew: () => user.renew(), token: () => accessToken };
	}
	if (oauth2) {
		const bearer = createIbkrBearer({ ...shared, ...oauth2 });
		const { authorize, fetch } = bearer;
		const token = async () => (await bearer.session()).token;
		return { mode: "oauth2", authorize, fetch, renew: () => bearer.renew(), token };
	}
	if (!gateway) return { mode: "gateway" };
	const fetch = gatewayFetch({ ...gateway, ...(baseUrl !== undefined && { baseUrl }) });
	return { mode: "gateway", fetch, close: () => fetch.close() };
}
