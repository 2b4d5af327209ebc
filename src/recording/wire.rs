//! What a request asks for, read from the wire: service, region, operation, parameters
//! and page, in each of the protocols that AWS's services speak.

use super::cbor;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// How a service writes requests and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// EC2: form in, XML out.
    Ec2Query,
    /// The other old services: form in, XML out.
    Query,
    /// `x-amz-target` and JSON.
    Json,
    /// CloudFront and S3: paths in, XML out.
    RestXml,
    /// CloudWatch: Smithy RPC v2.
    Cbor,
}

impl Protocol {
    /// The extension of recorded answers.
    pub fn extension(self) -> &'static str {
        match self {
            Protocol::Json | Protocol::Cbor => "json",
            Protocol::Ec2Query | Protocol::Query | Protocol::RestXml => "xml",
        }
    }

    /// The content type of answers.
    pub fn content_type(self) -> &'static str {
        match self {
            Protocol::Json => "application/x-amz-json-1.1",
            Protocol::Cbor => "application/cbor",
            Protocol::Ec2Query | Protocol::Query | Protocol::RestXml => "text/xml",
        }
    }
}

/// A request as it is on the wire.
pub struct RawRequest<'a> {
    /// `GET`, `POST`.
    pub method: &'a str,
    /// The host without its port.
    pub host: &'a str,
    /// The path and, behind a question mark, the query.
    pub target: &'a str,
    /// The `Authorization` header, which names service and region.
    pub authorization: &'a str,
    /// The `x-amz-target` header, empty without one.
    pub amz_target: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// What a request asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// How the answer has to be written.
    pub protocol: Protocol,
    /// The service as its IAM actions name it.
    pub service: String,
    /// The region it was signed for.
    pub region: String,
    /// The operation as the API names it.
    pub operation: String,
    /// The parameters by name, lists with all their values. Page sizes and tokens are left out.
    pub parameters: BTreeMap<String, Vec<String>>,
    /// The page that is asked for; `None` for the first.
    pub token: Option<String>,
    /// The whole body, where it is JSON or CBOR.
    pub body: Json,
}

/// A request that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("understand the request: {0}")]
pub struct Unreadable(pub String);

/// Parameters that say how large a page is.
const PAGE_SIZES: &[&str] = &[
    "MaxResults",
    "maxResults",
    "MaxRecords",
    "MaxItems",
    "PageSize",
    "limit",
    "Limit",
    "max-items",
    "max-buckets",
    "MaxBuckets",
    "MaxDatapoints",
];

/// Parameters, and fields of answers, that name a page.
pub const TOKENS: &[&str] =
    &["NextToken", "nextToken", "NextMarker", "Marker", "marker", "ContinuationToken", "continuation-token"];

/// Parameters that do not distinguish requests of the audit: they choose the form of the
/// answer, or a window of time that moves.
const FORM: &[&str] = &["include", "StartTime", "EndTime", "ScanBy", "x-id", "Action", "Version"];

/// The service and region that a request was signed for:
/// `AWS4-HMAC-SHA256 Credential=KEY/20260101/ap-northeast-1/ec2/aws4_request, …`.
pub fn signed_for(authorization: &str) -> Option<(&str, &str)> {
    let (_, scope) = authorization.split_once("Credential=")?;
    let mut parts = scope.split(',').next()?.rsplit('/');
    let _terminator = parts.next()?;
    let service = parts.next()?;
    let region = parts.next()?;
    Some((service, region))
}

