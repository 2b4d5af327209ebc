//! Operations that are asked about many things at once. How the things are spread over
//! requests depends on batch sizes and on what else is there, so that a recording keeps
//! all of them in one file and an answer is put together from it.

use super::wire::Request;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// An operation of ECS that takes a list of names or ARNs.
struct Batch {
    operation: &'static str,
    /// The request's list.
    asked: &'static str,
    /// The answer's list.
    answered: &'static str,
    /// The fields by which an element can have been asked for.
    ids: &'static [&'static str],
}

const BATCHES: &[Batch] = &[
    Batch {
        operation: "DescribeClusters",
        asked: "clusters",
        answered: "clusters",
        ids: &["clusterArn", "clusterName"],
    },
    Batch {
        operation: "DescribeContainerInstances",
        asked: "containerInstances",
        answered: "containerInstances",
        ids: &["containerInstanceArn"],
    },
    Batch {
        operation: "DescribeServices",
        asked: "services",
        answered: "services",
        ids: &["serviceArn", "serviceName"],
    },
    Batch { operation: "DescribeTasks", asked: "tasks", answered: "tasks", ids: &["taskArn"] },
];

fn batch_of(request: &Request) -> Option<&'static Batch> {
    BATCHES.iter().find(|batch| request.service == "ecs" && batch.operation == request.operation)
}

fn is_metrics(request: &Request) -> bool {
    request.service == "cloudwatch" && request.operation == "GetMetricData"
}

/// Whether a request's answers share one file.
pub(crate) fn is_batch(request: &Request) -> bool {
    batch_of(request).is_some() || is_metrics(request)
}

/// The answer to a request, out of the file with everything. The error says what the file lacks.
pub(super) fn pick(request: &Request, file: &Json) -> Result<Json, String> {
    if is_metrics(request) {
        return pick_metrics(request, file);
    }
    let Some(batch) = batch_of(request) else {
        return Ok(file.clone());
    };
    let Some(asked) = request.body.get(batch.asked).and_then(Json::as_array) else {
        return Ok(file.clone());
    };
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for wanted in asked.iter().filter_map(Json::as_str) {
        let element = elements(file, batch.answered).iter().find(|element| {
            batch.ids.iter().any(|id| element.get(id).and_then(Json::as_str) == Some(wanted))
        });
        let failure = elements(file, "failures")
            .iter()
            .find(|failure| failure.get("arn").and_then(Json::as_str).is_some_and(|arn| same(arn, wanted)));
        match (element, failure) {
            (Some(element), _) => found.push(element.clone()),
            (None, Some(failure)) => failures.push(failure.clone()),
            (None, None) => return Err(format!("{} {wanted}", batch.answered)),
        }
    }
    Ok(json!({ batch.answered: found, "failures": failures }))
}

/// Failures name the ARN even when the request had the name.
fn same(arn: &str, wanted: &str) -> bool {
    arn == wanted || arn.rsplit('/').next() == Some(wanted)
}

fn elements<'a>(json: &'a Json, list: &str) -> &'a [Json] {
    json.get(list).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Takes a further answer into the file with everything.
pub fn keep(request: &Request, file: Option<Json>, answer: &Json) -> Json {
    if is_metrics(request) {
        return keep_metrics(request, file, answer);
    }
    let mut file = match file {
        Some(Json::Object(map)) => map,
        _ => Map::new(),
    };
    let answered = batch_of(request).map_or("", |batch| batch.answered);
    for list in [answered, "failures"] {
        let merged = file.entry(list).or_insert_with(|| json!([]));
        if let Json::Array(merged) = merged {
            for element in elements(answer, list) {
                if !merged.contains(element) {
                    merged.push(element.clone());
                }
            }
            merged.sort_by_key(Json::to_string);
        }
    }
    Json::Object(file)
}

