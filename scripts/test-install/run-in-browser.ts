// The script of a page that uses the two WebSocket clients. check-browser.ts bundles it for a browser and calls `runPage` there.
import { connectBybit } from "@x/bybit-dcp";
import { connectDeribit } from "@x/deribit-session";

type DeribitSettings = { readonly url: string; readonly clientId: string; readonly clientSecret: string };
type BybitSettings = { readonly wsUrl: string; readonly apiKey: string; readonly apiSecret: string };

async function useDeribit({ url, ...credentials }: DeribitSettings): Promise<string> {
	const connection = await connectDeribit({ url });
	await connection.authenticate({ ...credentials, grant: "client_signature" });
	await connection.request("public/set_heartbeat", { interval: 10 });
	await connection.request("private/enable_cancel_on_disconnect", { scope: "connection" });
	const { enabled } = await connection.request("private/get_cancel_on_disconnect", { scope: "connection" });
	const left = await connection.disconnect();
	return enabled === true && left.confirmed ? "left, was armed" : "not armed";
}

async function useBybit(settings: BybitSettings): Promise<string> {
	const socket = await connectBybit(settings);
	const { topic } = await socket.subscribeDcp("DERIVATIVES");
	await socket.ping();
	const { acknowledged } = await socket.close();
	return acknowledged ? `left, had ${topic} and a pong` : "not acknowledged";
}

/** Runs both clients and returns the outcome of each. An outcome that begins with the word "left" is a success, any other a failure. */
export function runPage(deribit: DeribitSettings, bybit: BybitSettings): Promise<readonly [string, string]> {
	return Promise.all([useDeribit(deribit).catch(String), useBybit(bybit).catch(String)]);
}