/// Reads a request.
pub fn read(raw: &RawRequest<'_>) -> Result<Request, Unreadable> {
    let (service, region) =
        signed_for(raw.authorization).ok_or_else(|| Unreadable("it is not signed".to_owned()))?;
    // CloudWatch signs with its old name.
    let service = if service == "monitoring" { "cloudwatch" } else { service };
    let (path, query) = raw.target.split_once('?').unwrap_or((raw.target, ""));
    let (protocol, operation, fields, body) = if let Some((_, operation)) = raw.amz_target.split_once('.') {
        let body = if raw.body.is_empty() { Json::Null } else { parse_json(raw.body)? };
        (Protocol::Json, operation.to_owned(), flatten(&body), body)
    } else if let Some((_, operation)) = path.split_once("/operation/") {
        let body = if raw.body.is_empty() {
            Json::Null
        } else {
            cbor::to_json(raw.body).map_err(|error| Unreadable(error.0.to_owned()))?
        };
        (Protocol::Cbor, operation.to_owned(), flatten(&body), body)
    } else if raw.method == "POST" && raw.body.starts_with(b"Action=") {
        let fields = form(&String::from_utf8_lossy(raw.body));
        let action = fields.iter().find(|(name, _)| name == "Action").map(|(_, value)| value.clone());
        let protocol = if service == "ec2" { Protocol::Ec2Query } else { Protocol::Query };
        (protocol, action.unwrap_or_default(), lists(fields), Json::Null)
    } else {
        let (operation, fields) = rest(service, raw, path, query)?;
        (Protocol::RestXml, operation, fields, Json::Null)
    };
    let mut request = Request {
        protocol,
        service: service.to_owned(),
        region: region.to_owned(),
        operation,
        parameters: BTreeMap::new(),
        token: None,
        body,
    };
    for (name, value) in fields {
        if TOKENS.contains(&name.as_str()) {
            request.token = Some(value);
        } else if !PAGE_SIZES.contains(&name.as_str()) && !FORM.contains(&name.as_str()) {
            request.parameters.entry(name).or_default().push(value);
        }
    }
    Ok(request)
}

fn parse_json(body: &[u8]) -> Result<Json, Unreadable> {
    serde_json::from_slice(body).map_err(|_| Unreadable("its body is not JSON".to_owned()))
}

/// The leaves of JSON with their paths; list positions are left out of the path.
fn flatten(json: &Json) -> Vec<(String, String)> {
    fn walk(path: &str, json: &Json, leaves: &mut Vec<(String, String)>) {
        match json {
            Json::Null => {}
            Json::Array(items) => items.iter().for_each(|item| walk(path, item, leaves)),
            Json::Object(map) => {
                for (key, value) in map {
                    let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    walk(&below, value, leaves);
                }
            }
            Json::String(text) => leaves.push((path.to_owned(), text.clone())),
            other => leaves.push((path.to_owned(), other.to_string())),
        }
    }
    let mut leaves = Vec::new();
    // Times are written as objects and belong to the form of a request.
    if let Json::Object(map) = json {
        for (key, value) in map.iter().filter(|(key, _)| !FORM.contains(&key.as_str())) {
            walk(key, value, &mut leaves);
        }
    }
    leaves
}

/// The pairs of a form or query, decoded. A broken escape stays as it stands.
fn form(text: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// `Names.member.1` and `VpcId.2` become `Names` and `VpcId`; EC2's `Filter.1.Name=x` with
/// `Filter.1.Value.1=y` becomes `x=y`.
fn lists(fields: Vec<(String, String)>) -> Vec<(String, String)> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let filter_name = |number: &str| {
        let wanted = format!("Filter.{number}.Name");
        fields.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone())
    };
    let mut listed = Vec::new();
    for (name, value) in &fields {
        let parts: Vec<&str> = name.split('.').collect();
        match parts.as_slice() {
            ["Filter", _, "Name"] => {}
            ["Filter", number, "Value", _] => {
                listed.push((filter_name(number).unwrap_or_else(|| "Filter".to_owned()), value.clone()));
            }
            parts => {
                let named: Vec<&str> =
                    parts.iter().copied().filter(|part| *part != "member" && !is_number(part)).collect();
                listed.push((named.join("."), value.clone()));
            }
        }
    }
    listed
}

/// The three S3 operations and the one of CloudFront, by path and query.
fn rest(
    service: &str,
    raw: &RawRequest<'_>,
    path: &str,
    query: &str,
) -> Result<(String, Vec<(String, String)>), Unreadable> {
    let mut fields = form(query);
    let has = |name: &str, fields: &[(String, String)]| fields.iter().any(|(field, _)| field == name);
    let operation = match service {
        "cloudfront" if path.trim_end_matches('/').ends_with("/distribution") => "ListDistributions",
        "s3" if has("publicAccessBlock", &fields) => "GetPublicAccessBlock",
        "s3" if has("lifecycle", &fields) => "GetBucketLifecycleConfiguration",
        "s3" if path == "/" && bucket_in_host(raw.host).is_none() => "ListBuckets",
        _ => {
            return Err(Unreadable(format!(
                "{} {path} of {service} is not an operation of the audit",
                raw.method
            )));
        }
    };
    fields.retain(|(name, _)| name != "publicAccessBlock" && name != "lifecycle");
    if service == "s3" && operation != "ListBuckets" {
        let in_path = path.trim_matches('/');
        let bucket = if in_path.is_empty() { bucket_in_host(raw.host).unwrap_or_default() } else { in_path };
        fields.push(("bucket".to_owned(), bucket.to_owned()));
    }
    Ok((operation.to_owned(), fields))
}

