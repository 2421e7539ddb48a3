// Generated from specs/bybit-dcp.yaml by "npm run generate". Change the spec, not this file.

export interface paths {
    "/v5/order/disconnected-cancel-all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set the window of one product
         * @description Sets how long the venue waits, after the last subscribed connection is lost, before it cancels the product's
         *     orders. The setting is stored: repeating the call keeps nothing alive, and no value disables protection.
         *
         *     Success does not prove protection. It means that the setting was accepted; it is in force, and can be read
         *     back, about ten seconds later. An account without Disconnection Protect is expected to get `retCode` 10005, but a
         *     success cannot be excluded.
         *
         *     **`product` is optional here because it is optional at the venue, and leaving it out means `OPTIONS`.** A futures
         *     desk that omits it has protected nothing and still gets a success: always send it.
         */
        post: operations["v5OrderDisconnectedCancelAllPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v5/account/query-dcp-info": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read which products are enabled, and their windows
         * @description The only proof of the setting. A product that is not enabled is absent, not listed as off, so an account
         *     without Disconnection Protect gets `retCode` 0 and an empty list: `dcpInfos` empty, null or absent.
         *
         *     Each main or sub account sees its own configuration. `GET /v5/account/info` also has members of these names; they
         *     are deprecated and always say off.
         */
        get: operations["v5AccountQueryDcpInfoGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v5/account/info": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the mode of the account
         * @description Protection covers inverse orders only on a unified account 2.0, and nothing on a classic account. The members
         *     `dcpStatus` and `timeWindow` of the same reply are deprecated and always say off.
         */
        get: operations["v5AccountInfoGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v5/order/realtime": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List open orders of one category
         * @description The working orders as they are now, newest first by creation, one page at a time. With a category of `linear` the
         *     venue wants a symbol, a base coin or a settlement coin as well.
         */
        get: operations["v5OrderRealtimeGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v5/order/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List orders of one category that have ended
         * @description The orders of the last seven days, those that protection cancelled with a `cancelType` of `CancelByDCP`, one page
         *     at a time. A cancellation may show up here a little later than it happened. The order of entries is by
         *     creation, so an old order that was cancelled just now stands far back.
         */
        get: operations["v5OrderHistoryGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v5/market/time": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the venue's clock
         * @description Needs no key. Signed calls are refused when their timestamp is a second or more ahead of this clock, whatever the
         *     receive window; the venue recommends a clock kept by NTP over sampling this call.
         */
        get: operations["v5MarketTimeGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description `DERIVATIVES` covers inverse, USDT and USDC perpetuals and futures and has the topic `dcp.future`; `SPOT` has
         *     `dcp.spot`, `OPTIONS` has `dcp.option`.
         * @enum {string}
         */
        Product: "OPTIONS" | "DERIVATIVES" | "SPOT";
        SetDcpRequest: {
            /** @description The product, one per call. Default `OPTIONS`. */
            product?: components["schemas"]["Product"];
            /** @description The window in seconds. */
            timeWindow: number;
        };
        /** @description The venue documents only `retCode` and `retMsg`; other calls also have the other members. */
        SetDcpReply: {
            /** @description 0 is success. Decide only by this member. */
            retCode: number;
            /** @description For people. On success `OK`, `success`, `SUCCESS` or empty. */
            retMsg?: string;
            /** @description Empty. */
            result?: Record<string, unknown> | null;
            /** @description Empty. */
            retExtInfo?: Record<string, unknown> | null;
            /**
             * Format: int64
             * @description The venue's clock in milliseconds.
             */
            time?: number;
        };
        QueryDcpReply: {
            /** @description 0 is success. Decide only by this member. */
            retCode: number;
            /** @description For people. */
            retMsg?: string;
            result?: components["schemas"]["DcpInfos"];
            /** @description Empty. */
            retExtInfo?: Record<string, unknown> | null;
            /**
             * Format: int64
             * @description The venue's clock in milliseconds.
             */
            time?: number;
        };
        AccountInfoReply: {
            /** @description 0 is success. Decide only by this member. */
            retCode: number;
            /** @description For people. */
            retMsg?: string;
            result?: components["schemas"]["AccountInfo"];
            /** @description Empty. */
            retExtInfo?: Record<string, unknown> | null;
            /**
             * Format: int64
             * @description The venue's clock in milliseconds.
             */
            time?: number;
        };
        /** @description Empty if the call failed. Members that protection does not need are left out. */
        AccountInfo: {
            /** @description The mode of the account: 1 classic, 3 and 4 unified 1.0, 5 and 6 unified 2.0. 4 and 6 are its pro versions. */
            unifiedMarginStatus?: number;
        } | null;
        /** @description Empty if the call failed. */
        DcpInfos: {
            /** @description One entry for each enabled product. Empty, null and absent all mean that nothing is enabled. */
            dcpInfos?: components["schemas"]["DcpInfo"][] | null;
        } | null;
        DcpInfo: {
            /** @description `DERIVATIVES`, `SPOT` or `OPTIONS`; others may be added. */
            product: string;
            /** @description `ON` is the only documented value. */
            dcpStatus: string;
            /** @description The window in seconds as decimal digits, `3` to `300`; `10` when never set. */
            timeWindow: string;
        };
        /**
         * @description The category of an order in the order calls.
         * @enum {string}
         */
        Category: "linear" | "inverse" | "spot" | "option";
        OrdersReply: {
            /** @description 0 is success. Decide only by this member. */
            retCode: number;
            /** @description For people. */
            retMsg?: string;
            result?: components["schemas"]["OrdersPage"];
            /** @description Empty. */
            retExtInfo?: Record<string, unknown> | null;
            /**
             * Format: int64
             * @description The venue's clock in milliseconds.
             */
            time?: number;
        };
        /** @description Empty if the call failed. */
        OrdersPage: {
            /** @description As requested. */
            category?: string;
            /** @description Empty on the last page. */
            nextPageCursor?: string | null;
            /** @description Newest first, by creation. */
            list?: components["schemas"]["Order"][] | null;
        } | null;
        /** @description The members needed to reconcile and to place an order again; the venue sends many more. */
        Order: {
            /** @description The venue's order id. */
            orderId: string;
            /** @description The caller's order id; empty if none was given. */
            orderLinkId?: string;
            /** @description The instrument. */
            symbol: string;
            /** @description `Buy` or `Sell`. */
            side?: string;
            /** @description The limit price as a decimal; `0` or empty for a market order. */
            price?: string;
            /** @description The quantity of the whole order, as a decimal. */
            qty?: string;
            /** @description What is left to be filled; `0` or empty once the order has ended. */
            leavesQty?: string;
            /** @description What was filled. */
            cumExecQty?: string;
            /** @description Such as `New`, `PartiallyFilled`, `Cancelled`, `PartiallyFilledCanceled`. */
            orderStatus: string;
            /** @description `CancelByDCP` if protection cancelled it; otherwise `UNKNOWN` or another value. */
            cancelType?: string;
            /** @description Milliseconds since 1970. */
            createdTime?: string;
            /** @description Milliseconds since 1970; of a cancelled order, when it was cancelled. */
            updatedTime?: string;
        };
        MarketTimeReply: {
            /** @description 0 is success. */
            retCode: number;
            /** @description For people. */
            retMsg?: string;
            result?: components["schemas"]["MarketTime"];
            /** @description Empty. */
            retExtInfo?: Record<string, unknown> | null;
            /**
             * Format: int64
             * @description Milliseconds since 1970.
             */
            time?: number;
        };
        /** @description Empty if the call failed. */
        MarketTime: {
            /** @description Seconds since 1970. */
            timeSecond?: string;
            /** @description Nanoseconds since 1970: 19 digits, more than a JavaScript number can hold. */
            timeNano?: string;
        } | null;
        /**
         * @description The first frame on a private connection. Nothing else may be sent before its reply.
         * @example {
         *       "req_id": "1",
         *       "op": "auth",
         *       "args": [
         *         "example-key",
         *         1794182410123,
         *         "00000000"
         *       ]
         *     }
         */
        AuthRequest: {
            /** @description Returned in the reply. */
            req_id?: string;
            /** @enum {string} */
            op: "auth";
            /**
             * @description Three values: the key, the expiry in milliseconds since 1970, and the signature of `GET/realtime` followed by
             *     the expiry. The expiry must lie in the future when it arrives; ten seconds leave room for a slow network.
             */
            args: components["schemas"]["AuthArgument"][];
        };
        /** @description API key and signature are strings, the expiry is a number. */
        AuthArgument: string | number;
        /**
         * @description On failure `success` is false and `ret_msg` is a text such as `Params Error`; the connection may stay open.
         * @example {
         *       "req_id": "1",
         *       "success": true,
         *       "ret_msg": "",
         *       "op": "auth",
         *       "conn_id": "cmq2b8u5rdvg74h9aqsg-1x2y"
         *     }
         */
        AuthReply: {
            /** @description Only if one was sent. */
            req_id?: string;
            success: boolean;
            /** @description Empty on success. */
            ret_msg?: string;
            /** @enum {string} */
            op: "auth";
            /** @description Opaque. */
            conn_id?: string;
        };
        /**
         * @description Subscribe to one topic per request, because the reply does not name the topic.
         * @example {
         *       "req_id": "2",
         *       "op": "subscribe",
         *       "args": [
         *         "dcp.future"
         *       ]
         *     }
         */
        SubscribeRequest: {
            /** @description Returned in the reply. */
            req_id?: string;
            /** @enum {string} */
            op: "subscribe";
            /** @description Topics, such as `dcp.future`, `dcp.spot`, `dcp.option`. The bare `dcp` is deprecated. */
            args: string[];
        };
        /**
         * @description `error:already subscribed,topic:…` is harmless; `error:handler not found,topic:…` comes from a host that is not
         *     the private one; `Request not authorized` says that authentication was not acknowledged yet.
         * @example {
         *       "req_id": "2",
         *       "success": true,
         *       "ret_msg": "",
         *       "op": "subscribe",
         *       "conn_id": "cmq2b8u5rdvg74h9aqsg-1x2y"
         *     }
         */
        SubscribeReply: {
            /** @description Only if one was sent, and not in every error reply. */
            req_id?: string;
            success: boolean;
            /** @description Empty on success. */
            ret_msg?: string;
            /** @enum {string} */
            op: "subscribe";
            /** @description Opaque. */
            conn_id?: string;
        };
        /**
         * @description The heartbeat. WebSocket protocol pings do not replace it on the private host.
         * @example {
         *       "req_id": "3",
         *       "op": "ping"
         *     }
         */
        PingRequest: {
            /** @description Returned in the reply. */
            req_id?: string;
            /** @enum {string} */
            op: "ping";
        };
        /**
         * @description The reply to a ping on the private host. Other hosts reply in other formats.
         * @example {
         *       "req_id": "3",
         *       "op": "pong",
         *       "args": [
         *         "1794182400123"
         *       ],
         *       "conn_id": "cmq2b8u5rdvg74h9aqsg-1x2y"
         *     }
         */
        Pong: {
            /** @description Only if one was sent. */
            req_id?: string;
            /** @enum {string} */
            op: "pong";
            /** @description One value, the venue's clock in milliseconds. */
            args?: string[];
            /** @description Opaque. */
            conn_id?: string;
        };
        /**
         * @description A message of a topic. None is documented for `dcp.*`, where the subscription is only a mark on the connection; if
         *     one comes, its member `data` is of an unknown form.
         * @example {
         *       "topic": "dcp.future",
         *       "data": null
         *     }
         */
        TopicPush: {
            topic: string;
            /** @description Of the message. */
            id?: string;
            /**
             * Format: int64
             * @description Milliseconds since 1970.
             */
            creationTime?: number;
        };
    };
    responses: {
        /** @description The API key is not valid at this host, or a header is missing. The body is not documented; decide by the status. */
        Unauthorized: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /** @example Unauthorized */
                "text/plain": string;
            };
        };
        /**
         * @description Two cases, told apart by the body. JSON or a short text: this address made more than 600 calls in 5 seconds, or
         *     sent a body with a GET; end all calls and wait at least ten minutes, no header names the end. A web page: the
         *     network in front of the venue blocks the country or the client, and waiting does not help.
         */
        Banned: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /** @example access too frequent */
                "text/plain": string;
            };
        };
        /** @description Unknown path, or not available in the account's mode. The body is not documented. */
        NoRoute: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /** @example Not Found */
                "text/plain": string;
            };
        };
        /** @description The venue is overloaded; retry later. The body is not documented. */
        Overload: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /** @example Too Many Requests */
                "text/plain": string;
            };
        };
    };
    parameters: {
        /**
         * @description How old, in milliseconds, a timestamp may be. It widens the past only: it does not help a clock that is ahead.
         *     Always send it, since the signature covers it and the signed text without it is not documented.
         * @example 5000
         */
        RecvWindow: number;
        /**
         * @description `linear` and `inverse` together are the product `DERIVATIVES`, `spot` is `SPOT`, `option` is `OPTIONS`.
         * @example linear
         */
        Category: components["schemas"]["Category"];
        /**
         * @description The coin that orders settle in, such as `USDT` or `USDC`. Required with `linear`, not accepted with `spot`.
         * @example USDT
         */
        SettleCoin: string;
        /**
         * @description Orders per page.
         * @example 50
         */
        PageLimit: number;
        /**
         * @description `nextPageCursor` of the page before. It comes with percent signs in it and is to be treated as opaque: encode it
         *     like any other text.
         * @example page_token%3D39380%26
         */
        PageCursor: string;
    };
    requestBodies: never;
    headers: {
        /**
         * @description Allowed calls per second for this account and call.
         * @example 5
         */
        Limit: number;
        /**
         * @description Remaining calls.
         * @example 4
         */
        LimitStatus: number;
        /**
         * @description Milliseconds since 1970. If the limit is exceeded, when calls are allowed again; otherwise about now.
         * @example 1794182400123
         */
        LimitReset: number;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    v5OrderDisconnectedCancelAllPost: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description How old, in milliseconds, a timestamp may be. It widens the past only: it does not help a clock that is ahead.
                 *     Always send it, since the signature covers it and the signed text without it is not documented.
                 * @example 5000
                 */
                "X-BAPI-RECV-WINDOW"?: components["parameters"]["RecvWindow"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description The signature covers these bytes exactly as sent, so serialize once, then sign and send that text. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "product": "DERIVATIVES",
                 *       "timeWindow": 10
                 *     }
                 */
                "application/json": components["schemas"]["SetDcpRequest"];
            };
        };
        responses: {
            /** @description Accepted if `retCode` is 0. Errors of the application also have status 200, with another `retCode`. */
            200: {
                headers: {
                    "X-Bapi-Limit": components["headers"]["Limit"];
                    "X-Bapi-Limit-Status": components["headers"]["LimitStatus"];
                    "X-Bapi-Limit-Reset-Timestamp": components["headers"]["LimitReset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SetDcpReply"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Banned"];
            404: components["responses"]["NoRoute"];
            429: components["responses"]["Overload"];
        };
    };
    v5AccountQueryDcpInfoGet: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description How old, in milliseconds, a timestamp may be. It widens the past only: it does not help a clock that is ahead.
                 *     Always send it, since the signature covers it and the signed text without it is not documented.
                 * @example 5000
                 */
                "X-BAPI-RECV-WINDOW"?: components["parameters"]["RecvWindow"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success if `retCode` is 0; otherwise an error of the application. */
            200: {
                headers: {
                    "X-Bapi-Limit": components["headers"]["Limit"];
                    "X-Bapi-Limit-Status": components["headers"]["LimitStatus"];
                    "X-Bapi-Limit-Reset-Timestamp": components["headers"]["LimitReset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueryDcpReply"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Banned"];
            404: components["responses"]["NoRoute"];
            429: components["responses"]["Overload"];
        };
    };
    v5AccountInfoGet: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description How old, in milliseconds, a timestamp may be. It widens the past only: it does not help a clock that is ahead.
                 *     Always send it, since the signature covers it and the signed text without it is not documented.
                 * @example 5000
                 */
                "X-BAPI-RECV-WINDOW"?: components["parameters"]["RecvWindow"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success if `retCode` is 0; otherwise an error of the application. */
            200: {
                headers: {
                    "X-Bapi-Limit": components["headers"]["Limit"];
                    "X-Bapi-Limit-Status": components["headers"]["LimitStatus"];
                    "X-Bapi-Limit-Reset-Timestamp": components["headers"]["LimitReset"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "retCode": 0,
                     *       "retMsg": "OK",
                     *       "result": {
                     *         "unifiedMarginStatus": 5,
                     *         "marginMode": "REGULAR_MARGIN",
                     *         "dcpStatus": "OFF",
                     *         "timeWindow": 0
                     *       },
                     *       "retExtInfo": {},
                     *       "time": 1794182400123
                     *     }
                     */
                    "application/json": components["schemas"]["AccountInfoReply"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Banned"];
            404: components["responses"]["NoRoute"];
            429: components["responses"]["Overload"];
        };
    };
    v5OrderRealtimeGet: {
        parameters: {
            query: {
                /**
                 * @description `linear` and `inverse` together are the product `DERIVATIVES`, `spot` is `SPOT`, `option` is `OPTIONS`.
                 * @example linear
                 */
                category: components["parameters"]["Category"];
                /**
                 * @description The coin that orders settle in, such as `USDT` or `USDC`. Required with `linear`, not accepted with `spot`.
                 * @example USDT
                 */
                settleCoin?: components["parameters"]["SettleCoin"];
                /**
                 * @description Orders per page.
                 * @example 50
                 */
                limit?: components["parameters"]["PageLimit"];
                /**
                 * @description `nextPageCursor` of the page before. It comes with percent signs in it and is to be treated as opaque: encode it
                 *     like any other text.
                 * @example page_token%3D39380%26
                 */
                cursor?: components["parameters"]["PageCursor"];
            };
            header?: {
                /**
                 * @description How old, in milliseconds, a timestamp may be. It widens the past only: it does not help a clock that is ahead.
                 *     Always send it, since the signature covers it and the signed text without it is not documented.
                 * @example 5000
                 */
                "X-BAPI-RECV-WINDOW"?: components["parameters"]["RecvWindow"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success if `retCode` is 0; otherwise an error of the application. */
            200: {
                headers: {
                    "X-Bapi-Limit": components["headers"]["Limit"];
                    "X-Bapi-Limit-Status": components["headers"]["LimitStatus"];
                    "X-Bapi-Limit-Reset-Timestamp": components["headers"]["LimitReset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrdersReply"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Banned"];
            404: components["responses"]["NoRoute"];
            429: components["responses"]["Overload"];
        };
    };
    v5OrderHistoryGet: {
        parameters: {
            query: {
                /**
                 * @description `linear` and `inverse` together are the product `DERIVATIVES`, `spot` is `SPOT`, `option` is `OPTIONS`.
                 * @example linear
                 */
                category: components["parameters"]["Category"];
                /**
                 * @description Orders per page.
                 * @example 50
                 */
                limit?: components["parameters"]["PageLimit"];
                /**
                 * @description `nextPageCursor` of the page before. It comes with percent signs in it and is to be treated as opaque: encode it
                 *     like any other text.
                 * @example page_token%3D39380%26
                 */
                cursor?: components["parameters"]["PageCursor"];
            };
            header?: {
                /**
                 * @description How old, in milliseconds, a timestamp may be. It widens the past only: it does not help a clock that is ahead.
                 *     Always send it, since the signature covers it and the signed text without it is not documented.
                 * @example 5000
                 */
                "X-BAPI-RECV-WINDOW"?: components["parameters"]["RecvWindow"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success if `retCode` is 0; otherwise an error of the application. */
            200: {
                headers: {
                    "X-Bapi-Limit": components["headers"]["Limit"];
                    "X-Bapi-Limit-Status": components["headers"]["LimitStatus"];
                    "X-Bapi-Limit-Reset-Timestamp": components["headers"]["LimitReset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrdersReply"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Banned"];
            404: components["responses"]["NoRoute"];
            429: components["responses"]["Overload"];
        };
    };
    v5MarketTimeGet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The clock, in three forms. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "retCode": 0,
                     *       "retMsg": "OK",
                     *       "result": {
                     *         "timeSecond": "1794182400",
                     *         "timeNano": "1794182400123456789"
                     *       },
                     *       "retExtInfo": {},
                     *       "time": 1794182400123
                     *     }
                     */
                    "application/json": components["schemas"]["MarketTimeReply"];
                };
            };
            403: components["responses"]["Banned"];
            404: components["responses"]["NoRoute"];
            429: components["responses"]["Overload"];
        };
    };
}