/// What a metric query asks for, in one text: expression or namespace, name, dimensions
/// in the order of their names, statistic and period. The time window is not part of it.
fn series_key(query: &Json) -> String {
    if let Some(expression) = query.get("Expression").and_then(Json::as_str) {
        return expression.to_owned();
    }
    let text = |json: Option<&Json>| json.and_then(Json::as_str).unwrap_or_default().to_owned();
    let stat = query.get("MetricStat").unwrap_or(&Json::Null);
    let metric = stat.get("Metric").unwrap_or(&Json::Null);
    let dimensions: BTreeSet<String> = elements(metric, "Dimensions")
        .iter()
        .map(|dimension| format!("{}={}", text(dimension.get("Name")), text(dimension.get("Value"))))
        .collect();
    let dimensions: Vec<String> = dimensions.into_iter().collect();
    format!(
        "{}/{}{{{}}} {} {}s",
        text(metric.get("Namespace")),
        text(metric.get("MetricName")),
        dimensions.join(","),
        text(stat.get("Stat")),
        stat.get("Period").unwrap_or(&Json::Null)
    )
}

/// A file of metrics: `{"AWS/RDS/CPUUtilization{DBInstanceIdentifier=shop} Maximum 3600s":
/// {"Timestamps": [...], "Values": [...]}}`. A series without holes may give the time of its
/// first value instead, `"Newest": "2026-11-23T02:55:00Z"`; each further value is a period older.
fn pick_metrics(request: &Request, file: &Json) -> Result<Json, String> {
    let mut results = Vec::new();
    for query in elements(&request.body, "MetricDataQueries") {
        if query.get("ReturnData") == Some(&Json::Bool(false)) {
            continue;
        }
        let key = series_key(query);
        let series = file.get(&key).ok_or_else(|| format!("series {key}"))?;
        let field = |name: &str, otherwise: Json| series.get(name).cloned().unwrap_or(otherwise);
        results.push(json!({
            "Id": query.get("Id"),
            "Label": field("Label", Json::String(key.clone())),
            "StatusCode": field("StatusCode", json!("Complete")),
            "Timestamps": timestamps(query, series).ok_or_else(|| format!("times of {key}"))?,
            "Values": field("Values", json!([])),
        }));
    }
    Ok(json!({ "MetricDataResults": results, "Messages": [] }))
}

fn timestamps(query: &Json, series: &Json) -> Option<Json> {
    let Some(newest) = series.get("Newest") else {
        return Some(series.get("Timestamps").cloned().unwrap_or_else(|| json!([])));
    };
    let newest: jiff::Timestamp = newest.as_str()?.parse().ok()?;
    let period = query.get("MetricStat")?.get("Period")?.as_i64()?;
    let times = (0..).zip(elements(series, "Values")).map(|(index, _)| {
        let second = newest.as_second().checked_sub(period.checked_mul(index)?)?;
        Some(json!({ "$time": jiff::Timestamp::from_second(second).ok()?.to_string() }))
    });
    times.collect::<Option<Vec<Json>>>().map(Json::Array)
}

