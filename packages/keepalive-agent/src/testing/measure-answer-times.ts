/**
 * Asks several servers in turn, one request each, and prints how long the answers took and the ratio to the first server. It runs as a
 * process of its own, because simulators in the same process would be measured too.
 *
 *   node measure-answer-times.ts <requests> <name> <url> <Unix socket, or -> [<name> <url> <Unix socket, or -> …]
 */
import { get, Agent as HttpAgent } from "node:http";

const [requests = "1000", ...rest] = process.argv.slice(2);
const targets = Array.from({ length: rest.length / 3 }, (_, index) => {
	const [name = "", url = "", socketPath = "-"] = rest.slice(3 * index, 3 * index + 3);
	const agent = new HttpAgent({ keepAlive: true, maxSockets: 1 });
	const ask = (): Promise<number> =>
		new Promise((resolve, reject) => {
			const start = performance.now();
			get(url, { agent, ...(socketPath !== "-" && { socketPath }) }, (response) => {
				response.resume().on("end", () => resolve(performance.now() - start));
			}).on("error", reject);
		});
	return { name, ask, times: [] as number[] };
});
for (let request = 0; request < Number(requests); request += 1) {
	for (const { ask, times } of targets) {
		times.push(await ask());
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}
const percentile = (times: readonly number[], percent: number): number =>
	times.toSorted((a, b) => a - b)[Math.floor((times.length * percent) / 100)] ?? Number.NaN;
for (const { name, times } of targets) {
	const texts = [10, 50, 95, 99].map((percent) => {
		const ms = percentile(times, percent);
		const ratio = ms / percentile(targets[0]?.times ?? [], percent);
		return `p${percent} ${ms.toFixed(2)} ms (${ratio.toFixed(2)})`;
	});
	console.log(`${name}: ${texts.join(", ")}`);
}
process.exit(0);
