import type { IbkrAuthorize, IbkrHidden } from "@x/ibkr-session";
import { type GatewayFetch, gatewayFetch } from "@x/ibkr-session/gateway";
import { createIbkrBearer } from "@x/ibkr-session/oauth";
import { createIbkrConsumer } from "@x/ibkr-session/oauth1";
import type { IbkrConfig } from "./config.ts";

/** How a session logs in at IBKR: the options that the agent adds to the options in the file. */
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
export function ibkrLoginOf(config: IbkrConfig): IbkrLogin {
	const { oauth1, oauth2, client = {} } = config;
	const { baseUrl, callTimeoutMs, userAgent } = client;
	// Tokens are requested at the host of the API. If `baseUrl` is not a URL, the client refuses it later.
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
	const fetch = gatewayFetchOf(config);
	return { mode: "gateway", ...(fetch && { fetch, close: () => fetch.close() }) };
}

/**
 * A `fetch` with connections of its own that trusts the certificate of the session's gateway; undefined when no certificate is configured.
 *
 * @throws OptionError for a certificate that cannot be used.
 */
export function gatewayFetchOf({ gateway, client }: IbkrConfig): GatewayFetch | undefined {
	const baseUrl = client?.baseUrl;
	return gateway && gatewayFetch({ ...gateway, ...(baseUrl !== undefined && { baseUrl }) });
}
