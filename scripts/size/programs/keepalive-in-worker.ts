import { keepaliveInWorker } from "@x/keepalive/worker";

const keeper = await keepaliveInWorker(new URL("./sessions.js", import.meta.url));
await keeper.ready();
