//! From an SDK error to the reason that a report can give.
//!
//! Only AWS's error code is kept, never its message: messages repeat what was asked.

use super::answer::AnswerTooLarge;
use super::connect::CutAnswer;
use super::network;
use crate::recording::NotRecorded;
use crate::snapshot::Cause;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{DispatchFailure, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;

/// The code of a request that a recorded account has no answer for.
pub(crate) const NOT_RECORDED: &str = "NotRecorded";

/// The code of a call that was not answered in time.
pub(crate) const TIMEOUT: &str = "Timeout";

/// The code of a request to a host that does not exist.
pub(crate) const NO_SUCH_HOST: &str = "NoSuchHost";

/// The code of an answer that is longer than the limit.
pub(crate) const ANSWER_TOO_LARGE: &str = "AnswerTooLarge";

/// Why a call failed, and AWS's code or, where AWS did not answer, a word for what happened.
pub(crate) fn classify<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> (Cause, String) {
    match error {
        SdkError::TimeoutError(_) => (Cause::TimedOut, TIMEOUT.to_owned()),
        SdkError::DispatchFailure(failure) => not_sent(failure),
        SdkError::ConstructionFailure(_) => (Cause::Failed, "InvalidRequest".to_owned()),
        SdkError::ResponseError(broken) => {
            let http = broken.raw().status().as_u16();
            // A body that ends early and a body that is not XML or JSON both come here.
            let code = if http >= 400 { format!("Http{http}") } else { "MalformedResponse".to_owned() };
            (cause_of_status(http), code)
        }
        SdkError::ServiceError(refusal) => {
            let http = refusal.raw().status().as_u16();
            match error.code() {
                Some(code) => (cause_of_code(code), tidy(code)),
                // An answer of success that the SDK could not read.
                None if http < 400 => (Cause::Failed, "MalformedResponse".to_owned()),
                None => (cause_of_status(http), format!("Http{http}")),
            }
        }
        _ => (Cause::Failed, "UnknownFailure".to_owned()),
    }
}

/// The cause behind one of AWS's error codes.
///
/// `OptInRequired` and `SubscriptionRequiredException` count as not offered: the account
/// cannot use the service there whatever its permissions. `AuthFailure` is EC2's word for
/// a request that may not be made. A code that is in no list is a failure, never a denial.
pub(crate) fn cause_of_code(code: &str) -> Cause {
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "AllAccessDisabled"
        | "AuthFailure"
        | "AuthorizationError"
        | "AuthorizationErrorException"
        | "Forbidden"
        | "NotAuthorized"
        | "UnauthorizedAccess"
        | "UnauthorizedException"
        | "UnauthorizedOperation"
        | "WAFUnauthorizedException" => Cause::Denied,
        "BandwidthLimitExceeded"
        | "EC2ThrottledException"
        | "LimitExceededException"
        | "PriorRequestNotComplete"
        | "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "SlowDown"
        | "ThrottledException"
        | "Throttling"
        | "ThrottlingException"
        | "TooManyRequestsException"
        | "TransactionInProgressException" => Cause::Throttled,
        "RequestTimeout" | "RequestTimeoutException" => Cause::TimedOut,
        "InvalidAction"
        | "NoSuchDomain"
        | "OptInRequired"
        | "SubscriptionRequiredException"
        | "UnknownOperation"
        | "UnknownOperationException"
        | "UnsupportedOperation"
        | "UnsupportedOperationException" => Cause::NotOffered,
        "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidAccessKeyId"
        | "InvalidClientTokenId"
        | "InvalidToken"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "RequestExpired"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "TokenRefreshRequired"
        | "UnrecognizedClientException" => Cause::Credentials,
        _ => Cause::Failed,
    }
}

fn cause_of_status(http: u16) -> Cause {
    match http {
        401 | 403 => Cause::Denied,
        408 => Cause::TimedOut,
        429 => Cause::Throttled,
        _ => Cause::Failed,
    }
}

