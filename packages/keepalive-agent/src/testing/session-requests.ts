/**
 * Asks an agent the same again and again, and prints how long the answers took. A process of its own: simulators in the same one would
 * be measured too.
 *
 *   node session-requests.ts <url> <requests> [<Unix socket>]
 */
import { get, Agent as HttpAgent } from "node:http";

const [url = "", requests = "1000", socketPath] = process.argv.slice(2);
const connection = new HttpAgent({ keepAlive: true, maxSockets: 1 });
const requestMs = () =>
	new Promise<number>((resolve, reject) => {
		const start = performance.now();
		get(url, { agent: connection, ...(socketPath !== undefined && { socketPath }) }, (response) => {
			response.resume().on("end", () => resolve(performance.now() - start));
		}).on("error", reject);
	});
const times: number[] = [];
for (let request = 0; request < Number(requests); request += 1) {
	times.push(await requestMs());
	await new Promise((resolve) => setTimeout(resolve, 10));
}
times.sort((a, b) => a - b);
const percentile = (percent: number): string => `p${percent} ${times[(times.length * percent) / 100]?.toFixed(2)} ms`;
console.log([50, 95, 99].map(percentile).join(", "));
process.exit(0);
