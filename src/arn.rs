//! Amazon Resource Names, taken apart and put together.
//!
//! Format: `arn:partition:service:region:account:resource`, where the resource part
//! may itself contain colons and slashes.

/// The parts of an ARN, borrowed from the text they were read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: &'a str,
    /// The service's namespace, for instance `elasticloadbalancing`.
    pub service: &'a str,
    /// Empty for global services.
    pub region: &'a str,
    /// Empty where AWS leaves it out (S3).
    pub account: &'a str,
    /// Everything after the account.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart; `None` when the text is not one.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let (partition, service) = (parts.next()?, parts.next()?);
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        if partition.is_empty() || service.is_empty() || resource.is_empty() {
            return None;
        }
        Some(Arn { partition, service, region, account, resource })
    }

    /// The last segment of the resource part: the name people know the resource by.
    pub(crate) fn name(&self) -> &'a str {
        self.resource.rsplit(['/', ':']).next().unwrap_or(self.resource)
    }
}

/// Puts an ARN together.
pub fn arn(partition: &str, service: &str, region: &str, account: &str, resource: &str) -> String {
    format!("arn:{partition}:{service}:{region}:{account}:{resource}")
}

/// How people call the resource: what follows the resource type in its ARN, with the
/// random tail of load balancer ARNs cut off; of an account's root, the account. Text that is not an
/// ARN comes back whole.
pub fn display_name(text: &str) -> &str {
    let Some(parsed) = Arn::parse(text) else {
        return text;
    };
    let resource = parsed.resource;
    if parsed.service == "elasticloadbalancing" {
        // loadbalancer/app/NAME/ID, targetgroup/NAME/ID, listener/app/NAME/ID/ID
        let mut segments = resource.split('/');
        let name = match segments.next() {
            Some("targetgroup") => segments.next(),
            Some("loadbalancer" | "listener") => segments.nth(1),
            _ => None,
        };
        return name.unwrap_or(resource);
    }
    if (parsed.service, resource) == ("iam", "root") {
        return parsed.account;
    }
    if parsed.service == "wafv2" {
        // regional/webacl/NAME/ID
        return resource.split('/').nth(2).filter(|name| !name.is_empty()).unwrap_or(resource);
    }
    match resource.split_once(['/', ':']) {
        Some((_, rest)) if !rest.is_empty() => rest,
        _ => resource,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_apart_and_names() {
        let text = "arn:aws:ecs:ap-northeast-1:123456789012:service/shop/shop-api";
        let parsed = Arn::parse(text).unwrap();
        assert_eq!(parsed.service, "ecs");
        assert_eq!(parsed.name(), "shop-api");
        assert_eq!(display_name(text), "shop/shop-api");
        assert_eq!(arn("aws", "ecs", "ap-northeast-1", "123456789012", parsed.resource), text);
    }

    #[test]
    fn load_balancer_names_lose_their_random_tail() {
        let prefix = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:";
        assert_eq!(display_name(&format!("{prefix}loadbalancer/app/shop-alb/50dc6c495c0c9188")), "shop-alb");
        assert_eq!(display_name(&format!("{prefix}targetgroup/shop-tg/50dc6c495c0c9188")), "shop-tg");
        assert_eq!(display_name(&format!("{prefix}listener/app/shop-alb/50dc/77aa")), "shop-alb");
    }

    #[test]
    fn an_account_is_called_by_its_number() {
        assert_eq!(display_name("arn:aws:iam::123456789012:root"), "123456789012");
    }

    #[test]
    fn web_acls_are_called_by_their_names() {
        let prefix = "arn:aws:wafv2:ap-northeast-1:123456789012:";
        assert_eq!(display_name(&format!("{prefix}regional/webacl/shop-waf/6d324475-8a21")), "shop-waf");
        assert_eq!(display_name(&format!("{prefix}regional/webacl/*")), "*");
        assert_eq!(display_name(&format!("{prefix}*")), "*");
    }

    #[test]
    fn refuses_what_is_not_an_arn() {
        for text in ["", "arn", "arn:aws", "arn:aws:s3:::", "urn:aws:s3:::bucket"] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
        assert_eq!(display_name("shop"), "shop");
    }
}
