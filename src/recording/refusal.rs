//! Answers that are none, in the words of the request's protocol.

use super::wire::{self, Protocol, Request};
use super::{Reply, encoded, reply};
use std::time::Duration;

/// An error with one of AWS's codes.
pub fn refusal(request: &Request, status: u16, code: &str) -> Reply {
    let body = wire::error_for(request, code);
    reply(request.protocol, status, encoded(request.protocol, body))
}

/// The caller may not ask.
pub fn denied(request: &Request) -> Reply {
    match request.protocol {
        Protocol::Ec2Query => refusal(request, 403, "UnauthorizedOperation"),
        Protocol::Query if request.service == "sns" => refusal(request, 403, "AuthorizationError"),
        Protocol::Query | Protocol::RestXml => refusal(request, 403, "AccessDenied"),
        Protocol::RestJson => refusal(request, 403, "AccessDeniedException"),
        Protocol::Json | Protocol::Cbor => refusal(request, 400, "AccessDeniedException"),
    }
}

/// Requests come too fast.
pub fn throttled(request: &Request) -> Reply {
    match request.protocol {
        Protocol::Ec2Query => refusal(request, 503, "RequestLimitExceeded"),
        Protocol::RestXml if request.service == "s3" => refusal(request, 503, "SlowDown"),
        Protocol::Query | Protocol::RestXml => refusal(request, 400, "Throttling"),
        Protocol::RestJson => refusal(request, 429, "TooManyRequestsException"),
        Protocol::Json | Protocol::Cbor => refusal(request, 400, "ThrottlingException"),
    }
}

/// The session's credentials have ended.
pub fn expired(request: &Request) -> Reply {
    match request.protocol {
        Protocol::Ec2Query => refusal(request, 400, "RequestExpired"),
        Protocol::RestXml if request.service == "s3" => refusal(request, 400, "ExpiredToken"),
        Protocol::Query | Protocol::RestXml => refusal(request, 403, "ExpiredToken"),
        Protocol::RestJson => refusal(request, 403, "ExpiredTokenException"),
        Protocol::Json | Protocol::Cbor => refusal(request, 400, "ExpiredTokenException"),
    }
}

/// An error of the server, or of a proxy before it: in turn one with a code, one without
/// anything, and a page for people.
pub fn broken(request: &Request, turn: u32) -> Reply {
    let without_code = |status, body: &str| Reply {
        status,
        headers: vec![("content-type", "text/html")],
        body: body.as_bytes().to_vec(),
        delay: Duration::ZERO,
    };
    match turn % 3 {
        0 => refusal(request, 500, "InternalFailure"),
        1 => without_code(502, "<html><body><h1>502 Bad Gateway</h1></body></html>\n"),
        _ => without_code(500, ""),
    }
}
