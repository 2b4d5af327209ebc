//! The hosts of AWS's own that a value names: what is kept of a value that is dropped.

/// How the names of databases, caches and load balancers end. A name of one's own may say more than
/// where something is, and is not kept.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.RDS_Limits.html>
const SUFFIXES: [&str; 7] = [
    ".rds.amazonaws.com",
    ".rds.amazonaws.com.cn",
    ".docdb.amazonaws.com",
    ".cache.amazonaws.com",
    ".cache.amazonaws.com.cn",
    ".elb.amazonaws.com",
    ".elb.amazonaws.com.cn",
];

/// Longer names are none (RFC 1035).
const MOST_CHARACTERS: usize = 253;

/// The hosts in a value, for instance a connection string, each once. Nothing else of the value.
pub fn endpoint_hosts(value: &str) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    for part in value.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.')) {
        let host = part.trim_matches('.').to_ascii_lowercase();
        if is_endpoint(&host) && !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts
}

fn is_endpoint(host: &str) -> bool {
    // Network Load Balancers: name-id.elb.region.amazonaws.com.
    let is_balancer = || {
        let inside = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"));
        inside
            .and_then(|inside| inside.split_once(".elb."))
            .is_some_and(|(name, region)| !name.is_empty() && !region.is_empty() && !region.contains('.'))
    };
    let is_label = |label: &str| {
        let length = label.len();
        (1..=63).contains(&length) && !label.starts_with('-') && !label.ends_with('-')
    };
    host.len() <= MOST_CHARACTERS
        && host.split('.').all(is_label)
        && (SUFFIXES.iter().any(|suffix| host.len() > suffix.len() && host.ends_with(suffix))
            || is_balancer())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_of_aws_are_kept() {
        let db = "ec-db.aaaaaaaaaa.ap-northeast-1.rds.amazonaws.com";
        for (value, expected) in [
            (db, vec![db]),
            ("EC-DB.aaaaaaaaaa.ap-northeast-1.rds.amazonaws.com.", vec![db]),
            (
                "postgres://shop:p.4-ss@ec-db.aaaaaaaaaa.ap-northeast-1.rds.amazonaws.com:5432/shop?sslmode=require",
                vec![db],
            ),
            ("host=ec-db.aaaaaaaaaa.ap-northeast-1.rds.amazonaws.com password=hunter2.rds", vec![db]),
            (
                "redis://c.ab12.0001.apne1.cache.amazonaws.com:6379,d.ab12.0001.apne1.cache.amazonaws.com",
                vec!["c.ab12.0001.apne1.cache.amazonaws.com", "d.ab12.0001.apne1.cache.amazonaws.com"],
            ),
            (
                "http://internal-shop-1.ap-northeast-1.elb.amazonaws.com/",
                vec!["internal-shop-1.ap-northeast-1.elb.amazonaws.com"],
            ),
            ("shop-1.elb.ap-northeast-1.amazonaws.com", vec!["shop-1.elb.ap-northeast-1.amazonaws.com"]),
            ("db.internal", vec![]),
            ("hunter2", vec![]),
            (".rds.amazonaws.com", vec![]),
            ("ec-db.rds.amazonaws.com.evil.jp", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(endpoint_hosts(value), expected, "{value}");
        }
        assert_eq!(endpoint_hosts(&format!("{}.rds.amazonaws.com", "a.".repeat(200))), Vec::<String>::new());
    }

    #[test]
    fn passwords_never_become_part_of_a_host() {
        for password in ["hunter2", "p@ss", "p.w-d", "a/b", "%40x", "パス"] {
            let value = format!("mysql://u:{password}@x.aaaa.eu-west-1.rds.amazonaws.com/db");
            assert_eq!(endpoint_hosts(&value), ["x.aaaa.eu-west-1.rds.amazonaws.com"]);
        }
    }
}
