import { createRequire } from "node:module";
import { join } from "node:path";
import { connectDeribit } from "@x/deribit-session";
import { WebSocket as Ws } from "ws";
import { figure, quantile } from "../harness/round-statistics.ts";

type SocketClass = typeof WebSocket;
// The cast is safe: this file uses only members that the `ws` class and the standard WebSocket have in common.
const ws = Ws as unknown as SocketClass;

const constant = '{"jsonrpc":"2.0","id":1,"method":"public/test","params":{}}';

/** The baseline: a hand-written handler that recognises a `test_request` by its text and sends a constant reply. */
function bare(socketClass: () => SocketClass) {
	let socket: WebSocket;
	return {
		connect: (url: string) =>
			new Promise<void>((resolve, reject) => {
				socket = new (socketClass())(url);
				socket.onopen = () => resolve();
				socket.onerror = () => reject(new Error("the WebSocket could not connect to the benchmark's Deribit server"));
				socket.onmessage = ({ data }) => {
					if (String(data).includes("test_request")) socket.send(constant);
				};
			}),
		arm: (argument: ArmRound) => armRounds(argument, (url) => armByHand(url, socketClass())),
	};
}

function ours(socketClass: () => SocketClass) {
	return {
		connect: async (url: string) => {
			await connectDeribit({ url, WebSocket: socketClass() });
		},
		arm: (argument: ArmRound) =>
			armRounds(argument, async (url) => {
				const connection = await connectDeribit({ url, WebSocket: socketClass() });
				await connection.authenticate({ clientId: "id", clientSecret: "secret" });
				await connection.request("public/set_heartbeat", { interval: 30 });
				await connection.request("private/enable_cancel_on_disconnect", { scope: "connection" });
				const { enabled } = await connection.request("private/get_cancel_on_disconnect", { scope: "connection" });
				if (enabled !== true) throw new Error("cancel-on-disconnect was enabled, but is off when read back");
				return () => void connection.disconnect();
			}),
	};
}

interface ArmRound {
	readonly url: string;
	readonly count: number;
}

/**
 * Connects and arms (switches cancel-on-disconnect on and reads it back) `count` times. Returns the median and the 99th percentile of the
 * time per connection in milliseconds, and the CPU time per connection in microseconds.
 */
async function armRounds({ url, count }: ArmRound, arm: (url: string) => Promise<() => void>) {
	const took: number[] = [];
	const before = process.cpuUsage();
	for (let at = 0; at < count; at++) {
		const started = performance.now();
		const leave = await arm(url);
		took.push(performance.now() - started);
		leave();
	}
	const { user, system } = process.cpuUsage(before);
	return { p50Ms: figure(took).median, p99Ms: quantile(took, 0.99), cpuUs: (user + system) / count };
}

/**
 * The baseline: hand-written code that sends the same frames as our client, and parses the replies. The id in a reply says which call it
 * answers.
 */
async function armByHand(url: string, socketClass: SocketClass): Promise<() => void> {
	const socket = new socketClass(url);
	const waiting = new Map<number, (result: unknown) => void>();
	let last = 0;
	await new Promise<void>((resolve, reject) => {
		socket.onopen = () => resolve();
		socket.onerror = () => reject(new Error("the WebSocket could not connect to the benchmark's Deribit server"));
	});
	socket.onmessage = ({ data }) => {
		// The cast is safe: the replies of our server have these members.
		const { id, result } = JSON.parse(String(data)) as { id: number; result: unknown };
		waiting.get(id)?.(result);
		waiting.delete(id);
	};
	const call = (method: string, params: object): Promise<unknown> => {
		last += 1;
		const id = last;
		return new Promise((resolve) => {
			waiting.set(id, resolve);
			socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
		});
	};
	await call("public/auth", { grant_type: "client_credentials", client_id: "id", client_secret: "secret" });
	await call("public/set_heartbeat", { interval: 30 });
	await call("private/enable_cancel_on_disconnect", { scope: "connection" });
	// The cast is safe: the result has the member that the spec documents.
	const read = (await call("private/get_cancel_on_disconnect", { scope: "connection" })) as { enabled?: boolean };
	if (read.enabled !== true) throw new Error("cancel-on-disconnect was enabled, but is off when read back");
	return () => socket.close(1000);
}

export const bareBuiltin = () => bare(() => WebSocket);
export const bareWs = () => bare(() => ws);
export const oursBuiltin = () => ours(() => WebSocket);
export const oursWs = () => ours(() => ws);

/** The library deribit-v2-ws. Its host cannot be configured, so its socket class is replaced by one that connects to our server. */
export const deribitV2Ws = () => ({
	connect: async (url: string) => {
		const load = createRequire(join(import.meta.dirname, "../peers/package.json"));
		const file = createRequire(load.resolve("deribit-v2-ws")).resolve("ws");
		// The cast is needed because the library is loaded from another folder, so the compiler does not know its types.
		const PeerWs = load(file) as new (url: string) => object;
		const led = class extends PeerWs {
			constructor() {
				super(url);
			}
		};
		const cached = load.cache[file];
		if (cached) cached.exports = led;
		// The cast is needed because the compiler does not know the types of the library. Only this member of it is used.
		const { connect } = load("deribit-v2-ws") as { connect(): Promise<void> };
		await connect();
	},
});
