//! Roles of tasks, and their policies.

use super::writing::{list, query, tag};
use super::{ACCOUNT, Account};
use tenken::recording::wire::Request;

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// Policies of the account's own that roles share.
const OWN_POLICIES: usize = 10;

pub(crate) fn arn_of(role: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{role}")
}

fn managed(name: &str) -> String {
    format!("arn:aws:iam::aws:policy/{name}")
}

fn document(actions: &str, resource: &str) -> String {
    let json = format!(
        "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":{actions},\
         \"Resource\":\"{resource}\"}}]}}"
    );
    encoded(&json)
}

/// Tasks may take every role on.
fn trust() -> String {
    encoded(
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\
         \"Principal\":{\"Service\":\"ecs-tasks.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}",
    )
}

fn encoded(json: &str) -> String {
    let encode = |byte: u8| match byte {
        plain if plain.is_ascii_alphanumeric() || b"-._~".contains(&plain) => char::from(plain).to_string(),
        other => format!("%{other:02X}"),
    };
    json.bytes().map(encode).collect()
}

impl Account {
    pub(crate) fn task_role_arn(&self, service: usize) -> String {
        match service {
            _ if self.has("ecs-task-role-administrator", service) => arn_of(&format!("admin-{service}")),
            _ if self.has("ecs-role-reads-every-secret", service) => arn_of(&format!("reader-{service}")),
            _ => arn_of(&format!("task-{}", service % self.task_roles())),
        }
    }

    pub(crate) fn iam(&self, request: &Request) -> Option<String> {
        let parameter = |name: &str| request.parameters.get(name)?.first().map(String::as_str);
        let operation = request.operation.as_str();
        let content = match operation {
            "ListAttachedRolePolicies" => {
                let role = parameter("RoleName")?;
                let arn = match role.split_once('-') {
                    Some(("admin", _)) => managed("AdministratorAccess"),
                    Some(("reader", _)) => managed("SecretsManagerReadWrite"),
                    Some((_, number)) => {
                        let number: usize = number.parse().ok()?;
                        format!("arn:aws:iam::{ACCOUNT}:policy/shop-{}", number % OWN_POLICIES)
                    }
                    None => managed("service-role/AmazonECSTaskExecutionRolePolicy"),
                };
                let name = arn.rsplit('/').next().unwrap_or_default();
                let item = tag("PolicyName", name) + &tag("PolicyArn", &arn);
                list("AttachedPolicies", "member", [item]) + "<IsTruncated>false</IsTruncated>"
            }
            "GetRole" => {
                let name = parameter("RoleName")?;
                let trust = tag("AssumeRolePolicyDocument", trust());
                let named = tag("RoleName", name) + &tag("Arn", arn_of(name));
                tag(
                    "Role",
                    named
                        + "<Path>/</Path><RoleId>AROA</RoleId><CreateDate>2025-01-01T00:00:00Z</CreateDate>"
                        + &trust,
                )
            }
            "ListRolePolicies" => {
                let has_inline = parameter("RoleName")?.starts_with("task-");
                let names = has_inline.then(|| "assets".to_owned());
                list("PolicyNames", "member", names) + "<IsTruncated>false</IsTruncated>"
            }
            "GetRolePolicy" => format!(
                "<RoleName>{}</RoleName><PolicyName>assets</PolicyName><PolicyDocument>{}</PolicyDocument>",
                parameter("RoleName")?,
                document("[\"s3:GetObject\",\"s3:PutObject\"]", "arn:aws:s3:::shop-assets/*"),
            ),
            "GetPolicy" => {
                let arn = tag("Arn", parameter("PolicyArn")?);
                tag("Policy", arn + "<DefaultVersionId>v3</DefaultVersionId>")
            }
            "GetPolicyVersion" => {
                let document = document("\"sqs:SendMessage\"", "arn:aws:sqs:*:*:shop-*");
                let version = tag("Document", document) + "<VersionId>v3</VersionId>";
                tag("PolicyVersion", version)
            }
            _ => return None,
        };
        Some(query(operation, NAMESPACE, &content))
    }
}