/// `name.s3.ap-northeast-1.amazonaws.com` is about the bucket `name`.
fn bucket_in_host(host: &str) -> Option<&str> {
    let (bucket, _) = host.split_once(".s3.").or_else(|| host.split_once(".s3-"))?;
    Some(bucket)
}

/// The name under which a service's answer carries the token of the next page, and the token.
pub fn next_token(protocol: Protocol, answer: &[u8]) -> Option<(&'static str, String)> {
    match protocol {
        Protocol::Json | Protocol::Cbor => {
            let json: Json = serde_json::from_slice(answer).ok()?;
            TOKENS.iter().find_map(|name| {
                let token = json.get(name)?.as_str()?;
                (!token.is_empty()).then(|| (*name, token.to_owned()))
            })
        }
        _ => {
            let text = std::str::from_utf8(answer).ok()?;
            TOKENS.iter().find_map(|name| {
                let (_, after) = text.split_once(&format!("<{name}>"))?;
                let (token, _) = after.split_once(&format!("</{name}>"))?;
                let token = quick_xml::escape::unescape(token).ok()?.into_owned();
                (!token.is_empty()).then_some((*name, token))
            })
        }
    }
}

/// An error in the form in which the protocol writes it: HTTP status and body.
/// For CBOR the body is still JSON.
pub fn error_answer(protocol: Protocol, code: &str) -> Vec<u8> {
    let text = match protocol {
        Protocol::Ec2Query => format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>recorded</Message></Error></Errors>\
             <RequestID>recorded</RequestID></Response>\n"
        ),
        Protocol::Query | Protocol::RestXml => format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>recorded</Message></Error>\
             <RequestId>recorded</RequestId></ErrorResponse>\n"
        ),
        Protocol::Json | Protocol::Cbor => {
            format!("{{\n  \"__type\": \"{code}\",\n  \"message\": \"recorded\"\n}}\n")
        }
    };
    text.into_bytes()
}

/// The same for a request, because S3 writes errors without the outer element.
pub fn error_for(request: &Request, code: &str) -> Vec<u8> {
    if request.service == "s3" {
        return format!("<Error><Code>{code}</Code><Message>recorded</Message></Error>\n").into_bytes();
    }
    error_answer(request.protocol, code)
}

