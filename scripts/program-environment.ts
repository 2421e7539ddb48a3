import type { SimAddresses } from "./start-simulators.ts";

/** Returns environment variables with which the programs of the READMEs use the simulators. */
export function programEnvironment(sims: SimAddresses): Record<string, string> {
	return {
		CONTROL_URL: sims.control,
		DERIBIT_HTTP_URL: sims.deribit.http,
		DERIBIT_WS_URL: sims.deribit.ws,
		DERIBIT_CLIENT_ID: sims.credentials.deribit.clientId,
		DERIBIT_CLIENT_SECRET: sims.credentials.deribit.clientSecret,
		IBKR_URL: sims.ibkr.http,
		IBKR_CA: sims.ibkr.ca,
		IBKR_OAUTH_URL: sims.ibkrOauth1.http,
		IBKR_OAUTH_KEYS: JSON.stringify(sims.credentials.ibkrOauth1),
		BYBIT_REST_URL: sims.bybit.http,
		BYBIT_WS_URL: sims.bybit.ws,
		BYBIT_API_KEY: sims.credentials.bybit.apiKey,
		BYBIT_API_SECRET: sims.credentials.bybit.apiSecret,
	};
}
