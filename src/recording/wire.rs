//! What a request asks for, read from the wire: service, region, operation, parameters
//! and page, in each of the protocols that AWS's services speak.

pub use crate::snapshot::service::Protocol;

use super::cbor;
use crate::snapshot::operation::{OPERATIONS, find};
use crate::snapshot::service;
use percent_encoding::percent_decode_str;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

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
    "maxitems",
    "max-buckets",
    "MaxBuckets",
    "MaxDatapoints",
];

/// Parameters, and fields of answers, that name a page.
pub(crate) const TOKENS: &[&str] =
    &["NextToken", "nextToken", "NextMarker", "Marker", "marker", "ContinuationToken", "continuation-token"];

/// Parameters that do not distinguish requests of the audit: they choose the form of the
/// answer, or a window of time that moves.
const FORM: &[&str] = &["include", "StartTime", "EndTime", "ScanBy", "x-id", "Action", "Version"];

/// The service and region that a request was signed for:
/// `AWS4-HMAC-SHA256 Credential=KEY/20260101/ap-northeast-1/ec2/aws4_request, …`.
pub(crate) fn signed_for(authorization: &str) -> Option<(&str, &str)> {
    let (_, scope) = authorization.split_once("Credential=")?;
    let mut parts = scope.split(',').next()?.rsplit('/');
    let _terminator = parts.next()?;
    let service = parts.next()?;
    let region = parts.next()?;
    Some((service, region))
}

/// The service as its IAM actions name it, by the name that its requests are signed for.
pub(crate) fn service_of(signing_name: &str) -> &str {
    // CloudWatch signs with its old name.
    if signing_name == "monitoring" { "cloudwatch" } else { signing_name }
}

/// The version of Elastic Load Balancing's API that knows Classic Load Balancers.
const CLASSIC_VERSION: &str = "2012-06-01";

/// An operation as the table of operations names it. What is asked of Classic Load Balancers has the
/// same service, name and permission as what is asked of the others; only the API's version differs.
pub(crate) fn operation_of(operation: &str, is_classic: bool) -> &str {
    match (operation, is_classic) {
        ("DescribeLoadBalancers", true) => "DescribeClassicLoadBalancers",
        (operation, _) => operation,
    }
}

/// Reads a request of which no more is known than what is on the wire: as servers see it.
///
/// # Errors
/// It is not signed, its body is not what its protocol has, or it is not an operation of the audit.
pub fn read(raw: &RawRequest<'_>) -> Result<Request, Unreadable> {
    let (signing_name, _) = signed(raw)?;
    let service = service_of(signing_name);
    let (path, query) = split_target(raw);
    let operation = if let Some((_, operation)) = raw.amz_target.split_once('.') {
        operation.to_owned()
    } else if let Some(operation) = rpc_operation(path) {
        operation.to_owned()
    } else if is_form(raw) {
        let fields = form(&String::from_utf8_lossy(raw.body));
        let field =
            |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let is_classic = field("Version") == Some(CLASSIC_VERSION);
        operation_of(field("Action").unwrap_or_default(), is_classic).to_owned()
    } else {
        let operation = routed(service, raw.method, &addressed(service, raw.host, path), &form(query));
        let unknown = || format!("{} {path} of {service} is not an operation of the audit", raw.method);
        operation.ok_or_else(|| Unreadable(unknown()))?.to_owned()
    };
    read_as(raw, service, &operation)
}

/// Reads a request of which the service and the operation are known.
///
/// # Errors
/// It is not signed, or its body is not what its protocol has.
pub(crate) fn read_as(raw: &RawRequest<'_>, service: &str, operation: &str) -> Result<Request, Unreadable> {
    let (_, region) = signed(raw)?;
    let (path, query) = split_target(raw);
    let (protocol, fields, body) = if raw.amz_target.contains('.') {
        let body = if raw.body.is_empty() { Json::Null } else { parse_json(raw.body)? };
        (Protocol::Json, flatten(&body), body)
    } else if rpc_operation(path).is_some() {
        let body = if raw.body.is_empty() {
            Json::Null
        } else {
            cbor::to_json(raw.body).map_err(|error| Unreadable(error.0.to_owned()))?
        };
        (Protocol::Cbor, flatten(&body), body)
    } else if is_form(raw) {
        let fields = form(&String::from_utf8_lossy(raw.body));
        (spoken_by(service, Protocol::Query), lists(fields), Json::Null)
    } else {
        let mut fields = rest_fields(service, operation, raw, path, query);
        let protocol = spoken_by(service, Protocol::RestJson);
        if protocol == Protocol::RestXml {
            (protocol, fields, Json::Null)
        } else {
            let body = if raw.body.is_empty() { Json::Null } else { parse_json(raw.body)? };
            fields.extend(flatten(&body));
            (Protocol::RestJson, fields, body)
        }
    };
    let mut request = Request {
        protocol,
        service: service.to_owned(),
        region: region.to_owned(),
        operation: operation.to_owned(),
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

/// The protocol of a service; `other` of one that is not of the audit.
fn spoken_by(service: &str, other: Protocol) -> Protocol {
    service::by_prefix(service).map_or(other, |service| service.protocol)
}

fn signed<'r>(raw: &RawRequest<'r>) -> Result<(&'r str, &'r str), Unreadable> {
    signed_for(raw.authorization).ok_or_else(|| Unreadable("it is not signed".to_owned()))
}

fn split_target<'r>(raw: &RawRequest<'r>) -> (&'r str, &'r str) {
    raw.target.split_once('?').unwrap_or((raw.target, ""))
}

