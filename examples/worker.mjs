// worker.mjs
import { installShutdown } from "@x/keepalive/node";
import { keepaliveInWorker } from "@x/keepalive/worker";

/** @type {import("@x/keepalive/worker").WorkerKeeper<typeof import("./worker-sessions.mjs")>} */
const keeper = await keepaliveInWorker(new URL("./worker-sessions.mjs", import.meta.url));
const shutdown = installShutdown(keeper, { orders: "cancel" });

const exitCode = await shutdown.run(async (requested) => {
	await keeper.ready({ signal: requested });
	// A calculation blocks this thread for 3 s. Meanwhile the worker continues to answer the venue.
	for (const end = Date.now() + 3_000; Date.now() < end; );
	console.log("after three blocked seconds:", keeper.isArmed("deribit") ? "armed" : "not armed");
	const order = { instrument_name: "BTC-PERPETUAL", amount: 10, type: /** @type {const} */ ("limit"), price: 1 };
	console.log("order", await keeper.call("buy", order, { signal: requested }));
});
process.exit(exitCode);
