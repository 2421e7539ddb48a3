/** A worker that crashes at the first run. */
process.on("message", () => process.exit(3));
