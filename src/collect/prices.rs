//! Asks the Price List API. It is not part of a scan: prices belong to no account, and the
//! permission is one of its own, `pricing:GetProducts`.

use crate::ask::answer::Bounded;
use crate::ask::credentials::shared_config;
use crate::ask::failure::classify;
use crate::ask::network::HttpNetwork;
use crate::ask::session::load;
use crate::ask::{CollectError, SCAN_TIMEOUT, ScanOptions};
use crate::price::live::{PriceQuestion, api_region};
use crate::snapshot::Cause;
use aws_config::retry::RetryConfig;
use aws_sdk_pricing::Client;
use aws_sdk_pricing::types::{Filter, FilterType};
use aws_types::SdkConfig;
use aws_types::region::Region;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// AWS allows five requests a second.
const BETWEEN_REQUESTS: Duration = Duration::from_millis(200);

/// Somebody waits in front of a terminal, and the built-in prices are there.
const ATTEMPTS: u32 = 3;

/// Pages of one answer. An exact question has one.
const MOST_PAGES: usize = 50;

/// The largest page.
const PAGE_SIZE: i32 = 100;

/// Why a question got no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The kind of reason.
    pub cause: Cause,
    /// AWS's error code, or a word for what happened.
    pub code: String,
}

/// What the API answers to each question: the strings of all its pages, each a product with its
/// prices. Where the credentials may not ask at all, or nobody is there to answer, the first refusal
/// stands for all.
///
/// # Errors
/// The AWS configuration cannot be used.
pub(crate) async fn ask_prices(
    options: &ScanOptions,
    questions: &[PriceQuestion],
) -> Result<Vec<Result<Vec<String>, Refusal>>, CollectError> {
    let deadline = options.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let config = config(options).await?;
    let home = config.region().map(ToString::to_string).unwrap_or_default();
    let config = config
        .to_builder()
        .region(Region::from_static(api_region(&home)))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .build();
    let client = Client::new(&config);
    let mut answers: Vec<Result<Vec<String>, Refusal>> = Vec::with_capacity(questions.len());
    let mut closed: Option<Refusal> = None;
    for question in questions {
        if let Some(refusal) = &closed {
            answers.push(Err(refusal.clone()));
            continue;
        }
        let answer = match deadline {
            None => ask(&client, question).await,
            Some(deadline) => timeout_at(deadline, ask(&client, question)).await.unwrap_or_else(|_elapsed| {
                Err(Refusal { cause: Cause::TimedOut, code: SCAN_TIMEOUT.to_owned() })
            }),
        };
        if let Err(refusal) = &answer
            && stands_for_all(refusal)
        {
            closed = Some(refusal.clone());
        }
        answers.push(answer);
    }
    Ok(answers)
}

async fn config(options: &ScanOptions) -> Result<SdkConfig, CollectError> {
    let shared = shared_config(options.profile.as_deref())?;
    let http = Bounded::client(HttpNetwork::for_aws(&shared)?.client(), options.answer_limit_bytes);
    load(options, &shared, http).await
}

fn stands_for_all(refusal: &Refusal) -> bool {
    let is_nobody_there = refusal.cause == Cause::TimedOut
        || matches!(
            refusal.code.as_str(),
            "HostLookupFailed"
                | "ConnectionRefused"
                | "ConnectionFailed"
                | "UntrustedCertificate"
                | "ProxyRefused"
                | "ProxyUnreachable"
        );
    is_nobody_there || matches!(refusal.cause, Cause::Denied | Cause::Credentials | Cause::NotOffered)
}

async fn ask(client: &Client, question: &PriceQuestion) -> Result<Vec<String>, Refusal> {
    let filters = filters(question)?;
    let (mut products, mut token) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        tokio::time::sleep(BETWEEN_REQUESTS).await;
        let answer = client
            .get_products()
            .service_code(question.service_code)
            .set_filters(Some(filters.clone()))
            .format_version("aws_v1")
            .max_results(PAGE_SIZE)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| {
                let (cause, code) = classify(&error);
                Refusal { cause, code }
            })?;
        products.extend(answer.price_list().iter().cloned());
        token = answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
        if token.is_none() {
            return Ok(products);
        }
    }
    Err(Refusal { cause: Cause::Truncated, code: "TooManyPages".to_owned() })
}

fn filters(question: &PriceQuestion) -> Result<Vec<Filter>, Refusal> {
    let filter = |(field, value): &(&'static str, String)| {
        Filter::builder().r#type(FilterType::TermMatch).field(*field).value(value).build()
    };
    let filters: Result<Vec<Filter>, _> = question.filters.iter().map(filter).collect();
    filters.map_err(|_| Refusal { cause: Cause::Failed, code: "InvalidRequest".to_owned() })
}
