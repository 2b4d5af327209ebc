//! What the name of a DB instance class says.

/// The vCPUs of a DB instance class (the tables of DB instance classes in the RDS user guide);
/// `None` for families that are not in the usual steps.
pub(crate) fn vcpu_count(instance_class: &str) -> Option<i64> {
    let (family, size) = instance_class.strip_prefix("db.")?.split_once('.')?;
    if ["t3", "t4g"].contains(&family) && ["micro", "small", "medium"].contains(&size) {
        return Some(2);
    }
    if family == "t2" {
        return match size {
            "micro" | "small" => Some(1),
            "medium" | "large" => Some(2),
            "xlarge" => Some(4),
            "2xlarge" => Some(8),
            _ => None,
        };
    }
    let is_regular = ["t3", "t4g"].contains(&family) || family.starts_with(['m', 'r', 'c']);
    match (is_regular, size) {
        (true, "medium") if family.starts_with('m') => Some(1),
        (true, "large") => Some(2),
        (true, "xlarge") => Some(4),
        (true, times) => times.strip_suffix("xlarge")?.parse::<i64>().ok().map(|times| times * 4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_the_vcpus_that_aws_lists() {
        for (class, vcpus) in [
            ("db.t4g.micro", Some(2)),
            ("db.t4g.small", Some(2)),
            ("db.t4g.large", Some(2)),
            ("db.t3.2xlarge", Some(8)),
            ("db.t2.small", Some(1)),
            ("db.m7g.large", Some(2)),
            ("db.r6g.xlarge", Some(4)),
            ("db.r6g.12xlarge", Some(48)),
            ("db.serverless", None),
            ("db.x2g.large", None),
            ("db.r6g.mighty", None),
        ] {
            assert_eq!(vcpu_count(class), vcpus, "{class}");
        }
    }
}
