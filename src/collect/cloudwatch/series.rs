//! Asks for metrics: what the points of the last fourteen days came to, metric by metric.
//!
//! CloudWatch keeps points of five minutes for 63 days, and those of an hour for 455.

use crate::ask::asked::client;
use crate::ask::{Ask, Pages};
use crate::snapshot::cloudwatch::MetricSeries;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{Cause, GapId, Listing};
use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataOutput;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat, StatusCode};
use aws_smithy_types::DateTime;
use std::collections::BTreeMap;

const DATA: &Operation = named("cloudwatch", "GetMetricData");
const WINDOW_DAYS: i64 = 14;
const HOUR_SECONDS: i64 = 3_600;
const DAY_SECONDS: i64 = 86_400;

// What GetMetricData takes and gives at once, by its API reference. What fits into one page
// is asked together: AWS bills every metric of every call, also of the calls for more pages.
const POINTS_OF_A_PAGE: i64 = 100_800;
const QUERIES_OF_A_CALL: i64 = 500;

/// One metric of one resource.
pub(super) struct SeriesQuestion<'a> {
    /// The resource.
    pub resource_arn: &'a str,
    /// For instance AWS/ECS.
    pub namespace: &'static str,
    /// For instance CPUUtilization.
    pub metric_name: &'static str,
    /// What a point is made of, for instance Average.
    pub statistic: &'static str,
    /// Dimensions: names and values.
    pub dimensions: Vec<(&'static str, &'a str)>,
}

/// What a point of a series is.
#[derive(Clone, Copy)]
pub(super) struct Points {
    /// The time that a point stands for.
    pub period_seconds: i32,
}

impl Points {
    /// How many metrics are asked for together.
    fn queries_at_once(self) -> usize {
        let points = WINDOW_DAYS * DAY_SECONDS / i64::from(self.period_seconds.max(1));
        let queries = (POINTS_OF_A_PAGE / points.max(1)).clamp(1, QUERIES_OF_A_CALL);
        usize::try_from(queries).unwrap_or(1)
    }
}

/// What an answer says about one metric.
enum SeriesAnswer {
    /// Every point there is.
    Points(Vec<f64>),
    /// AWS's word for why there are not all.
    Refused(Cause, String),
    /// It is not in the answer.
    Missing,
}

/// The metrics of the region's resources. A resource that could not be listed hides its own.
pub(super) async fn of_resources<'a, T>(
    ask: &Ask,
    points: Points,
    resources: &'a Listing<T>,
    region: impl Fn(&T) -> &str,
    questions: impl Fn(&'a T) -> Vec<SeriesQuestion<'a>>,
) -> Listing<MetricSeries> {
    let questions: Vec<SeriesQuestion<'_>> = in_region(ask, resources, region).flat_map(questions).collect();
    let hidden = resources.hidden_in(ask.region()).cloned().collect();
    ask_for(ask, points, &questions, hidden).await
}

/// The resources in the region that is asked.
pub(super) fn in_region<'a, T>(
    ask: &Ask,
    resources: &'a Listing<T>,
    region: impl Fn(&T) -> &str,
) -> impl Iterator<Item = &'a T> {
    resources.iter().filter(move |resource| region(resource) == ask.region())
}

