/** Plays the runs that the parent process requests, one after the other, and exits with the parent process. */
import { simulate } from "../simulate.ts";

process.on("message", (asked: { seed: number; days: number }) => {
	simulate(asked).then(
		(outcome) => process.send?.(outcome),
		(error: unknown) => {
			console.error(error);
			process.exit(1);
		},
	);
});
process.on("disconnect", () => process.exit(0));
