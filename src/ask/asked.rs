//! What a request asks for, in the SDK's own words.
//!
//! Recordings name an answer's file by service and operation. Of many protocols the wire does
//! not show them, only a method and a path. The SDK knows: an interceptor of every client of
//! the audit puts them where the HTTP connector, which sees nothing but the request, finds them.

use crate::recording::wire::{operation_of, service_of};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::SigningName;

/// The API of Classic Load Balancers, as its crate names it.
const CLASSIC: &str = "Elastic Load Balancing";

/// What a request of the audit asks for: an extension of the request, which is not sent. The
/// requests of other clients, for instance of those that get credentials, have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The service as its IAM actions name it.
    pub service: String,
    /// The operation as the API names it.
    pub operation: String,
}

/// Gives each request of a client its [`Asked`].
#[derive(Debug)]
pub(crate) struct SayWhatIsAsked;

impl Intercept for SayWhatIsAsked {
    fn name(&self) -> &'static str {
        "SayWhatIsAsked"
    }

    // For each attempt, of which the SDK makes a request of its own without extensions.
    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (Some(metadata), Some(signing_name)) =
            (config.load::<Metadata>(), config.load::<SigningName>())
        {
            let service = service_of(signing_name.as_ref()).to_owned();
            let is_classic = metadata.service() == CLASSIC;
            let operation = operation_of(metadata.name(), is_classic).to_owned();
            let asked = Asked { service, operation };
            context.request_mut().add_extension(asked);
        }
        Ok(())
    }
}

/// What a client of an SDK's crate is built from, with [`SayWhatIsAsked`]: `client_config!(aws_sdk_s3, ask.config())`.
macro_rules! client_config {
    ($sdk:ident, $config:expr) => {
        $sdk::config::Builder::from($config).interceptor($crate::ask::asked::SayWhatIsAsked)
    };
}

/// A client of an SDK's crate for the audit: `client!(aws_sdk_ec2, ask.config())`.
macro_rules! client {
    ($sdk:ident, $config:expr) => {
        $sdk::Client::from_conf($crate::ask::asked::client_config!($sdk, $config).build())
    };
}

pub(crate) use {client, client_config};

#[cfg(test)]
mod tests {
    use super::*;
    use aws_config::BehaviorVersion;
    use aws_config::retry::RetryConfig;
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;
    use aws_smithy_async::rt::sleep::TokioSleep;
    use aws_smithy_async::time::SystemTimeSource;
    use aws_smithy_runtime_api::client::http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    };
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_types::body::SdkBody;
    use aws_types::SdkConfig;
    use aws_types::region::Region;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    /// Notes what each request says, and answers that the server is broken.
    #[derive(Debug, Clone, Default)]
    struct Notes(Arc<Mutex<Vec<Option<Asked>>>>);

    impl HttpClient for Notes {
        fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
            SharedHttpConnector::new(self.clone())
        }
    }

    impl HttpConnector for Notes {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            assert!(request.headers().iter().all(|(name, _)| !name.contains("tenken")), "it is not sent");
            self.0.lock().unwrap().push(request.extension::<Asked>().cloned());
            let answer = HttpResponse::new(500.try_into().unwrap(), SdkBody::from("{}"));
            HttpConnectorFuture::ready(Ok(answer))
        }
    }

    fn config(notes: &Notes) -> SdkConfig {
        let credentials = Credentials::new("KEY", "secret", None, None, "test");
        let retry =
            RetryConfig::standard().with_max_attempts(2).with_initial_backoff(Duration::from_millis(1));
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(SharedHttpClient::new(notes.clone()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .region(Region::from_static("eu-west-1"))
            .retry_config(retry)
            .sleep_impl(TokioSleep::new())
            .time_source(SystemTimeSource::new())
            .build()
    }

    #[tokio::test]
    async fn every_attempt_says_what_it_asks_whatever_the_protocol() {
        let notes = Notes::default();
        let config = config(&notes);
        let cloudwatch = client!(aws_sdk_cloudwatch, &config).describe_alarms().send().await;
        let ec2 = client!(aws_sdk_ec2, &config).describe_vpcs().send().await;
        let ecs = client!(aws_sdk_ecs, &config).list_clusters().send().await;
        let elb = client!(aws_sdk_elasticloadbalancingv2, &config).describe_load_balancers().send().await;
        let classic = client!(aws_sdk_elasticloadbalancing, &config).describe_load_balancers().send().await;
        let s3 = client!(aws_sdk_s3, &config).get_public_access_block().bucket("logs").send().await;
        assert!(
            cloudwatch.is_err()
                && ec2.is_err()
                && ecs.is_err()
                && elb.is_err()
                && classic.is_err()
                && s3.is_err()
        );
        let said: Vec<String> = std::mem::take(&mut *notes.0.lock().unwrap())
            .into_iter()
            .map(|asked| asked.map_or("nothing".to_owned(), |asked| asked.service + ":" + &asked.operation))
            .collect();
        let twice = [
            "cloudwatch:DescribeAlarms",
            "ec2:DescribeVpcs",
            "ecs:ListClusters",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeClassicLoadBalancers",
            "s3:GetPublicAccessBlock",
        ]
        .map(|operation| [operation, operation]);
        assert_eq!(said, twice.concat());
    }

    #[tokio::test]
    async fn clients_of_others_say_nothing() {
        let notes = Notes::default();
        let sts = aws_sdk_sts::Client::new(&config(&notes));
        assert!(sts.assume_role().role_arn("arn").role_session_name("x").send().await.is_err());
        assert_eq!(*notes.0.lock().unwrap(), [None, None]);
    }
}