fn keep_metrics(request: &Request, file: Option<Json>, answer: &Json) -> Json {
    let mut file = match file {
        Some(Json::Object(map)) => map,
        _ => Map::new(),
    };
    for query in elements(&request.body, "MetricDataQueries") {
        let id = query.get("Id");
        let series = file.entry(series_key(query)).or_insert_with(|| json!({}));
        let Json::Object(series) = series else { continue };
        for result in elements(answer, "MetricDataResults").iter().filter(|result| result.get("Id") == id) {
            for list in ["Timestamps", "Values"] {
                let merged = series.entry(list).or_insert_with(|| json!([]));
                if let Json::Array(merged) = merged {
                    // The next page of a series goes on where the last one ended.
                    merged.extend_from_slice(elements(result, list));
                }
            }
            for field in ["Label", "StatusCode"] {
                if let Some(value) = result.get(field) {
                    series.insert(field.to_owned(), value.clone());
                }
            }
        }
    }
    Json::Object(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::wire::Protocol;

    fn request(service: &str, operation: &str, body: Json) -> Request {
        Request {
            protocol: Protocol::Json,
            service: service.to_owned(),
            region: "eu-west-1".to_owned(),
            operation: operation.to_owned(),
            parameters: Default::default(),
            token: None,
            body,
        }
    }

    #[test]
    fn batches_of_any_size() {
        let first = request("ecs", "DescribeServices", json!({ "services": ["a"] }));
        let file = keep(&first, None, &json!({ "services": [{ "serviceName": "a" }], "failures": [] }));
        let second = request("ecs", "DescribeServices", json!({ "services": ["b", "gone"] }));
        let answer = json!({ "services": [{ "serviceName": "b" }], "failures": [{ "arn": "arn:x/gone", "reason": "MISSING" }] });
        let file = keep(&second, Some(file), &answer);
        let both = request("ecs", "DescribeServices", json!({ "services": ["b", "a", "gone"] }));
        let picked = pick(&both, &file).unwrap();
        assert_eq!(picked["services"], json!([{ "serviceName": "b" }, { "serviceName": "a" }]));
        assert_eq!(picked["failures"].as_array().unwrap().len(), 1);
        let unknown = request("ecs", "DescribeServices", json!({ "services": ["c"] }));
        assert_eq!(pick(&unknown, &file), Err("services c".to_owned()));
    }

    #[test]
    fn even_series_need_one_time() {
        let query = json!({ "Id": "m0", "MetricStat": { "Metric": { "Namespace": "AWS/ECS", "MetricName": "CPUUtilization" },
            "Period": 300, "Stat": "Average" } });
        let request = request("cloudwatch", "GetMetricData", json!({ "MetricDataQueries": [query] }));
        let series = json!({ "Newest": "2026-11-23T02:55:00Z", "Values": [3.0, 2.0, 1.0] });
        let picked = pick(&request, &json!({ "AWS/ECS/CPUUtilization{} Average 300s": series })).unwrap();
        let times = &picked["MetricDataResults"][0]["Timestamps"];
        assert_eq!(times[0], json!({ "$time": "2026-11-23T02:55:00Z" }));
        assert_eq!(times[2], json!({ "$time": "2026-11-23T02:45:00Z" }));
        assert_eq!(times.as_array().unwrap().len(), 3);
    }

    #[test]
    fn series_do_not_depend_on_ids_or_time() {
        let query = |id: &str, name: &str| {
            json!({ "Id": id, "MetricStat": { "Metric": { "Namespace": "AWS/RDS", "MetricName": name,
                "Dimensions": [{ "Name": "DBInstanceIdentifier", "Value": "shop" }] },
                "Period": 3600, "Stat": "Maximum" } })
        };
        let asked = request(
            "cloudwatch",
            "GetMetricData",
            json!({ "MetricDataQueries": [query("m0", "CPUUtilization")] }),
        );
        let answer =
            json!({ "MetricDataResults": [{ "Id": "m0", "Values": [1.5], "Timestamps": [{ "$time": 1 }] }] });
        let file = keep(&asked, None, &answer);
        assert!(
            file.get("AWS/RDS/CPUUtilization{DBInstanceIdentifier=shop} Maximum 3600s").is_some(),
            "{file}"
        );
        let again = request(
            "cloudwatch",
            "GetMetricData",
            json!({ "MetricDataQueries": [query("q7", "CPUUtilization")] }),
        );
        let picked = pick(&again, &file).unwrap();
        assert_eq!(picked["MetricDataResults"][0]["Id"], "q7");
        assert_eq!(picked["MetricDataResults"][0]["Values"], json!([1.5]));
        let other = request(
            "cloudwatch",
            "GetMetricData",
            json!({ "MetricDataQueries": [query("m0", "FreeStorageSpace")] }),
        );
        assert!(pick(&other, &file).is_err());
    }
}