/// Codes are short names. Anything else is cut down to one, so that no text of AWS's gets through.
fn tidy(code: &str) -> String {
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || ".-_:".contains(*letter);
    code.chars().take_while(is_plain).take(80).collect()
}

/// A request that got no answer at all.
fn not_sent(failure: &DispatchFailure) -> (Cause, String) {
    let Some(connector) = failure.as_connector_error() else {
        return (Cause::Failed, "NotSent".to_owned());
    };
    if let Some(code) = network::not_sent(connector) {
        return (Cause::Failed, code.to_owned());
    }
    let mut deepest: Option<&(dyn Error + 'static)> = connector.source();
    while let Some(error) = deepest {
        if error.is::<NotRecorded>() {
            return (Cause::Failed, NOT_RECORDED.to_owned());
        }
        if error.is::<AnswerTooLarge>() {
            return (Cause::TooLarge, ANSWER_TOO_LARGE.to_owned());
        }
        if error.is::<CutAnswer>() {
            return (Cause::Failed, "MalformedResponse".to_owned());
        }
        if error.is::<aws_credential_types::provider::error::CredentialsError>() {
            return (Cause::Credentials, "NoCredentials".to_owned());
        }
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && let Some(known) = io_failure(io)
        {
            return known;
        }
        // The HTTP library's own error has no type that could be named here.
        if error.to_string().contains("connection closed") {
            return (Cause::Failed, "ConnectionClosed".to_owned());
        }
        deepest = error.source();
    }
    if failure.is_timeout() {
        return (Cause::TimedOut, TIMEOUT.to_owned());
    }
    let code = if failure.is_io() { "ConnectionClosed" } else { "ConnectionFailed" };
    (Cause::Failed, code.to_owned())
}

/// The standard library has no kind for a name that does not resolve, only this text.
/// "Name or service not known" is the resolver's answer that there is no such host: a
/// region without the service, because a scan only begins after a call got through.
/// A resolver that could not answer says something else.
fn io_failure(io: &std::io::Error) -> Option<(Cause, String)> {
    use std::io::ErrorKind;
    let text = io.to_string();
    if text.contains("failed to lookup address") {
        let no_such_host = ["Name or service not known", "Name does not resolve", "nodename nor servname"];
        return Some(if no_such_host.iter().any(|answer| text.contains(answer)) {
            (Cause::NotOffered, NO_SUCH_HOST.to_owned())
        } else {
            (Cause::Failed, "HostLookupFailed".to_owned())
        });
    }
    match io.kind() {
        ErrorKind::ConnectionRefused => Some((Cause::Failed, "ConnectionRefused".to_owned())),
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => Some((Cause::Failed, "ConnectionClosed".to_owned())),
        ErrorKind::TimedOut => Some((Cause::TimedOut, TIMEOUT.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_denials_are_denied() {
        assert_eq!(cause_of_code("UnauthorizedOperation"), Cause::Denied);
        assert_eq!(cause_of_code("RequestLimitExceeded"), Cause::Throttled);
        assert_eq!(cause_of_code("ExpiredTokenException"), Cause::Credentials);
        assert_eq!(cause_of_code("InvalidAction"), Cause::NotOffered);
        assert_eq!(cause_of_code("DBInstanceNotFound"), Cause::Failed);
    }

    #[test]
    fn a_message_in_the_place_of_a_code_is_cut() {
        assert_eq!(tidy("Throttling"), "Throttling");
        assert_eq!(tidy("Denied for user alice"), "Denied");
    }

    #[test]
    fn an_unknown_host_is_a_region_without_the_service() {
        let unknown =
            std::io::Error::other("failed to lookup address information: Name or service not known");
        assert_eq!(io_failure(&unknown).map(|(cause, _)| cause), Some(Cause::NotOffered));
        let offline = std::io::Error::other(
            "failed to lookup address information: Temporary failure in name resolution",
        );
        assert_eq!(io_failure(&offline).map(|(cause, _)| cause), Some(Cause::Failed));
    }
}
