//! The kinds of problem there are: one row each, with the status it comes with.

use axum::http::StatusCode;

/// A kind of problem. Programs go by its code.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The stable code: for a refused command, the refusal's own.
    pub code: &'static str,
    /// The status it comes with. One code has two: see [`problems`].
    pub status: StatusCode,
    /// What it is, in a few words that are the same each time.
    pub title: &'static str,
    /// When it occurs, and what a client can do.
    pub means: &'static str,
}

macro_rules! kinds {
    ($($name:ident = $code:literal $status:ident, $title:literal, $means:literal;)+) => {
        $(pub(in crate::http) static $name: Kind =
            Kind { code: $code, status: StatusCode::$status, title: $title, means: $means };)+

        /// Every kind of problem the API answers with. `ConcurrencyConflict` is there twice: 412 is for
        /// those who sent a precondition (RFC 9110, section 15.5.13), 409 for those who didn't.
        pub fn problems() -> &'static [&'static Kind] {
            static ALL: &[&Kind] = &[$(&$name),+];
            ALL
        }
    };
}

kinds! {
    MALFORMED = "Malformed" BAD_REQUEST, "The request is malformed",
        "A body, path, query or header can't be read, or a value is out of range. Nothing has happened.";
    UNAUTHORIZED = "Unauthorized" UNAUTHORIZED, "No valid token",
        "Where there are tenants, every request for data needs one's bearer token.";
    NOT_FOUND = "NotFound" NOT_FOUND, "Nothing is here",
        "No route has that path.";
    ORDER_NOT_FOUND = "OrderNotFound" NOT_FOUND, "The order does not exist",
        "There is no order of that id, or it never had that version.";
    ITEM_NOT_FOUND = "ItemNotFound" NOT_FOUND, "The order has no such item",
        "The product that is to be removed is not in the order.";
    READ_MODEL_NOT_FOUND = "ReadModelNotFound" NOT_FOUND, "The read model does not exist",
        "There is no read model of that name; GET /read-models lists them.";
    METHOD_NOT_ALLOWED = "MethodNotAllowed" METHOD_NOT_ALLOWED, "The method is not allowed here",
        "The header Allow names the methods that are.";
    BODY_TIMEOUT = "BodyTimeout" REQUEST_TIMEOUT, "The body took too long",
        "The body did not arrive in time. Nothing has happened.";
    ORDER_ALREADY_EXISTS = "OrderAlreadyExists" CONFLICT, "The order already exists",
        "An order of that id was created before.";
    ORDER_NOT_PENDING = "OrderNotPending" CONFLICT, "The order can't change any more",
        "It is confirmed or cancelled.";
    NOT_CAUGHT_UP = "NotCaughtUp" CONFLICT, "Not caught up yet",
        "The read model did not reach the position within the time given.";
    STALE = "ConcurrencyConflict" PRECONDITION_FAILED, "The order is at another version",
        "The precondition does not hold. Nothing has happened; read the order again.";
    CONTENDED = "ConcurrencyConflict" CONFLICT, "Too many others write to this order",
        "Others were faster, again and again. Nothing has happened; try again.";
    CONTENT_TOO_LARGE = "ContentTooLarge" PAYLOAD_TOO_LARGE, "The body is too large",
        "The body has more bytes than are taken.";
    URI_TOO_LONG = "UriTooLong" URI_TOO_LONG, "The request target is too long",
        "Path and query have more bytes than are taken.";
    UNSUPPORTED_MEDIA_TYPE = "UnsupportedMediaType" UNSUPPORTED_MEDIA_TYPE, "The body is not JSON",
        "A body must be sent as application/json, without a content coding.";
    ORDER_HAS_NO_ITEMS = "OrderHasNoItems" UNPROCESSABLE_ENTITY, "The order would have no items",
        "A live order has at least one item.";
    TOO_MANY_LINES = "TooManyLines" UNPROCESSABLE_ENTITY, "Too many lines of the product",
        "At most ten lines of a product are removed at once, and at most three replaced.";
    INVALID_QUANTITY = "InvalidQuantity" UNPROCESSABLE_ENTITY, "The quantity is not valid",
        "A quantity is at least 1.";
    INVALID_PRICE = "InvalidPrice" UNPROCESSABLE_ENTITY, "The price is not valid",
        "A price is above 0.";
    KEY_REUSED = "KeyReused" UNPROCESSABLE_ENTITY, "The idempotency key belongs to another command",
        "A key may be sent again with the same command only.";
    PRECONDITION_REQUIRED = "PreconditionRequired" PRECONDITION_REQUIRED, "A precondition is required",
        "This server takes commands only with If-Match, or with If-None-Match: * for a new order.";
    HEADERS_TOO_LARGE = "HeadersTooLarge" REQUEST_HEADER_FIELDS_TOO_LARGE, "The header is too large",
        "There are more header fields, or more bytes in them, than are taken.";
    INTERNAL_ERROR = "InternalError" INTERNAL_SERVER_ERROR, "The server failed",
        "A failure of the server's own. A command may or may not have taken effect.";
    STORE_UNAVAILABLE = "StoreUnavailable" SERVICE_UNAVAILABLE, "The store is unavailable",
        "A command may or may not have taken effect: send it again with the same idempotency key.";
    ANSWER_TIMEOUT = "AnswerTimeout" SERVICE_UNAVAILABLE, "The answer took too long",
        "A command may or may not have taken effect: send it again with the same idempotency key.";
}
