//! Image repositories: what ECR says about their settings, and which images are in them.

use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of ECR.
    pub struct Ecr {
        /// Private repositories (DescribeRepositories).
        pub repositories: Listing<Repository>,
        /// The images in the account's private repositories that task definitions in use refer to
        /// (DescribeImages).
        #[serde(default)]
        pub images: Listing<Image>,
        /// The private registry of each region that has repositories (GetRegistryScanningConfiguration).
        #[serde(default)]
        pub registries: Listing<Registry>,
    }

    /// How the images of a region's private registry are scanned.
    pub struct Registry {
        /// The account that owns it.
        pub id: String,
        /// The region.
        pub region: String,
        /// BASIC, or ENHANCED for Amazon Inspector.
        pub scan_type: String,
        /// Which repositories are scanned, and when. Without any, basic scanning goes by the
        /// repositories' own settings.
        pub scan_rules: Vec<ScanRule>,
    }

    /// Which repositories are scanned at one frequency.
    pub struct ScanRule {
        /// SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL.
        pub scan_frequency: String,
        /// Names of repositories with * for any characters; one without * stands for every name that
        /// contains it.
        pub repository_filters: Vec<String>,
    }

    /// A repository.
    pub struct Repository {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// For instance 123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/shop-api.
        pub uri: String,
        /// The repository's own setting for scanning on push, which the rules of the registry replace.
        pub scan_on_push: bool,
        /// What ECR makes of both where they contradict each other: SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL
        /// (BatchGetRepositoryScanningConfiguration); null where they do not, and nobody asked.
        #[serde(default)]
        pub scan_frequency: Known<Option<String>>,
        /// MUTABLE, IMMUTABLE, or one of those with exclusions.
        pub tag_mutability: String,
    }

    /// An image that a task definition refers to, whether it is there or not.
    pub struct Image {
        /// As the task definition writes it.
        pub uri: String,
        /// The region of its repository.
        pub region: String,
        /// The repository's name.
        pub repository_name: String,
        /// The digest of the image that is there now; null where there is none (DescribeImages).
        pub digest: Known<Option<String>>,
    }
}

/// An image in a private repository of ECR, as a task definition names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ImageName<'a> {
    /// The whole name.
    pub uri: &'a str,
    /// The account of the registry.
    pub account: &'a str,
    /// Its region.
    pub region: &'a str,
    /// The repository.
    pub repository: &'a str,
    /// The tag; `latest` where none is named.
    pub tag: &'a str,
    /// The digest, which then decides.
    pub digest: Option<&'a str>,
}

impl<'a> ImageName<'a> {
    /// `None` for images elsewhere.
    ///
    /// Registries are `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, `ACCOUNT.dkr.ecr-fips.…` or
    /// `ACCOUNT.dkr-ecr.REGION.on.aws`.
    pub(crate) fn parse(uri: &'a str) -> Option<Self> {
        let (host, path) = uri.split_once('/')?;
        let (account, rest) = host.split_once(".dkr")?;
        let rest = rest.strip_prefix(".ecr").or_else(|| rest.strip_prefix("-ecr"))?;
        let rest = rest.strip_prefix("-fips").unwrap_or(rest).strip_prefix('.')?;
        let (region, domain) = rest.split_once('.')?;
        let is_of_aws = ["amazonaws.com", "amazonaws.com.cn", "on.aws"].contains(&domain);
        if !is_of_aws || account.len() != 12 || !account.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let (path, digest) = match path.split_once('@') {
            Some((path, digest)) => (path, Some(digest)),
            None => (path, None),
        };
        let (repository, tag) = path.split_once(':').unwrap_or((path, "latest"));
        Some(ImageName { uri, account, region, repository, tag, digest })
    }
}

impl Registry {
    /// The rule that decides about a repository, and its filter that matches. Continuous scanning goes
    /// before scanning on push (Amazon ECR User Guide, filters).
    pub(crate) fn rule_for(&self, repository: &str) -> Option<(&ScanRule, &str)> {
        let matching = self.scan_rules.iter().filter_map(|rule| {
            let filter = rule.repository_filters.iter().find(|filter| matches(filter, repository))?;
            Some((rule, filter.as_str()))
        });
        matching.min_by_key(|(rule, _)| match rule.scan_frequency.as_str() {
            CONTINUOUS_SCAN => 0,
            SCAN_ON_PUSH => 1,
            _ => 2,
        })
    }
}

/// The frequency of images that are scanned when they are pushed.
pub(crate) const SCAN_ON_PUSH: &str = "SCAN_ON_PUSH";

/// The frequency of images that are scanned again whenever a vulnerability becomes known.
pub(crate) const CONTINUOUS_SCAN: &str = "CONTINUOUS_SCAN";

