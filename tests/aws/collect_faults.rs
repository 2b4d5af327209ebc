//! What goes wrong between tenken and AWS, over real HTTP: every failure is a gap with the
//! right cause, and what was answered before it stays.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_types::SdkConfig;
use aws_types::region::Region;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tenken::ask::pace::Pace;
use tenken::ask::{Ask, Counters, Pages, Setting};
use tenken::snapshot::operation::{Operation, named};
use tenken::snapshot::{Cause, Gap, GapId};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::matchers::{any, body_string_contains};
use wiremock::{Mock, MockServer, ResponseTemplate};

const CLUSTERS: &Operation = named("ecs", "ListClusters");
const DATABASES: &Operation = named("rds", "DescribeDBInstances");

struct Fixture {
    ask: Ask,
    counters: Arc<Counters>,
}

fn fixture(endpoint: &str, deadline: Option<tokio::time::Instant>) -> Fixture {
    let timeouts = aws_config::timeout::TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_millis(300))
        .operation_timeout(Duration::from_secs(20))
        .build();
    let retry = aws_config::retry::RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(1));
    let credentials = Credentials::new("AKID", "secret", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::v2026_01_12())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .region(Region::new("ap-northeast-1"))
        .retry_config(retry)
        .timeout_config(timeouts)
        .sleep_impl(TokioSleep::new())
        .time_source(SystemTimeSource::new())
        .endpoint_url(endpoint)
        .build();
    let counters = Arc::new(Counters::default());
    let setting = Setting {
        account: "123456789012".to_owned(),
        partition: "aws".to_owned(),
        taken_at_seconds: 1_763_859_600,
        fingerprint_key: b"key".to_vec(),
        config,
        pace: Pace::default(),
        deadline,
        progress: counters.clone(),
    };
    Fixture { ask: Ask::new(setting, "ap-northeast-1"), counters }
}

impl Fixture {
    fn gap(&self, id: &GapId) -> Gap {
        self.ask.gaps().remove(id).expect("the gap is recorded")
    }

    async fn clusters(&self) -> Pages<aws_sdk_ecs::operation::list_clusters::ListClustersOutput> {
        let client = aws_sdk_ecs::Client::new(self.ask.config());
        self.ask
            .pages(
                CLUSTERS,
                None,
                |token| client.list_clusters().set_next_token(token).send(),
                |page| page.next_token.clone(),
            )
            .await
    }

    async fn databases(&self) -> Result<usize, GapId> {
        let client = aws_sdk_rds::Client::new(self.ask.config());
        let answer = self.ask.once(DATABASES, None, client.describe_db_instances().send()).await?;
        Ok(answer.db_instances().len())
    }

    /// The cause and code of the one gap that asking for the clusters leaves.
    async fn failure(&self) -> (Cause, String) {
        let pages = self.clusters().await;
        let gap = self.gap(&pages.gap.expect("a gap"));
        assert_eq!(gap.operation, "ecs:ListClusters");
        assert_eq!(gap.region, "ap-northeast-1");
        assert_eq!(self.counters.gaps.load(Ordering::Relaxed), 1);
        (gap.cause, gap.code)
    }
}

fn json(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body.to_owned(), "application/x-amz-json-1.1")
}

