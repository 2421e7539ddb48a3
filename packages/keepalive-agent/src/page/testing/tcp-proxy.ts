import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Starts a TCP proxy between the browser and the agent. A test can make it fail in several ways. */
export async function startProxy(target: string) {
	const { hostname, port } = new URL(target);
	const pairs = new Set<readonly [Socket, Socket]>();
	let mode: "open" | "refusing" | "frozen" = "open";
	const server = createServer((client) => {
		if (mode === "refusing") return void client.destroy();
		const agent = connect(Number(port), hostname);
		const pair = [client, agent] as const;
		pairs.add(pair);
		for (const [from, to] of [pair, [agent, client] as const]) {
			from.on("error", () => to.destroy());
			from.on("close", () => {
				to.destroy();
				pairs.delete(pair);
			});
			from.on("data", (data) => to.write(data));
			if (mode === "frozen") from.pause();
		}
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		// The cast is safe: a server that listens on a TCP port has an address of this type.
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		/** Closes all connections, and refuses new connections until {@link heal}. */
		refuse(): void {
			mode = "refusing";
			for (const [client] of pairs) client.destroy();
		},
		/** Closes all connections. New connections are accepted. */
		cut(): void {
			for (const [client] of pairs) client.destroy();
		},
		/** Passes no data on until {@link heal}, and keeps the connections open. */
		freeze(): void {
			mode = "frozen";
			for (const pair of pairs) for (const socket of pair) socket.pause();
		},
		heal(): void {
			mode = "open";
			for (const pair of pairs) for (const socket of pair) socket.resume();
		},
		async close(): Promise<void> {
			for (const [client] of pairs) client.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
