import { appendFileSync } from "node:fs";
import { it } from "vitest";
import { simulate } from "./testing/simulation/simulate.ts";
const from = Number(process.env["FROM"] ?? 1), to = Number(process.env["TO"] ?? 10);
const opts = JSON.parse(process.env["OPTS"] ?? "{}");
it("wide", { timeout: 3_000_000 }, async () => {
	const t0 = performance.now();
	for (let seed = from; seed <= to; seed++) {
		const out = await simulate({ venue: "bybit", seed, reportEvents: 60, ...opts });
		const line = `${seed} ${out.violations.length} alive ${out.aliveShare.toFixed(2)} ${JSON.stringify(out.stats)}\n${out.report}\n`;
		appendFileSync(process.env["OUT"] ?? "/tmp/bybit-wide.txt", line);
		if (performance.now() - t0 > Number(process.env["MAXMS"] ?? 400000)) break;
	}
});
