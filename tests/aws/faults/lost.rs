//! What a scan with a gap still has to know.

use serde_json::Value as Json;
use tenken::snapshot::{Snapshot, source};

/// What was answered although `operation` was not, and is not in the snapshot as it was
/// answered. `with_all` is the whole snapshot in its saved form.
pub(crate) fn lost(with_all: &Json, partial: &Snapshot, operation: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let with_gaps = serde_json::to_value(partial).unwrap();
    for (section, shape) in Snapshot::section_shapes() {
        for listing in &shape().fields {
            let name = format!("{section}.{}", listing.name);
            let depends = source::operations(&name).any(|needed| needed.id() == operation);
            let all = list(with_all, section, listing.name, "items");
            let some = list(&with_gaps, section, listing.name, "items");
            if !depends && !list(&with_gaps, section, listing.name, "incomplete").is_empty() {
                problems.push(format!("{name} is incomplete, but does not come from {operation}"));
            }
            for item in all.iter().filter(|_| !depends) {
                if !some.iter().any(|other| is_same_or_unknown(item, other)) {
                    problems.push(format!("{name} lost or changed {}", label(item)));
                }
            }
            for item in some {
                // Whether a bucket is a log's destination follows from load balancers.
                let is_known = all.iter().any(|other| is_same_or_unknown(other, item));
                let may_depend = depends && name == "s3.buckets";
                if !is_known && !may_depend {
                    problems.push(format!("{name} has a changed {}", label(item)));
                }
            }
        }
    }
    problems
}

fn list<'j>(snapshot: &'j Json, section: &str, listing: &str, part: &str) -> &'j [Json] {
    snapshot[section][listing][part].as_array().unwrap()
}

fn label(item: &Json) -> &str {
    ["arn", "resource_id", "name", "metric_name"]
        .iter()
        .find_map(|field| item[*field].as_str())
        .unwrap_or("?")
}

fn is_same_or_unknown(complete: &Json, partial: &Json) -> bool {
    if partial.get("unknown_because").is_some() {
        return true;
    }
    match (complete, partial) {
        (Json::Object(all), Json::Object(some)) => {
            let same = |(field, value): (&String, &Json)| {
                some.get(field).is_some_and(|other| is_same_or_unknown(value, other))
            };
            all.len() == some.len() && all.iter().all(same)
        }
        (Json::Array(all), Json::Array(some)) => {
            all.len() == some.len()
                && all.iter().zip(some).all(|(value, other)| is_same_or_unknown(value, other))
        }
        _ => complete == partial,
    }
}
