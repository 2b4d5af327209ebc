//! From a request to the account's answer.

use super::{ACCOUNT, Account, REGION};
use tenken::recording::refusal::refusal;
use tenken::recording::wire::{Protocol, Request};
use tenken::recording::{Reply, cbor};
use tenken::snapshot::operation::find;

impl Account {
    /// What AWS would answer. A request that it would not understand is refused.
    pub(crate) fn answer(&self, request: &Request) -> Reply {
        let body = match self.body(request) {
            Some(Ok(body)) => body,
            Some(Err((status, code))) => return refusal(request, status, code),
            None => return refusal(request, 400, "InvalidAction"),
        };
        let mut headers = vec![("content-type", request.protocol.content_type())];
        if request.protocol == Protocol::Cbor {
            headers.push(("smithy-protocol", "rpc-v2-cbor"));
        }
        Reply { status: 200, headers, body, delay: std::time::Duration::ZERO }
    }

    fn body(&self, request: &Request) -> Option<Result<Vec<u8>, (u16, &'static str)>> {
        let (service, operation) = (request.service.as_str(), request.operation.as_str());
        let token = request.token.as_deref();
        let size = page_size(request)?;
        // What distributions carried is asked where they are listed.
        let is_at_the_edge = service == "wafv2" || operation == "GetMetricData";
        let is_home = request.region == REGION || find(service, operation)?.is_global || is_at_the_edge;
        if !is_home {
            return None;
        }
        let text = |text: String| Ok(text.into_bytes());
        let json = |json: serde_json::Value| Ok(without_nulls(json).to_string().into_bytes());
        Some(match service {
            "sts" => text(identity()),
            "ec2" => {
                let list = request.parameters.get("PrefixListId").and_then(|values| values.first());
                text(self.ec2(operation, token, size, list.map(String::as_str))?)
            }
            "elasticloadbalancing" => text(self.elb(request, token, size)?),
            "rds" => text(self.rds(operation, token, size)?),
            "sns" => text(self.sns(operation, token, size)?),
            "iam" => text(self.iam(request)?),
            "s3" => self.s3(request)?.map(String::into_bytes),
            "cloudfront" => text(self.distributions(token, size)),
            "ecs" => json(self.ecs(request, token, size)?),
            "application-autoscaling" => json(self.scaling(operation, token, size)?),
            "acm" => json(self.acm(request, token, size)?),
            "wafv2" => json(self.wafv2(request, token, size)?),
            "ecr" if operation == "DescribeImages" => json(self.image()),
            // Basic scanning without filters: the settings of the repositories count.
            "ecr" if operation == "GetRegistryScanningConfiguration" => json(serde_json::json!({
                "registryId": super::ACCOUNT, "scanningConfiguration": { "scanType": "BASIC", "rules": [] },
            })),
            "ecr" => json(self.repositories(token, size)),
            "logs" => json(self.log_groups(token, size)),
            // No secret has a policy.
            "secretsmanager" if operation == "GetResourcePolicy" => json(serde_json::json!({})),
            "secretsmanager" => json(self.secrets(token, size)),
            "ssm" => json(self.parameters(token, size)),
            "servicequotas" => json(self.fargate_quota()),
            "cloudwatch" if operation == "GetMetricData" => Ok(self.metric_data(request)?),
            "cloudwatch" => Ok(cbor::from_json(&without_nulls(self.alarm_page(token, size))).ok()?),
            // A service that is newer than this account has nothing in it.
            _ if matches!(request.protocol, Protocol::Json | Protocol::RestJson) => json(nothing(request)?),
            _ => return None,
        })
    }
}

/// The answer of a list without elements; `None` where the operation lists nothing.
fn nothing(request: &Request) -> Option<serde_json::Value> {
    let list = find(&request.service, &request.operation)?.list.as_ref()?;
    Some(serde_json::json!({ (list.field): [] }))
}

/// The largest page that AWS gives.
pub(crate) fn page_size(request: &Request) -> Option<usize> {
    let size = find(&request.service, &request.operation)?.page_size;
    usize::try_from(size).ok().map(|size| size.max(1))
}

/// AWS leaves out what is not there.
fn without_nulls(mut json: serde_json::Value) -> serde_json::Value {
    if let serde_json::Value::Object(map) = &mut json {
        map.retain(|_, value| !value.is_null());
    }
    json
}

fn identity() -> String {
    super::writing::query(
        "GetCallerIdentity",
        "https://sts.amazonaws.com/doc/2011-06-15/",
        &format!(
            "<Arn>arn:aws:sts::{ACCOUNT}:assumed-role/audit/tenken</Arn><UserId>A:tenken</UserId><Account>{ACCOUNT}</Account>"
        ),
    )
}