async fn server(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

#[tokio::test]
async fn a_token_that_comes_again_ends_the_list_as_truncated() {
    let server = server(json(200, r#"{"clusterArns":["arn:1"],"nextToken":"again"}"#)).await;
    let fixture = fixture(&server.uri(), None);
    let pages = fixture.clusters().await;
    assert_eq!(pages.pages.len(), 2, "the page after the first token was asked for");
    let gap = fixture.gap(&pages.gap.unwrap());
    assert_eq!((gap.cause, gap.code.as_str()), (Cause::Truncated, "RepeatedToken"));
}

#[tokio::test]
async fn a_later_page_that_fails_keeps_the_earlier_ones() {
    let server = MockServer::start().await;
    Mock::given(body_string_contains("second"))
        .respond_with(json(400, r#"{"__type":"AccessDeniedException","message":"alice may not"}"#))
        .mount(&server)
        .await;
    Mock::given(any())
        .respond_with(json(200, r#"{"clusterArns":["arn:1"],"nextToken":"second"}"#))
        .mount(&server)
        .await;
    let fixture = fixture(&server.uri(), None);
    let pages = fixture.clusters().await;
    assert_eq!(pages.pages.len(), 1);
    let gap = fixture.gap(&pages.gap.unwrap());
    assert_eq!((gap.cause, gap.code.as_str()), (Cause::Denied, "AccessDeniedException"));
    assert_eq!(gap.permissions, ["ecs:ListClusters"]);
    assert!(!serde_json::to_string(&gap).unwrap().contains("alice"), "AWS's message was kept");
}

#[tokio::test]
async fn denials_are_not_asked_again() {
    let server = server(json(400, r#"{"__type":"AccessDeniedException"}"#)).await;
    let fixture = fixture(&server.uri(), None);
    assert_eq!(fixture.failure().await, (Cause::Denied, "AccessDeniedException".to_owned()));
    assert_eq!(requests(&server).await, 1);
}

#[tokio::test]
async fn a_denial_without_a_code() {
    let server = server(ResponseTemplate::new(403)).await;
    assert_eq!(fixture(&server.uri(), None).failure().await, (Cause::Denied, "Http403".to_owned()));
}

#[tokio::test]
async fn throttling_is_tried_again_and_then_given_up() {
    let server = server(json(400, r#"{"__type":"ThrottlingException"}"#)).await;
    let fixture = fixture(&server.uri(), None);
    assert_eq!(fixture.failure().await, (Cause::Throttled, "ThrottlingException".to_owned()));
    assert_eq!(requests(&server).await, 3);
    assert_eq!(fixture.counters.calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn throttling_that_ends_is_no_gap() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(json(400, r#"{"__type":"ThrottlingException"}"#))
        .up_to_n_times(2)
        .mount(&server)
        .await;
    Mock::given(any()).respond_with(json(200, r#"{"clusterArns":[]}"#)).mount(&server).await;
    let fixture = fixture(&server.uri(), None);
    assert_eq!(fixture.clusters().await.gap, None);
}

#[tokio::test]
async fn expired_credentials() {
    let server = server(json(400, r#"{"__type":"ExpiredTokenException"}"#)).await;
    let failure = fixture(&server.uri(), None).failure().await;
    assert_eq!(failure, (Cause::Credentials, "ExpiredTokenException".to_owned()));
}

#[tokio::test]
async fn no_answer_in_time() {
    let slow = json(200, r#"{"clusterArns":[]}"#).set_delay(Duration::from_secs(5));
    let server = server(slow).await;
    assert_eq!(fixture(&server.uri(), None).failure().await, (Cause::TimedOut, "Timeout".to_owned()));
}

#[tokio::test]
async fn broken_json_and_broken_xml() {
    let broken = server(json(200, r#"{"clusterArns":["#)).await;
    assert_eq!(fixture(&broken.uri(), None).failure().await, (Cause::Failed, "MalformedResponse".to_owned()));
    let broken = server(
        ResponseTemplate::new(200).set_body_raw("<DescribeDBInstancesResponse><DescribeDBInst", "text/xml"),
    )
    .await;
    let fixture = fixture(&broken.uri(), None);
    let gap = fixture.gap(&fixture.databases().await.expect_err("not a list without databases"));
    assert_eq!((gap.cause, gap.code.as_str()), (Cause::Failed, "MalformedResponse"));
}

#[tokio::test]
async fn server_errors() {
    let server = server(ResponseTemplate::new(500)).await;
    assert_eq!(fixture(&server.uri(), None).failure().await, (Cause::Failed, "Http500".to_owned()));
    assert_eq!(requests(&server).await, 3);
}

/// Answers every connection with these bytes and closes it.
async fn raw_server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn connections_that_close() {
    let endpoint = raw_server("").await;
    let failure = fixture(&endpoint, None).failure().await;
    assert_eq!(failure, (Cause::Failed, "ConnectionClosed".to_owned()));
}

#[tokio::test]
async fn answers_that_break_off() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\n{\"clusterArns\":[]";
    let endpoint = raw_server(answer).await;
    let (cause, code) = fixture(&endpoint, None).failure().await;
    assert_eq!(cause, Cause::Failed);
    assert!(["ConnectionClosed", "MalformedResponse"].contains(&code.as_str()), "{code}");
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let failure = fixture(&endpoint, None).failure().await;
    assert_eq!(failure, (Cause::Failed, "ConnectionRefused".to_owned()));
}

#[tokio::test]
async fn after_the_deadline_nothing_is_sent() {
    let server = server(json(200, r#"{"clusterArns":[]}"#)).await;
    let fixture = fixture(&server.uri(), Some(tokio::time::Instant::now()));
    assert_eq!(fixture.failure().await, (Cause::TimedOut, "ScanTimeout".to_owned()));
    assert_eq!(requests(&server).await, 0);
}

#[tokio::test]
async fn a_deadline_ends_calls_that_are_under_way() {
    let slow = json(200, r#"{"clusterArns":[]}"#).set_delay(Duration::from_secs(5));
    let server = server(slow).await;
    let deadline = tokio::time::Instant::now() + Duration::from_millis(100);
    let fixture = fixture(&server.uri(), Some(deadline));
    assert_eq!(fixture.failure().await, (Cause::TimedOut, "ScanTimeout".to_owned()));
}

#[tokio::test]
async fn each_keeps_the_order_and_the_bound() {
    use std::cell::Cell;
    let fixture = fixture("http://127.0.0.1:1", None);
    let (now, most) = (Cell::new(0), Cell::new(0));
    let results = fixture
        .ask
        .each(0..100_u64, |number| {
            let (now, most) = (&now, &most);
            async move {
                now.set(now.get() + 1);
                most.set(most.get().max(now.get()));
                tokio::time::sleep(Duration::from_millis(10 - number % 10)).await;
                now.set(now.get() - 1);
                number
            }
        })
        .await;
    assert_eq!(results, (0..100).collect::<Vec<_>>());
    assert!((2..=16).contains(&most.get()), "{} at once", most.get());
}