/// The operation of Smithy's RPC: `/service/GraniteServiceVersion20100801/operation/GetMetricData`.
fn rpc_operation(path: &str) -> Option<&str> {
    let (service, operation) = path.split_once("/operation/")?;
    service.contains("/service/").then_some(operation)
}

fn is_form(raw: &RawRequest<'_>) -> bool {
    raw.method == "POST" && raw.body.starts_with(b"Action=")
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

/// A piece of a path, decoded; a plus sign stays one, and so does a broken escape.
fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
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

/// The parameters in a path, by the names that the operation's route has for them, and those of
/// the query. The whole path is one where the route is not in the table.
fn rest_fields(
    service: &str,
    operation: &str,
    raw: &RawRequest<'_>,
    path: &str,
    query: &str,
) -> Vec<(String, String)> {
    let mut fields = form(query);
    let path = addressed(service, raw.host, path);
    let route = find(service, operation).and_then(|operation| operation.route);
    match route.and_then(|route| Some((route, labels(route, raw.method, &path, &fields)?))) {
        Some((route, labels)) => {
            fields.retain(|(name, _)| !flags(route).any(|flag| flag == name));
            fields.extend(labels);
        }
        None => fields.push(("path".to_owned(), decode(path.trim_matches('/')))),
    }
    fields
}

/// The operation whose route a request takes; among several that with the fewest labels.
fn routed(service: &str, method: &str, path: &str, fields: &[(String, String)]) -> Option<&'static str> {
    let own = OPERATIONS.iter().filter(|operation| operation.service == service);
    let taken = own.filter_map(|operation| {
        let route = operation.route?;
        labels(route, method, path, fields).map(|labels| (operation, labels.len(), flags(route).count()))
    });
    let (operation, _, _) = taken.min_by_key(|(_, labels, flags)| (*labels, Reverse(*flags)))?;
    Some(operation.name)
}

/// The labels of a path on a route such as `GET /{bucket}?lifecycle`; `None` where it takes another.
fn labels(
    route: &str,
    method: &str,
    path: &str,
    fields: &[(String, String)],
) -> Option<Vec<(String, String)>> {
    let segments = |path| str::split(path, '/').filter(|segment: &&str| !segment.is_empty());
    let (own_method, template) = route.split_once(' ')?;
    let template = template.split('?').next().unwrap_or_default();
    let has = |flag: &str| fields.iter().any(|(name, _)| name == flag);
    if method != own_method || !flags(route).all(has) {
        return None;
    }
    let mut given = segments(path);
    let mut labels = Vec::new();
    for part in segments(template) {
        let segment = given.next()?;
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(label) => labels.push((label.to_owned(), decode(segment))),
            None if part == segment => {}
            None => return None,
        }
    }
    given.next().is_none().then_some(labels)
}

/// The names in a route's query, without which a request takes another.
fn flags(route: &str) -> impl Iterator<Item = &str> {
    route.split_once('?').map(|(_, flags)| flags.split('&')).into_iter().flatten()
}

/// The path with S3's bucket in it, which mostly is in the host.
fn addressed<'p>(service: &str, host: &str, path: &'p str) -> Cow<'p, str> {
    match bucket_in_host(host).filter(|_| service == "s3") {
        Some(bucket) => Cow::Owned(format!("/{bucket}{path}")),
        None => Cow::Borrowed(path),
    }
}

/// `name.s3.ap-northeast-1.amazonaws.com` is about the bucket `name`.
fn bucket_in_host(host: &str) -> Option<&str> {
    let (bucket, _) = host.split_once(".s3.").or_else(|| host.split_once(".s3-"))?;
    Some(bucket)
}

