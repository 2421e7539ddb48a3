/**
 * `node src/venues/bybit/testing/restart-with-1000-clients.ts [clients]`, in packages/keepalive: restarts the simulated server while a thousand
 * sessions of one process are connected, in real time and with the venue's own limits. At 500 handshakes in five minutes this takes about
 * eleven minutes, so the test suite uses a hundred clients.
 */
import { restart } from "./server-restart.ts";

const clients = Number(process.argv[2] ?? 1_000);
console.log(JSON.stringify(await restart(clients, 1_200_000)));