/// A series for every question that was answered; `hidden` are the gaps behind which there are
/// resources that nobody could ask about.
pub(super) async fn ask_for(
    ask: &Ask,
    points: Points,
    questions: &[SeriesQuestion<'_>],
    hidden: Vec<GapId>,
) -> Listing<MetricSeries> {
    let mut listing = Listing::with_gaps(hidden);
    let client = client!(aws_sdk_cloudwatch, ask.config());
    let (start, end) = window(ask.taken_at_seconds());
    let answers = ask
        .each(questions.chunks(points.queries_at_once()), |batch| {
            let client = &client;
            async move {
                let queries: Vec<MetricDataQuery> = batch
                    .iter()
                    .enumerate()
                    .map(|(index, question)| query(points, index, question))
                    .collect();
                let pages = ask
                    .pages(
                        DATA,
                        None,
                        |token| {
                            let request = client.get_metric_data().start_time(start).end_time(end);
                            let request = request.set_metric_data_queries(Some(queries.clone()));
                            request.set_next_token(token).send()
                        },
                        |page| page.next_token.clone(),
                    )
                    .await;
                read(ask, points, batch, pages)
            }
        })
        .await;
    for answer in answers.into_iter().flatten() {
        match answer {
            Ok(series) => listing.items.push(series),
            Err(gap) => listing.incomplete.push(gap),
        }
    }
    listing
}

/// Whole hours, which CloudWatch answers fastest.
fn window(taken_at_seconds: i64) -> (DateTime, DateTime) {
    let end = taken_at_seconds - taken_at_seconds.rem_euclid(HOUR_SECONDS);
    (DateTime::from_secs(end - WINDOW_DAYS * DAY_SECONDS), DateTime::from_secs(end))
}

fn id(index: usize) -> String {
    format!("q{index}")
}

fn query(points: Points, index: usize, question: &SeriesQuestion<'_>) -> MetricDataQuery {
    let dimensions = question.dimensions.iter();
    let dimensions = dimensions.map(|(name, value)| Dimension::builder().name(*name).value(*value).build());
    let metric = Metric::builder()
        .namespace(question.namespace)
        .metric_name(question.metric_name)
        .set_dimensions(Some(dimensions.collect()))
        .build();
    let stat = MetricStat::builder().metric(metric).period(points.period_seconds).stat(question.statistic);
    MetricDataQuery::builder().id(id(index)).metric_stat(stat.build()).build()
}

/// A series for every question of a batch, or the gap.
fn read(
    ask: &Ask,
    points: Points,
    batch: &[SeriesQuestion<'_>],
    pages: Pages<GetMetricDataOutput>,
) -> Vec<Result<MetricSeries, GapId>> {
    // Points that are missing would shift every figure: all pages or nothing.
    if let Some(gap) = pages.gap {
        return vec![Err(gap)];
    }
    // A message about the whole call, for instance that it named too many metrics.
    if let Some(message) = pages.pages.iter().flat_map(|page| page.messages()).next() {
        return vec![Err(ask.gap(DATA, None, Cause::Failed, message.code().unwrap_or("Message")))];
    }
    let mut answers = answers(&pages.pages);
    batch
        .iter()
        .enumerate()
        .map(|(index, question)| {
            let about = Some(question.resource_arn);
            match answers.remove(&id(index)).unwrap_or(SeriesAnswer::Missing) {
                SeriesAnswer::Points(values) => Ok(series(ask.region(), points, question, values)),
                SeriesAnswer::Refused(cause, code) => Err(ask.gap(DATA, about, cause, &code)),
                SeriesAnswer::Missing => Err(ask.broken(DATA, about)),
            }
        })
        .collect()
}

/// What the pages say together, by the id of the question. `PartialData` on an early page
/// means that there is more on the next one; on the last page of a series that there is not.
fn answers(pages: &[GetMetricDataOutput]) -> BTreeMap<String, SeriesAnswer> {
    let mut points: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut statuses: BTreeMap<&str, &StatusCode> = BTreeMap::new();
    for result in pages.iter().flat_map(|page| page.metric_data_results()) {
        let Some(id) = result.id() else { continue };
        points.entry(id).or_default().extend(result.values());
        let Some(status) = result.status_code() else { continue };
        let is_final =
            |status: &&StatusCode| !matches!(status, StatusCode::PartialData | StatusCode::Complete);
        if !statuses.get(id).is_some_and(is_final) {
            statuses.insert(id, status);
        }
    }
    points
        .into_iter()
        .map(|(id, points)| {
            let answer = match statuses.get(id) {
                Some(StatusCode::Complete) => SeriesAnswer::Points(points),
                Some(status) => SeriesAnswer::Refused(cause(status), status.as_str().to_owned()),
                None => SeriesAnswer::Missing,
            };
            (id.to_owned(), answer)
        })
        .collect()
}

fn cause(status: &StatusCode) -> Cause {
    match status {
        StatusCode::Forbidden => Cause::Denied,
        StatusCode::PartialData => Cause::Truncated,
        _ => Cause::Failed,
    }
}

fn series(region: &str, points: Points, question: &SeriesQuestion<'_>, mut values: Vec<f64>) -> MetricSeries {
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "some thousand points")]
    let count = values.len() as f64;
    MetricSeries {
        region: region.to_owned(),
        resource_arn: question.resource_arn.to_owned(),
        namespace: question.namespace.to_owned(),
        metric_name: question.metric_name.to_owned(),
        statistic: question.statistic.to_owned(),
        period_seconds: points.period_seconds.into(),
        window_days: WINDOW_DAYS,
        datapoint_count: i64::try_from(values.len()).unwrap_or(i64::MAX),
        average: (!values.is_empty()).then(|| values.iter().sum::<f64>() / count),
        p95: nearest_rank(&values, 95),
        maximum: values.last().copied(),
    }
}