/// The name under which a service's answer carries the token of the next page, and the token.
pub fn next_token(protocol: Protocol, answer: &[u8]) -> Option<(&'static str, String)> {
    match protocol.is_json() {
        true => {
            let json: Json = serde_json::from_slice(answer).ok()?;
            TOKENS.iter().find_map(|name| {
                let token = json.get(name)?.as_str()?;
                (!token.is_empty()).then(|| (*name, token.to_owned()))
            })
        }
        false => {
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
pub(crate) fn error_answer(protocol: Protocol, code: &str) -> Vec<u8> {
    let text = match protocol {
        Protocol::Ec2Query => format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>recorded</Message></Error></Errors>\
             <RequestID>recorded</RequestID></Response>\n"
        ),
        Protocol::Query | Protocol::RestXml => format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>recorded</Message></Error>\
             <RequestId>recorded</RequestId></ErrorResponse>\n"
        ),
        Protocol::Json | Protocol::RestJson | Protocol::Cbor => {
            format!("{{\n  \"__type\": \"{code}\",\n  \"message\": \"recorded\"\n}}\n")
        }
    };
    text.into_bytes()
}

/// The same for a request, because S3 writes errors without the outer element.
pub(crate) fn error_for(request: &Request, code: &str) -> Vec<u8> {
    if request.service == "s3" {
        return format!("<Error><Code>{code}</Code><Message>recorded</Message></Error>\n").into_bytes();
    }
    error_answer(request.protocol, code)
}

/// AWS's code in an error answer.
pub fn error_code(protocol: Protocol, body: &[u8]) -> Option<String> {
    match protocol.is_json() {
        true => {
            let json: Json = serde_json::from_slice(body).ok()?;
            let code = json.get("__type").or_else(|| json.get("code"))?.as_str()?;
            // `com.amazonaws.ecs#AccessDeniedException`
            Some(code.rsplit('#').next().unwrap_or(code).to_owned())
        }
        false => {
            let text = std::str::from_utf8(body).ok()?;
            let (_, after) = text.split_once("<Code>")?;
            Some(after.split_once("</Code>")?.0.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::SERVICES;

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
    fn a_plus_sign_in_a_path_is_no_space() {
        for (text, expected) in [
            ("a+b%2Fc%20d", "a+b/c d"),
            ("%e5%93%81", "品"),
            ("50%", "50%"),
            ("%zz%4", "%zz%4"),
            ("%ff", "\u{fffd}"),
        ] {
            assert_eq!(decode(text), expected, "{text}");
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
    fn requests_whose_operation_is_known() {
        let authorization = SIGNED.replace("SERVICE", "lambda");
        let raw = |method: &'static str, target: &'static str, body: &'static [u8]| RawRequest {
            method,
            host: "lambda.ap-northeast-1.amazonaws.com",
            target,
            authorization: &authorization,
            amz_target: "",
            body,
        };
        let get = raw("GET", "/2015-03-31/functions/shop%3Alive/configuration?Marker=m&MaxItems=50", b"");
        assert!(read(&get).is_err(), "the wire does not say it");
        let known = read_as(&get, "lambda", "GetFunctionConfiguration").unwrap();
        assert_eq!((known.protocol, known.token.as_deref()), (Protocol::RestJson, Some("m")));
        let path = "2015-03-31/functions/shop:live/configuration";
        assert_eq!(known.parameters, BTreeMap::from([("path".to_owned(), vec![path.to_owned()])]));
        let post = raw("POST", "/search", br#"{"filter":{"state":["ok","broken"]},"maxResults":9}"#);
        let known = read_as(&post, "lambda", "Search").unwrap();
        assert_eq!(known.parameters["filter.state"], ["ok", "broken"]);
        assert!(read_as(&raw("POST", "/search", b"no JSON"), "lambda", "Search").is_err());
    }

    #[test]
    fn routes_name_what_is_in_a_path() {
        let on = |route: &str, path: &str, query: &str| labels(route, "GET", path, &form(query));
        let named = |label: &str, value: &str| Some(vec![(label.to_owned(), value.to_owned())]);
        assert_eq!(on("GET /v1/functions/{Name}", "/v1/functions/a%2Fb", ""), named("Name", "a/b"));
        assert_eq!(on("GET /v1/functions/{Name}", "/v1/functions/", ""), None);
        assert_eq!(on("GET /v1/functions/{Name}", "/v1/functions/a/code", ""), None);
        assert_eq!(on("GET /{bucket}?lifecycle", "/logs", "lifecycle"), named("bucket", "logs"));
        assert_eq!(on("GET /{bucket}?lifecycle", "/logs", "policy"), None);
        assert_eq!(on("POST /", "/", ""), None);
    }

    /// As a server sees it, which knows no more than method and path.
    #[test]
    fn whatever_is_asked_by_its_path_has_a_route_that_leads_back_to_it() {
        let by_path = |service: &&service::ServiceRow| {
            matches!(service.protocol, Protocol::RestXml | Protocol::RestJson)
        };
        let mut routes = 0;
        for service in SERVICES.iter().filter(by_path) {
            let authorization = SIGNED.replace("SERVICE", service.prefix);
            for operation in service.operations {
                let id = operation.id();
                let (method, template) =
                    operation.route.unwrap_or_else(|| panic!("{id}: no route")).split_once(' ').unwrap();
                let target = template.replace(['{', '}'], "");
                let raw = RawRequest {
                    method,
                    host: "127.0.0.1",
                    target: &target,
                    authorization: &authorization,
                    amz_target: "",
                    body: b"",
                };
                assert_eq!(read(&raw).unwrap().operation, operation.name, "{id}");
                routes += 1;
            }
        }
        assert!(routes >= 4, "{routes}");
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
        for protocol in
            [Protocol::Ec2Query, Protocol::Query, Protocol::Json, Protocol::RestJson, Protocol::Cbor]
        {
            assert_eq!(
                error_code(protocol, &error_answer(protocol, "AccessDenied")).unwrap(),
                "AccessDenied"
            );
        }
    }
}
