/**
 * Functions that all scenarios in JavaScript share. A scenario prints one JSON line per step, and exits with code 1 if a step failed.
 *
 * The addresses and credentials of the simulators are in the environment variable SIMS.
 */
import { setTimeout as sleep } from "node:timers/promises";

/** @type {import("@x/venue-sims").VenueAddresses} */
export const sims = JSON.parse(process.env["SIMS"] ?? "{}");

/**
 * The time window of Bybit's Disconnection Protect that the scenarios set, in seconds. It is shorter than the ping interval of every
 * client, so that a client which reconnects does not stop the cancel by its next ping.
 */
export const windowSeconds = 3;

const stepTimeoutMs = 25_000;

/**
 * Runs a step of the scenario. If the step fails, the scenario ends, because later steps depend on it.
 *
 * @param {string} name
 * @param {() => Promise<unknown>} action - may return a text for the table.
 */
export async function step(name, action) {
	await row(name, "ok", action);
}

/**
 * Plays a step that proves a bug of the client itself.
 *
 * @param {string} name
 * @param {string} reason
 * @param {() => Promise<unknown>} proof - throws when the client does not have this bug.
 */
export async function peerFault(name, reason, proof) {
	await row(name, "peer-fault", async () => {
		await proof();
		return reason;
	});
}

/**
 * Runs an action, and prints one row with its outcome.
 *
 * @param {string} name
 * @param {string} outcome - printed if the action succeeds.
 * @param {() => Promise<unknown>} action
 */
async function row(name, outcome, action) {
	const timedOut = sleep(stepTimeoutMs, undefined, { ref: false }).then(() => {
		throw new Error(`no result within ${stepTimeoutMs} ms`);
	});
	try {
		const detail = await Promise.race([action(), timedOut]);
		print({ step: name, outcome, detail: typeof detail === "string" ? detail : "" });
	} catch (error) {
		print({ step: name, outcome: "failed", detail: String(error).slice(0, 400) });
		process.exit(1);
	}
}

/** Prints an object as one line of JSON. @param {object} line */
function print(line) {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}

/**
 * Calls `look` again and again until it returns a result. Throws at the deadline of the step.
 *
 * @template T
 * @param {() => Promise<T | undefined | false> | T | undefined | false} look
 * @returns {Promise<T>}
 */
export async function until(look) {
	for (;;) {
		const found = await look();
		if (found) return found;
		await sleep(100);
	}
}

/**
 * Triggers a fault of a simulated venue.
 *
 * @param {string} name
 * @param {"bybit" | "deribit"} venue
 * @returns {Promise<unknown>} what the fault returns, as the comment of the venue's class (such as `BybitVenue`) describes it.
 */
export async function fault(name, venue = "bybit") {
	const reply = await fetch(`${sims.control}/${venue}/${name}`, { method: "POST" });
	if (!reply.ok) throw new Error(`fault ${name}: ${await reply.text()}`);
	const { result } = /** @type {{ result: unknown }} */ (await reply.json());
	return result;
}

/** The present state of Disconnection Protect for derivatives: `idle`, `armed`, `counting` or `triggered`. */
export async function protection() {
	// The cast is safe: this is what the fault returns.
	const truth = /** @type {Record<string, import("@x/venue-sims").BybitTruth>} */ (await fault("truth"));
	return truth["DERIVATIVES"]?.state;
}

/**
 * The order as the simulated venue stores it.
 *
 * @param {string} id
 * @returns {Promise<import("@x/venue-sims").BybitSimOrder | undefined>}
 */
export async function orderAtVenue(id) {
	const reply = await fetch(`${sims.control}/bybit/orders`);
	// The cast is safe: the control server documents this reply.
	return /** @type {import("@x/venue-sims").BybitSimOrder[]} */ (await reply.json()).find((order) => order.id === id);
}