/// The smallest point that at least `percent` of the sorted points do not exceed.
fn nearest_rank(sorted: &[f64], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudwatch::types::MetricDataResult;

    fn page(results: &[(&str, &[f64], Option<StatusCode>)]) -> GetMetricDataOutput {
        let result = |(id, values, status): &(&str, &[f64], Option<StatusCode>)| {
            MetricDataResult::builder()
                .id(*id)
                .set_values(Some(values.to_vec()))
                .set_status_code(status.clone())
                .build()
        };
        GetMetricDataOutput::builder()
            .set_metric_data_results(Some(results.iter().map(result).collect()))
            .build()
    }

    #[test]
    fn pages_add_up() {
        let pages = [
            page(&[
                ("q0", &[1.0, 2.0], Some(StatusCode::PartialData)),
                ("q1", &[5.0], Some(StatusCode::Complete)),
                ("q2", &[], Some(StatusCode::Complete)),
            ]),
            page(&[("q0", &[3.0], Some(StatusCode::Complete))]),
        ];
        let found = answers(&pages);
        assert!(matches!(&found["q0"], SeriesAnswer::Points(points) if points == &[1.0, 2.0, 3.0]));
        assert!(matches!(&found["q1"], SeriesAnswer::Points(points) if points == &[5.0]));
        assert!(matches!(&found["q2"], SeriesAnswer::Points(points) if points.is_empty()));
    }

    #[test]
    fn a_part_is_not_the_whole() {
        let refused = |status: StatusCode, later: Option<StatusCode>| {
            let pages = [page(&[("q0", &[1.0], Some(status))]), page(&[("q0", &[2.0], later)])];
            match answers(&pages).remove("q0") {
                Some(SeriesAnswer::Refused(cause, code)) => (cause, code),
                _ => panic!("taken for whole"),
            }
        };
        assert_eq!(refused(StatusCode::PartialData, None), (Cause::Truncated, "PartialData".to_owned()));
        assert_eq!(refused(StatusCode::Forbidden, None).0, Cause::Denied);
        assert_eq!(refused(StatusCode::InternalError, Some(StatusCode::Complete)).0, Cause::Failed);
        assert!(matches!(answers(&[page(&[("q0", &[1.0], None)])])["q0"], SeriesAnswer::Missing));
    }

    #[test]
    fn figures() {
        let question = SeriesQuestion {
            resource_arn: "arn:1",
            namespace: "AWS/ECS",
            metric_name: "CPUUtilization",
            statistic: "Average",
            dimensions: vec![("ServiceName", "shop-api")],
        };
        let points = Points { period_seconds: 300 };
        let of = |values: Vec<f64>| series("ap-northeast-1", points, &question, values);
        let found = of((1..=20).rev().map(f64::from).collect());
        assert_eq!(
            (found.datapoint_count, found.average, found.p95, found.maximum),
            (20, Some(10.5), Some(19.0), Some(20.0))
        );
        let empty = of(vec![]);
        assert_eq!((empty.datapoint_count, empty.average, empty.p95, empty.maximum), (0, None, None, None));
        assert_eq!(nearest_rank(&[7.0], 95), Some(7.0));
        assert_eq!(nearest_rank(&[1.0, 2.0], 95), Some(2.0));
    }

    #[test]
    fn the_window_ends_with_an_hour() {
        let (start, end) = window(1_700_000_000);
        assert_eq!(end.secs(), 1_699_999_200);
        assert_eq!(end.secs() - start.secs(), 14 * 86_400);
    }

    #[test]
    fn a_call_asks_for_what_one_page_answers() {
        let of = |period_seconds| Points { period_seconds }.queries_at_once();
        // 4,032 points, 336 points, one point.
        assert_eq!((of(300), of(3_600), of(14 * 86_400)), (25, 300, 500));
    }
}
