//! What people call a resource.

use crate::arn::{self, Arn};
use crate::text::Lang;

/// What a resource is, for instance `rds:db`: the service and the resource type of its
/// ARN; `account` for an account. Empty for text that is not an ARN.
pub fn kind(resource: &str) -> String {
    let Some(parsed) = Arn::parse(resource) else {
        return String::new();
    };
    match parsed.resource.split_once(['/', ':']) {
        None if (parsed.service, parsed.resource) == ("iam", "root") => "account".to_owned(),
        Some((kind, _)) if !kind.is_empty() => format!("{}:{kind}", parsed.service),
        _ => parsed.service.to_owned(),
    }
}

/// What people call a resource. An ARN with `*` for its name stands for a list that could
/// not be asked for: every resource of its kind.
pub fn label(resource: &str, lang: Lang) -> String {
    let name = arn::display_name(resource);
    let kind = kind(resource);
    match lang {
        _ if kind.is_empty() || !name.ends_with('*') => name.to_owned(),
        Lang::En => format!("every {kind}"),
        Lang::Ja => format!("すべての {kind}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_called_what_people_call_them() {
        let prefix = "arn:aws:rds:ap-northeast-1:123456789012:";
        assert_eq!(label(&format!("{prefix}db:ec-db"), Lang::En), "ec-db");
        assert_eq!(label(&format!("{prefix}db:*"), Lang::En), "every rds:db");
        assert_eq!(label(&format!("{prefix}db:*"), Lang::Ja), "すべての rds:db");
        assert_eq!(label("arn:aws:s3:::shop-logs", Lang::En), "shop-logs");
        assert_eq!(kind("arn:aws:s3:::shop-logs"), "s3");
        assert_eq!(kind("arn:aws:iam::123456789012:root"), "account");
        assert_eq!(label("*", Lang::En), "*");
    }
}
