//! The file that answers a request, chosen by the request's content alone.

use super::wire::Request;
use crate::arn::Arn;
use crate::digest::sha256;
use crate::snapshot::operation;

/// Longer selectors end in a hash.
const LONGEST: usize = 100;

/// Region, service, operation and selector: the path of the first page's file in a
/// recorded account, without its extension.
pub fn stem(request: &Request) -> String {
    let selector = selector(request);
    let at = if selector.is_empty() { "" } else { "@" };
    let [region, service, operation] =
        [&request.region, &request.service, &request.operation].map(|name| component(name));
    format!("{region}/{service}/{operation}{at}{selector}")
}

/// The file name's end for a page, a status and a kind of answer.
pub fn file(stem: &str, page: usize, status: u16, extension: &str) -> String {
    let page = if page > 1 { format!(".page{page}") } else { String::new() };
    let status = if status >= 300 { format!(".{status}") } else { String::new() };
    format!("{stem}{page}{status}.{extension}")
}

/// What tells a request from others of its operation: `name=value` pairs in the order of
/// their names, joined by `+`.
fn selector(request: &Request) -> String {
    let known = operation::find(&request.service, &request.operation)
        .and_then(|operation| operation.told_apart_by)
        .filter(|names| names.iter().all(|name| request.parameters.contains_key(*name)));
    let pairs: Vec<String> = request
        .parameters
        .iter()
        .filter(|(name, _)| known.is_none_or(|known| known.contains(&name.as_str())))
        .map(|(name, values)| {
            let values: Vec<String> = values.iter().map(|value| short(value)).collect();
            format!("{}={}", plain(name), values.join(","))
        })
        .collect();
    let selector = pairs.join("+");
    if selector.len() <= LONGEST {
        return selector;
    }
    let hash = sha256(&selector, 12);
    let head: String = selector.chars().take(60).collect();
    format!("{head}~{hash}")
}

/// An ARN without what all ARNs of its kind in the account share, then [`plain`].
fn short(value: &str) -> String {
    let Some(arn) = Arn::parse(value) else {
        return plain(value);
    };
    // `loadbalancer/app/shop/50dc`, `cluster/shop`, `service/shop/api`, but a topic has only its name.
    let resource = match arn.resource.split_once(['/', ':']) {
        Some((_, rest)) if !rest.is_empty() => rest,
        _ => arn.resource,
    };
    plain(resource)
}

/// Only characters that every file system takes and no shell reads: `/` becomes `-`, `:`
/// becomes `~`, others `_`.
fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '/' => '-',
            ':' => '~',
            letter if letter.is_ascii_alphanumeric() || "-._,=~".contains(letter) => letter,
            _ => '_',
        })
        .collect()
}

/// The same for a name of a folder or a file by itself, which is never the folder above.
fn component(text: &str) -> String {
    let name = plain(text);
    if name.chars().all(|letter| letter == '.') { "_".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::wire::Protocol;
    use std::collections::BTreeMap;

    fn request(service: &str, operation: &str, parameters: &[(&str, &[&str])]) -> Request {
        let parameters: BTreeMap<String, Vec<String>> = parameters
            .iter()
            .map(|(name, values)| {
                ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
            })
            .collect();
        Request {
            protocol: Protocol::Query,
            service: service.to_owned(),
            region: "ap-northeast-1".to_owned(),
            operation: operation.to_owned(),
            parameters,
            token: None,
            body: serde_json::Value::Null,
        }
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        for (region, expected) in [("..", "_/ec2/_"), ("../../etc", "..-..-etc/ec2/_"), ("", "_/ec2/_")] {
            let request = Request { region: region.to_owned(), ..request("ec2", "..", &[]) };
            assert_eq!(stem(&request), expected);
        }
    }

    #[test]
    fn names_that_people_can_read() {
        let balancer =
            "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/shop-alb/50dc";
        let cluster = "arn:aws:ecs:ap-northeast-1:123456789012:cluster/shop";
        for (request, expected) in [
            (request("ec2", "DescribeVpcs", &[]), "ap-northeast-1/ec2/DescribeVpcs"),
            (
                request("elasticloadbalancing", "DescribeListeners", &[("LoadBalancerArn", &[balancer])]),
                "ap-northeast-1/elasticloadbalancing/DescribeListeners@LoadBalancerArn=app-shop-alb-50dc",
            ),
            (
                request("ecs", "DescribeServices", &[("cluster", &[cluster]), ("services", &["a", "b"])]),
                "ap-northeast-1/ecs/DescribeServices@cluster=shop",
            ),
            (
                request("ecs", "DescribeTaskDefinition", &[("taskDefinition", &["shop-api:3"])]),
                "ap-northeast-1/ecs/DescribeTaskDefinition@taskDefinition=shop-api~3",
            ),
        ] {
            assert_eq!(stem(&request), expected);
        }
    }

    #[test]
    fn long_selectors_stay_distinct() {
        let (one, two) = ("x".repeat(300), "x".repeat(301));
        let one = stem(&request("ssm", "DescribeParameters", &[("Name", &[&one])]));
        let two = stem(&request("ssm", "DescribeParameters", &[("Name", &[&two])]));
        assert_ne!(one, two);
        assert!(one.len() < 160);
    }

    #[test]
    fn pages_and_statuses() {
        assert_eq!(file("r/s/Op", 1, 200, "xml"), "r/s/Op.xml");
        assert_eq!(file("r/s/Op@a=b", 2, 200, "json"), "r/s/Op@a=b.page2.json");
        assert_eq!(file("r/s/Op", 3, 403, "xml"), "r/s/Op.page3.403.xml");
    }
}
