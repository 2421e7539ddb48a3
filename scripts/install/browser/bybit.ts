import { connectBybit } from "@x/bybit-dcp";

/** The settings that the page receives. */
interface Given {
	readonly wsUrl: string;
	readonly apiKey: string;
	readonly apiSecret: string;
}

const socket = await connectBybit((globalThis as unknown as { given: Given }).given);
const { topic } = await socket.subscribeDcp("DERIVATIVES");
await socket.ping();
const { acknowledged } = await socket.close();
(globalThis as { told?: string }).told = acknowledged ? `${topic}, ponged, left` : "not acknowledged";