/// AWS's code in an error answer.
pub fn error_code(protocol: Protocol, body: &[u8]) -> Option<String> {
    match protocol {
        Protocol::Json | Protocol::Cbor => {
            let json: Json = serde_json::from_slice(body).ok()?;
            let code = json.get("__type").or_else(|| json.get("code"))?.as_str()?;
            // `com.amazonaws.ecs#AccessDeniedException`
            Some(code.rsplit('#').next().unwrap_or(code).to_owned())
        }
        _ => {
            let text = std::str::from_utf8(body).ok()?;
            let (_, after) = text.split_once("<Code>")?;
            Some(after.split_once("</Code>")?.0.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_service_and_region_from_the_signature() {
        let header = "AWS4-HMAC-SHA256 Credential=AKID/20260101/ap-northeast-1/ec2/aws4_request, \
                      SignedHeaders=host, Signature=00";
        assert_eq!(signed_for(header), Some(("ec2", "ap-northeast-1")));
        assert_eq!(signed_for("Bearer x"), None);
    }

    const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=A/20260101/ap-northeast-1/SERVICE/aws4_request, x";

    fn request(service: &str, amz_target: &str, host: &str, target: &str, body: &[u8]) -> Request {
        let authorization = SIGNED.replace("SERVICE", service);
        let method = if body.is_empty() { "GET" } else { "POST" };
        read(&RawRequest { method, host, target, authorization: &authorization, amz_target, body }).unwrap()
    }

    #[test]
    fn form_requests() {
        let body = b"Action=DescribeVpcs&Version=2016-11-15&MaxResults=1000&NextToken=a%2Bb%3D&\
                     Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&Filter.1.Value.2=vpc-2";
        let request = request("ec2", "", "ec2.ap-northeast-1.amazonaws.com", "/", body);
        assert_eq!(request.protocol, Protocol::Ec2Query);
        assert_eq!((request.service.as_str(), request.operation.as_str()), ("ec2", "DescribeVpcs"));
        assert_eq!(request.token.as_deref(), Some("a+b="));
        assert_eq!(request.parameters.get("vpc-id").unwrap(), &["vpc-1", "vpc-2"]);
        assert_eq!(request.parameters.len(), 1);
    }

    #[test]
    fn json_requests() {
        let body = br#"{"cluster":"shop","services":["a","b"],"include":["TAGS"]}"#;
        let target = "AmazonEC2ContainerServiceV20141113.DescribeServices";
        let request = request("ecs", target, "x", "/", body);
        assert_eq!(request.operation, "DescribeServices");
        assert_eq!(request.parameters.get("services").unwrap(), &["a", "b"]);
        assert!(!request.parameters.contains_key("include"));
    }

    #[test]
    fn forms_are_decoded_and_broken_escapes_stay() {
        for (text, expected) in [
            ("a=b&c=d", vec![("a", "b"), ("c", "d")]),
            ("a=b=c&flag&&=d&", vec![("a", "b=c"), ("flag", ""), ("", "d")]),
            ("a+b=c+d%2Be%20f", vec![("a b", "c d+e f")]),
            ("a%3Db=c%26d%253D", vec![("a=b", "c&d%3D")]),
            (
                "a=%&b=%4&c=%zz&d=%+1&e=%c3",
                vec![("a", "%"), ("b", "%4"), ("c", "%zz"), ("d", "% 1"), ("e", "\u{fffd}")],
            ),
            ("%e5%95%86=%E5%93%81", vec![("商", "品")]),
        ] {
            let expected: Vec<(String, String)> =
                expected.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            assert_eq!(form(text), expected, "{text}");
        }
    }

    #[test]
    fn rest_requests() {
        let host = "logs.s3.ap-northeast-1.amazonaws.com";
        let virtual_host = request("s3", "", host, "/?publicAccessBlock", b"");
        assert_eq!(virtual_host.operation, "GetPublicAccessBlock");
        assert_eq!(virtual_host.parameters.get("bucket").unwrap(), &["logs"]);
        let path_style = request("s3", "", "127.0.0.1", "/logs?lifecycle", b"");
        assert_eq!(path_style.operation, "GetBucketLifecycleConfiguration");
        assert_eq!(path_style.parameters.get("bucket").unwrap(), &["logs"]);
        assert_eq!(request("s3", "", "127.0.0.1", "/?x-id=ListBuckets", b"").operation, "ListBuckets");
        let list = request("cloudfront", "", "c", "/2020-05-31/distribution?Marker=m&MaxItems=100", b"");
        assert_eq!((list.operation.as_str(), list.token.as_deref()), ("ListDistributions", Some("m")));
    }

    #[test]
    fn cbor_requests_name_cloudwatch() {
        let body = cbor::from_json(&serde_json::json!({ "StartTime": { "$time": "2026-01-01T00:00:00Z" } }))
            .unwrap();
        let target = "/service/GraniteServiceVersion20100801/operation/GetMetricData";
        let request = request("monitoring", "", "x", target, &body);
        assert_eq!((request.service.as_str(), request.operation.as_str()), ("cloudwatch", "GetMetricData"));
        assert!(request.parameters.is_empty());
    }

    #[test]
    fn tokens_and_errors_of_answers() {
        let xml = b"<R><Marker>before</Marker><NextMarker>a&amp;b</NextMarker></R>";
        assert_eq!(next_token(Protocol::Query, xml), Some(("NextMarker", "a&b".to_owned())));
        assert_eq!(next_token(Protocol::Json, br#"{"nextToken":""}"#), None);
        for protocol in [Protocol::Ec2Query, Protocol::Query, Protocol::Json, Protocol::Cbor] {
            assert_eq!(
                error_code(protocol, &error_answer(protocol, "AccessDenied")).unwrap(),
                "AccessDenied"
            );
        }
    }
}
