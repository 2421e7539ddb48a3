// Generated from specs/deribit-session.yaml by "npm run generate". Change the spec, not this file.

export interface paths {
    "/public/set_heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Enable heartbeats on this connection
         * @description From now on the venue sends a `HeartbeatFrame` of type `test_request` when it has received nothing from this
         *     connection for about `interval` seconds (a fifth more before the first one). Each must be answered with
         *     `public/test` immediately: otherwise the venue closes with code 4000, `heartbeat close`, and
         *     cancel-on-disconnect fires. A `heartbeat` frame needs no answer.
         *
         *     Needs no authentication. A second call replaces the interval. A new connection starts without heartbeats.
         */
        get: operations["publicSetHeartbeatGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/public/disable_heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Disable heartbeats on this connection
         * @description Ends both kinds of heartbeat frames on this connection. The venue still closes idle connections: after ten
         *     minutes as documented, after about one minute as measured.
         */
        get: operations["publicDisableHeartbeatGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/private/enable_cancel_on_disconnect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Arm cancel-on-disconnect
         * @description When this connection ends other than by `private/logout`, the venue cancels the open orders that were created
         *     over it. Orders of other connections and orders placed over HTTP stay.
         *
         *     With scope `account` this connection and all later ones start armed; what is cancelled is still the orders of
         *     the connection that ended. Error 10049 means that it is *not* armed.
         *
         *     Requires scope `account:read_write`; a key with only trade scope cannot arm it.
         *
         *     Over HTTP only scope `account` works, because a request has no connection to protect; `connection` or no scope
         *     fails with 10030.
         */
        get: operations["privateEnableCancelOnDisconnectGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/private/disable_cancel_on_disconnect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Disarm cancel-on-disconnect
         * @description With scope `connection` for this connection, with `account` for this and all later ones. Requires scope
         *     `account:read_write`. Over HTTP only scope `account` works.
         */
        get: operations["privateDisableCancelOnDisconnectGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/private/get_cancel_on_disconnect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read whether cancel-on-disconnect is armed
         * @description The only proof that arming worked. `scope` in the reply names what was checked: this connection, or what the
         *     account gives to new connections. Requires scope `account:read`. Over HTTP only scope `account` works.
         */
        get: operations["privateGetCancelOnDisconnectGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/public/auth": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Authenticate
         * @description Each `grant_type` has its own required parameters: `client_credentials` needs `client_id` and `client_secret`;
         *     `client_signature` needs `client_id`, `timestamp` and `signature`; `refresh_token` needs `refresh_token`.
         *     `scope` and `state` are optional with all of them.
         *
         *     Over a WebSocket it authenticates that connection: later private calls need no token. The venue narrows the
         *     scope to that of the key, so rely on the scope in the reply, not on the requested one.
         *
         *     Wrong credentials fail with 13004. A used or replaced refresh token fails with -32602.
         */
        get: operations["publicAuthGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/public/exchange_token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Exchange a refresh token for tokens of another subaccount
         * @description Returns tokens of another subaccount. The scope cannot exceed the caller's.
         */
        get: operations["publicExchangeTokenGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/public/fork_token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Create another named session
         * @description Works with the refresh token of a named session; tokens that are tied to a connection are refused.
         */
        get: operations["publicForkTokenGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/private/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Log out and keep the orders
         * @description Closes the connection. This is the only documented way to close without cancelling: cancel-on-disconnect does not
         *     fire, even if armed. On success there is no reply, only the close; on failure there is an error reply.
         */
        get: operations["privateLogoutGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/public/subscribe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Subscribe to public channels
         * @description The result lists the channels that the venue has accepted: an
         *     unknown one is missing from it, without an error. Compare it with the request.
         *
         *     Channels that end in `.raw` need an authenticated connection: otherwise it fails with 13778.
         */
        get: operations["publicSubscribeGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/private/subscribe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Subscribe to channels of the account
         * @description The channels of the account are those that begin with `user.`. The result lists the channels that the venue has accepted: an
         *     unknown one is missing from it, without an error. Compare it with the request.
         *
         *     Without authentication it fails with 13009. `channels` that is no list fails with -32602.
         */
        get: operations["privateSubscribeGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/public/unsubscribe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * End subscriptions of public channels
         * @description Ends the subscriptions of this connection. The result lists the channels that have ended; those without a
         *     subscription are missing.
         */
        get: operations["publicUnsubscribeGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/private/unsubscribe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * End subscriptions of channels of the account
         * @description Ends the subscriptions of this connection. The result lists the channels that have ended; those without a
         *     subscription are missing.
         */
        get: operations["privateUnsubscribeGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/private/get_account_summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the limits of the account
         * @description Of its many members only `limits` is described here: the rates that the venue grants to this (sub)account, in
         *     calls per second. Requires scope `account:read`.
         */
        get: operations["privateGetAccountSummaryGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/private/get_open_orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the working orders
         * @description All working orders of the (sub)account, those of every connection and stop orders that wait included. After a loss
         *     they may still be there although the venue is about to cancel them. Requires scope `trade:read`.
         */
        get: operations["privateGetOpenOrdersGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/private/get_order_state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one order
         * @description Also an order that has ended, with the reason of its cancel. Fails with 11044 for an order that is not there.
         *     Requires scope `trade:read`.
         */
        get: operations["privateGetOrderStateGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/public/hello": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Send the name and version of the client software
         * @description The venue keeps name and version for its statistics and says that they may affect the connection.
         */
        get: operations["publicHelloGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/public/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check that the connection is alive
         * @description The cheapest call, and the only documented answer to a `test_request`.
         */
        get: operations["publicTestGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/public/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read which price indices are locked
         * @description Not a sign of maintenance by itself.
         */
        get: operations["publicStatusGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/public/get_time": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the venue's clock
         * @description The venue's clock in epoch milliseconds.
         */
        get: operations["publicGetTimeGet"];
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
        /** @description The members of every reply. The venue's examples omit the last four, but real replies have them. */
        Envelope: {
            /** @enum {string} */
            jsonrpc?: "2.0";
            id?: components["schemas"]["RequestId"];
            /** @description When the venue received the request, in epoch microseconds. */
            usIn?: number;
            /** @description When it sent the reply, in epoch microseconds. */
            usOut?: number;
            /** @description The difference, in microseconds. */
            usDiff?: number;
            /** @description True on test. */
            testnet?: boolean;
        };
        /** @description Returned as sent. Absent if the request had none, could not be parsed, or was in a query string. */
        RequestId: number | string;
        OkReply: {
            /** @enum {string} */
            result: "ok";
        } & components["schemas"]["Envelope"];
        TokensReply: {
            result: components["schemas"]["Tokens"];
        } & components["schemas"]["Envelope"];
        VersionReply: {
            result: components["schemas"]["Version"];
        } & components["schemas"]["Envelope"];
        CancelOnDisconnectReply: {
            result: components["schemas"]["CancelOnDisconnect"];
        } & components["schemas"]["Envelope"];
        PlatformStatusReply: {
            result: components["schemas"]["PlatformStatus"];
        } & components["schemas"]["Envelope"];
        TimeReply: {
            /** @description Epoch milliseconds. */
            result: number;
        } & components["schemas"]["Envelope"];
        ChannelsReply: {
            result: string[];
        } & components["schemas"]["Envelope"];
        AccountSummaryReply: {
            result: components["schemas"]["AccountSummary"];
        } & components["schemas"]["Envelope"];
        OrdersReply: {
            result: components["schemas"]["Order"][];
        } & components["schemas"]["Envelope"];
        OrderReply: {
            result: components["schemas"]["Order"];
        } & components["schemas"]["Envelope"];
        ErrorReply: {
            error: components["schemas"]["RpcError"];
        } & components["schemas"]["Envelope"];
        RpcError: {
            /** @description Deribit's own code, or a negative one of JSON-RPC. */
            code: number;
            message: string;
            /** @description Often `{reason, param}`, sometimes `{reason}`, sometimes a plain string, often absent. */
            data?: Record<string, unknown> | unknown[] | string | number | boolean | null;
        };
        /** @description Neither member is guaranteed. */
        CancelOnDisconnect: {
            /**
             * @description What was checked.
             * @enum {string}
             */
            scope?: "connection" | "account";
            enabled?: boolean;
        };
        Tokens: {
            access_token: string;
            /** @description `bearer`. */
            token_type: string;
            /** @description Lifetime in seconds. A year with scope `connection` in production. */
            expires_in: number;
            /** @description Valid for one use. */
            refresh_token: string;
            /** @description The granted scope, space separated, in any order. */
            scope: string;
            /** @description As it was sent. */
            state?: string;
            /** @description Id of the session, for some kinds of tokens. */
            sid?: string;
            enabled_features?: string[];
            mandatory_tfa_status?: string;
            google_login?: boolean;
        };
        Version: {
            version: string;
        };
        AccountSummary: {
            limits?: {
                non_matching_engine?: components["schemas"]["RateAndBurst"];
            };
        };
        /** @description The members needed to reconcile and to place the order again; the venue sends many more. */
        Order: {
            /** @description The venue's id of the order. */
            order_id: string;
            /** @description `open`, `filled`, `rejected`, `cancelled`, `untriggered` or `triggered`. */
            order_state: string;
            /**
             * @description Of a cancelled order: `cancel_on_disconnect`, `user_request`, `autoliquidation`, `risk_mitigation`,
             *     `pme_risk_reduction`, `pme_account_locked`, `position_locked`, `mmp_trigger`, `mmp_config_curtailment`,
             *     `edit_post_only_reject`, `oco_other_closed`, `oto_primary_closed` or `settlement`.
             */
            cancel_reason?: string;
            /** @description The stop order that placed it. Whether cancel-on-disconnect takes it is not documented. */
            trigger_order_id?: string | null;
            instrument_name?: string;
            /** @description The caller's label. */
            label?: string;
            /** @description `buy` or `sell`. */
            direction?: string;
            /** @description Such as `limit`, `market` or `stop_limit`. */
            order_type?: string;
            /** @description The limit price, or `market_price`. */
            price?: number | string;
            /** @description The whole order. */
            amount?: number;
            /** @description What was filled. */
            filled_amount?: number;
            /** @description Epoch milliseconds. */
            creation_timestamp?: number;
            /** @description Epoch milliseconds. */
            last_update_timestamp?: number;
        };
        /** @description A limit, counted in calls. */
        RateAndBurst: {
            /** @description Calls per second. */
            rate: number;
            /** @description Calls at once. */
            burst: number;
        };
        PlatformStatus: {
            /** @description `true`, `partial` or `false`: documented and sent as a string, shown as a boolean in the venue's own example. */
            locked?: string | boolean;
            /** @description The locked indices when partial. */
            locked_indices?: string[];
            /** @description An older name of `locked_indices`. */
            locked_currencies?: string[];
        };
        /** @description A request. Omit optional parameters instead of sending null. Batches are not supported. */
        RequestFrame: {
            /** @enum {string} */
            jsonrpc: "2.0";
            id: components["schemas"]["RequestId"];
            /** @description Such as `public/test`, without a leading slash. */
            method: string;
            /** @description Named members only. */
            params?: Record<string, unknown>;
        };
        /** @description The reply to a request, with exactly one of `result` and `error`. Replies may arrive in another order than requests. */
        ReplyFrame: {
            /** @description Depends on the method. */
            result?: Record<string, unknown> | unknown[] | string | number | boolean | null;
            error?: components["schemas"]["RpcError"];
        } & components["schemas"]["Envelope"];
        /** @description A liveness check (`test_request`), to be answered with `public/test` immediately, or a `heartbeat`, which needs no answer. */
        HeartbeatFrame: {
            /** @enum {string} */
            jsonrpc?: "2.0";
            /** @enum {string} */
            method: "heartbeat";
            params: {
                /** @enum {string} */
                type: "heartbeat" | "test_request";
            };
        };
        /** @description A notification of a subscribed channel. Ordered within one channel. */
        SubscriptionFrame: {
            /** @enum {string} */
            jsonrpc?: "2.0";
            /** @enum {string} */
            method: "subscription";
            params: {
                channel: string;
                /** @description Depends on the channel. */
                data: Record<string, unknown> | unknown[] | string | number | boolean | null;
                /** @description The label of a private subscription that has one. */
                label?: string;
            };
        };
    };
    responses: {
        /** @description Done. */
        Ok: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "jsonrpc": "2.0",
                 *       "id": 2,
                 *       "result": "ok",
                 *       "usIn": 1790000000000000,
                 *       "usOut": 1790000000000200,
                 *       "usDiff": 200,
                 *       "testnet": false
                 *     }
                 */
                "application/json": components["schemas"]["OkReply"];
            };
        };
        /** @description The tokens, their lifetime and their scope. */
        Tokens: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "jsonrpc": "2.0",
                 *       "id": 1,
                 *       "result": {
                 *         "access_token": "example-access-token",
                 *         "token_type": "bearer",
                 *         "expires_in": 31536000,
                 *         "refresh_token": "example-refresh-token",
                 *         "scope": "mainaccount connection account:read_write trade:read_write",
                 *         "enabled_features": []
                 *       },
                 *       "usIn": 1790000000000000,
                 *       "usOut": 1790000000000200,
                 *       "usDiff": 200,
                 *       "testnet": false
                 *     }
                 */
                "application/json": components["schemas"]["TokensReply"];
            };
        };
        /** @description The version of the API. Versions have no order, so do not compare them. */
        Version: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "jsonrpc": "2.0",
                 *       "id": 3,
                 *       "result": {
                 *         "version": "1.2.26"
                 *       },
                 *       "usIn": 1790000000000000,
                 *       "usOut": 1790000000000200,
                 *       "usDiff": 200,
                 *       "testnet": true
                 *     }
                 */
                "application/json": components["schemas"]["VersionReply"];
            };
        };
        /** @description A JSON-RPC error. WebSocket-only calls fail with 10030 here. */
        Error: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "jsonrpc": "2.0",
                 *       "error": {
                 *         "code": 10030,
                 *         "message": "must_be_websocket_request"
                 *       },
                 *       "usIn": 1790000000000000,
                 *       "usOut": 1790000000000200,
                 *       "usDiff": 200,
                 *       "testnet": false
                 *     }
                 */
                "application/json": components["schemas"]["ErrorReply"];
            };
        };
        /** @description More than 32 connections, HTTP and WebSocket together, from this address. The body is not JSON-RPC. */
        TooManyConnections: {
            headers: {
                [name: string]: unknown;
            };
            content?: never;
        };
    };
    parameters: {
        /**
         * @description Only this connection, or this connection and the account's default for later ones.
         * @example connection
         */
        CancelOnDisconnectScope: "connection" | "account";
        /**
         * @description Names of channels, at most 500.
         * @example [
         *       "platform_state"
         *     ]
         */
        Channels: string[];
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    publicSetHeartbeatGet: {
        parameters: {
            query: {
                /**
                 * @description Seconds without a frame before a `test_request`. No maximum is documented.
                 * @example 30
                 */
                interval: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Ok"];
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    publicDisableHeartbeatGet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Ok"];
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    privateEnableCancelOnDisconnectGet: {
        parameters: {
            query?: {
                /**
                 * @description Only this connection, or this connection and the account's default for later ones.
                 * @example connection
                 */
                scope?: components["parameters"]["CancelOnDisconnectScope"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Ok"];
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    privateDisableCancelOnDisconnectGet: {
        parameters: {
            query?: {
                /**
                 * @description Only this connection, or this connection and the account's default for later ones.
                 * @example connection
                 */
                scope?: components["parameters"]["CancelOnDisconnectScope"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Ok"];
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    privateGetCancelOnDisconnectGet: {
        parameters: {
            query?: {
                /**
                 * @description Only this connection, or this connection and the account's default for later ones.
                 * @example connection
                 */
                scope?: components["parameters"]["CancelOnDisconnectScope"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether it is armed, and for which scope. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jsonrpc": "2.0",
                     *       "id": 4,
                     *       "result": {
                     *         "scope": "connection",
                     *         "enabled": true
                     *       },
                     *       "usIn": 1790000000000000,
                     *       "usOut": 1790000000000200,
                     *       "usDiff": 200,
                     *       "testnet": false
                     *     }
                     */
                    "application/json": components["schemas"]["CancelOnDisconnectReply"];
                };
            };
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    publicAuthGet: {
        parameters: {
            query: {
                /**
                 * @description How to authenticate.
                 * @example client_credentials
                 */
                grant_type: "client_credentials" | "client_signature" | "refresh_token";
                /**
                 * @description Id of the API key.
                 * @example example-id
                 */
                client_id?: string;
                /**
                 * @description Secret of the API key. Never put it in a URL: POST it.
                 * @example example-secret
                 */
                client_secret?: string;
                /**
                 * @description From an earlier reply. Valid for one use.
                 * @example example-refresh-token
                 */
                refresh_token?: string;
                /**
                 * @description Epoch milliseconds at which the signature was created. Valid for 60 s. A string of them works as well.
                 * @example 1790000000000
                 */
                timestamp?: number | string;
                /**
                 * @description Signature of timestamp, LF, nonce, LF, data: for an HMAC key the lower-case hex of HMAC-SHA256 with the secret as key.
                 * @example e20c9cd5639d41f8bbc88f4d699c4baf94a4f0ee320e9a116b72743c449eb994
                 */
                signature?: string;
                /**
                 * @description Part of the signed text. Valid for one use.
                 * @example fdbmmz79
                 */
                nonce?: string;
                /**
                 * @description Part of the signed text; may be empty.
                 * @example
                 */
                data?: string;
                /**
                 * @description Returned unchanged.
                 * @example opened-by-bot
                 */
                state?: string;
                /**
                 * @description Space separated. `connection` (the default) ties the tokens to this connection, `session:NAME` makes a named
                 *     session; `account:read_write`, `trade:read` and the like limit the scope; `expires:N` sets the lifetime in
                 *     seconds.
                 * @example connection account:read_write trade:read_write
                 */
                scope?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Tokens"];
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    publicExchangeTokenGet: {
        parameters: {
            query: {
                /**
                 * @description Refresh token of the current account.
                 * @example example-refresh-token
                 */
                refresh_token: string;
                /**
                 * @description Id of the subaccount.
                 * @example 10
                 */
                subject_id: number;
                /**
                 * @description As in `public/auth`.
                 * @example session:desk-2
                 */
                scope?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Tokens"];
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    publicForkTokenGet: {
        parameters: {
            query: {
                /**
                 * @description Refresh token of a named session.
                 * @example example-refresh-token
                 */
                refresh_token: string;
                /**
                 * @description Name of the new session.
                 * @example desk-2
                 */
                session_name: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Tokens"];
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    privateLogoutGet: {
        parameters: {
            query?: {
                /**
                 * @description Whether to invalidate all tokens of this session.
                 * @example true
                 */
                invalidate_token?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    publicSubscribeGet: {
        parameters: {
            query: {
                /**
                 * @description Names of channels, at most 500.
                 * @example [
                 *       "platform_state"
                 *     ]
                 */
                channels: components["parameters"]["Channels"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The channels accepted. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jsonrpc": "2.0",
                     *       "id": 5,
                     *       "result": [
                     *         "platform_state"
                     *       ],
                     *       "usIn": 1790000000000000,
                     *       "usOut": 1790000000000200,
                     *       "usDiff": 200,
                     *       "testnet": false
                     *     }
                     */
                    "application/json": components["schemas"]["ChannelsReply"];
                };
            };
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    privateSubscribeGet: {
        parameters: {
            query: {
                /**
                 * @description Names of channels, at most 500.
                 * @example [
                 *       "platform_state"
                 *     ]
                 */
                channels: components["parameters"]["Channels"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The channels accepted. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jsonrpc": "2.0",
                     *       "id": 5,
                     *       "result": [
                     *         "user.orders.any.any.raw"
                     *       ],
                     *       "usIn": 1790000000000000,
                     *       "usOut": 1790000000000200,
                     *       "usDiff": 200,
                     *       "testnet": false
                     *     }
                     */
                    "application/json": components["schemas"]["ChannelsReply"];
                };
            };
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    publicUnsubscribeGet: {
        parameters: {
            query: {
                /**
                 * @description Names of channels, at most 500.
                 * @example [
                 *       "platform_state"
                 *     ]
                 */
                channels: components["parameters"]["Channels"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The channels that have ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jsonrpc": "2.0",
                     *       "id": 5,
                     *       "result": [
                     *         "platform_state"
                     *       ],
                     *       "usIn": 1790000000000000,
                     *       "usOut": 1790000000000200,
                     *       "usDiff": 200,
                     *       "testnet": false
                     *     }
                     */
                    "application/json": components["schemas"]["ChannelsReply"];
                };
            };
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    privateUnsubscribeGet: {
        parameters: {
            query: {
                /**
                 * @description Names of channels, at most 500.
                 * @example [
                 *       "platform_state"
                 *     ]
                 */
                channels: components["parameters"]["Channels"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The channels that have ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jsonrpc": "2.0",
                     *       "id": 5,
                     *       "result": [
                     *         "user.orders.any.any.raw"
                     *       ],
                     *       "usIn": 1790000000000000,
                     *       "usOut": 1790000000000200,
                     *       "usDiff": 200,
                     *       "testnet": false
                     *     }
                     */
                    "application/json": components["schemas"]["ChannelsReply"];
                };
            };
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    privateGetAccountSummaryGet: {
        parameters: {
            query: {
                /**
                 * @description Any currency of the account; the limits are the same.
                 * @example BTC
                 */
                currency: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jsonrpc": "2.0",
                     *       "id": 6,
                     *       "result": {
                     *         "limits": {
                     *           "non_matching_engine": {
                     *             "rate": 20,
                     *             "burst": 100
                     *           }
                     *         }
                     *       },
                     *       "usIn": 1790000000000000,
                     *       "usOut": 1790000000000200,
                     *       "usDiff": 200,
                     *       "testnet": false
                     *     }
                     */
                    "application/json": components["schemas"]["AccountSummaryReply"];
                };
            };
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    privateGetOpenOrdersGet: {
        parameters: {
            query?: {
                /**
                 * @description Kind of instrument. Default all.
                 * @example future
                 */
                kind?: "future" | "option" | "spot" | "future_combo" | "option_combo";
                /**
                 * @description Type of order, such as `limit` or `trigger_all`. Default all.
                 * @example limit
                 */
                type?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The orders. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jsonrpc": "2.0",
                     *       "id": 7,
                     *       "result": [
                     *         {
                     *           "order_id": "1",
                     *           "order_state": "open",
                     *           "instrument_name": "BTC-PERPETUAL",
                     *           "direction": "buy",
                     *           "price": 32000,
                     *           "amount": 10,
                     *           "filled_amount": 0,
                     *           "label": "quote-1"
                     *         }
                     *       ],
                     *       "usIn": 1790000000000000,
                     *       "usOut": 1790000000000200,
                     *       "usDiff": 200,
                     *       "testnet": false
                     *     }
                     */
                    "application/json": components["schemas"]["OrdersReply"];
                };
            };
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    privateGetOrderStateGet: {
        parameters: {
            query: {
                /**
                 * @description The venue's id of the order.
                 * @example 1
                 */
                order_id: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jsonrpc": "2.0",
                     *       "id": 8,
                     *       "result": {
                     *         "order_id": "1",
                     *         "order_state": "cancelled",
                     *         "cancel_reason": "cancel_on_disconnect",
                     *         "instrument_name": "BTC-PERPETUAL",
                     *         "direction": "buy",
                     *         "price": 32000,
                     *         "amount": 10,
                     *         "filled_amount": 0,
                     *         "label": "quote-1"
                     *       },
                     *       "usIn": 1790000000000000,
                     *       "usOut": 1790000000000200,
                     *       "usDiff": 200,
                     *       "testnet": false
                     *     }
                     */
                    "application/json": components["schemas"]["OrderReply"];
                };
            };
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    publicHelloGet: {
        parameters: {
            query: {
                /**
                 * @description Name of the client software.
                 * @example my-bot
                 */
                client_name: string;
                /**
                 * @description Version of the client software.
                 * @example 1.0.0
                 */
                client_version: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Version"];
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    publicTestGet: {
        parameters: {
            query?: {
                /**
                 * @description With `exception` the venue replies with an error, to test error handling.
                 * @example exception
                 */
                expected_result?: "exception";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Version"];
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    publicStatusGet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Locked indices. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jsonrpc": "2.0",
                     *       "result": {
                     *         "locked": "false"
                     *       },
                     *       "usIn": 1790000000000000,
                     *       "usOut": 1790000000000200,
                     *       "usDiff": 200,
                     *       "testnet": false
                     *     }
                     */
                    "application/json": components["schemas"]["PlatformStatusReply"];
                };
            };
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
    publicGetTimeGet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The time. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jsonrpc": "2.0",
                     *       "result": 1790000000000,
                     *       "usIn": 1790000000000000,
                     *       "usOut": 1790000000000200,
                     *       "usDiff": 200,
                     *       "testnet": false
                     *     }
                     */
                    "application/json": components["schemas"]["TimeReply"];
                };
            };
            400: components["responses"]["Error"];
            429: components["responses"]["TooManyConnections"];
        };
    };
}
