import type { SimAddresses } from "./start-simulators.ts";

/** Environment variables with which the READMEs' programs use the simulators. */
export function programEnvironment({
	deribit,
	ibkr,
	ibkrOauth1,
	bybit,
	control,
	credentials,
}: SimAddresses): Record<string, string> {
	return {
		CONTROL_URL: control,
		DERIBIT_HTTP_URL: deribit.http,
		DERIBIT_WS_URL: deribit.ws,
		DERIBIT_CLIENT_ID: credentials.deribit.clientId,
		DERIBIT_CLIENT_SECRET: credentials.deribit.clientSecret,
		IBKR_URL: ibkr.http,
		IBKR_CA: ibkr.ca,
		IBKR_OAUTH_URL: ibkrOauth1.http,
		IBKR_OAUTH_KEYS: JSON.stringify(credentials.ibkrOauth1),
		BYBIT_REST_URL: bybit.http,
		BYBIT_WS_URL: bybit.ws,
		BYBIT_API_KEY: credentials.bybit.apiKey,
		BYBIT_API_SECRET: credentials.bybit.apiSecret,
	};
}
