export { type GatewayFetch, gatewayFetch } from "./gateway-fetch.ts";
export type { GatewayFetchOptions } from "./options.ts";
