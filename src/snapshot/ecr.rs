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
        /// Whether images are scanned when pushed.
        pub scan_on_push: bool,
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

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    // Asked about one image at a time: where one of several is missing, AWS answers for none.
    operation("ecr", "DescribeImages", &["ecr:DescribeImages"], bucket("ecr", 10, 10), 0),
    operation("ecr", "DescribeRepositories", &["ecr:DescribeRepositories"], bucket("ecr", 10, 10), 1000)
        .list("repositories", "nextToken"),
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
        ],
    ),
    ("Image.digest", &["ecr:DescribeImages"]),
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
}