/// A filter without `*` stands for every name that contains it; with `*`, it must match the whole name.
fn matches(filter: &str, name: &str) -> bool {
    let mut parts = filter.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(last) = parts.next_back() else {
        return name.contains(first);
    };
    let Some(mut rest) = name.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else {
        return false;
    };
    parts.all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    operation(
        "ecr",
        "BatchGetRepositoryScanningConfiguration",
        &["ecr:BatchGetRepositoryScanningConfiguration"],
        bucket("ecr", 10, 10),
        25,
    )
    .told_apart_by(&[]),
    // Asked about one image at a time: where one of several is missing, AWS answers for none.
    operation("ecr", "DescribeImages", &["ecr:DescribeImages"], bucket("ecr", 10, 10), 0),
    operation("ecr", "DescribeRepositories", &["ecr:DescribeRepositories"], bucket("ecr", 10, 10), 1000)
        .list("repositories", "nextToken"),
    operation(
        "ecr",
        "GetRegistryScanningConfiguration",
        &["ecr:GetRegistryScanningConfiguration"],
        bucket("ecr", 10, 10),
        0,
    ),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    ("ecr.repositories", &["ecr:DescribeRepositories"]),
    (
        "ecr.images",
        &[
            "ecs:ListClusters",
            "ecs:ListServices",
            "ecs:DescribeServices",
            "ecs:ListTasks",
            "ecs:DescribeTasks",
            "ecs:DescribeTaskDefinition",
            "events:ListRules",
            "events:ListRuleNamesByTarget",
            "events:ListTargetsByRule",
            "scheduler:ListSchedules",
            "scheduler:GetSchedule",
        ],
    ),
    ("Image.digest", &["ecr:DescribeImages"]),
    ("ecr.registries", &["ecr:DescribeRepositories", "ecr:GetRegistryScanningConfiguration"]),
    (
        "Repository.scan_frequency",
        &["ecr:GetRegistryScanningConfiguration", "ecr:BatchGetRepositoryScanningConfiguration"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_of_private_repositories() {
        let uri = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/team/shop-api:v1";
        let name = ImageName {
            uri,
            account: "123456789012",
            region: "ap-northeast-1",
            repository: "team/shop-api",
            tag: "v1",
            digest: None,
        };
        assert_eq!(ImageName::parse(uri), Some(name));
        let pinned = "123456789012.dkr-ecr.ap-northeast-1.on.aws/team/shop-api@sha256:ab";
        assert_eq!(
            ImageName::parse(pinned),
            Some(ImageName { uri: pinned, tag: "latest", digest: Some("sha256:ab"), ..name })
        );
        assert_eq!(
            ImageName::parse("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com/a").map(|name| name.region),
            Some("us-east-1")
        );
        for elsewhere in [
            "nginx",
            "nginx:1.27",
            "library/nginx",
            "public.ecr.aws/nginx/nginx:1",
            "ghcr.io/a/b",
            "123456789012.dkr.ecr.us-east-1.example.com/a",
        ] {
            assert_eq!(ImageName::parse(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn filters_match_as_ecr_documents_them() {
        // The table of "Filters to choose which repositories are scanned in Amazon ECR".
        let names = ["prod", "repo-prod", "prod-repo", "repo-prod-repo", "prodrepo"];
        for (filter, expected) in [
            ("prod", [true, true, true, true, true]),
            ("*prod", [true, true, false, false, false]),
            ("prod*", [true, false, true, false, true]),
            ("*prod*", [true, true, true, true, true]),
            ("prod*repo", [false, false, true, false, true]),
            ("*", [true, true, true, true, true]),
            ("*-*-*", [false, false, false, true, false]),
        ] {
            assert_eq!(names.map(|name| matches(filter, name)), expected, "{filter}");
        }
        assert!(!matches("pro*od", "prod"), "parts do not overlap");
    }

    #[test]
    fn continuous_scanning_goes_first() {
        let rule = |frequency: &str, filter: &str| ScanRule {
            scan_frequency: frequency.into(),
            repository_filters: vec![filter.into()],
        };
        let rules = vec![rule("MANUAL", "*"), rule("SCAN_ON_PUSH", "shop"), rule("CONTINUOUS_SCAN", "*-api")];
        let registry = Registry { scan_rules: rules, ..Registry::default() };
        let decides =
            |name: &str| registry.rule_for(name).map(|(rule, filter)| (rule.scan_frequency.as_str(), filter));
        assert_eq!(decides("shop-api"), Some(("CONTINUOUS_SCAN", "*-api")));
        assert_eq!(decides("shop-batch"), Some(("SCAN_ON_PUSH", "shop")));
        assert_eq!(decides("tools"), Some(("MANUAL", "*")));
        assert_eq!(Registry::default().rule_for("tools"), None);
    }
}
