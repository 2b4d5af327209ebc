//! Private image repositories.

use crate::arn::Arn;
use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::Snapshot;
use crate::snapshot::ecr::{Ecr, Repository};
use crate::snapshot::operation::{Operation, named};
use aws_sdk_ecr::types;

const REPOSITORIES: &Operation = named("ecr", "DescribeRepositories");

/// The image repositories of a region.
pub(crate) async fn collect(ask: &Ask, _found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_ecr, ask.config());
    let repositories = ask
        .list(
            REPOSITORIES,
            |token| {
                let request = client.describe_repositories().max_results(REPOSITORIES.page_size);
                request.set_next_token(token).send()
            },
            |page| page.next_token.clone(),
            |page| page.repositories.unwrap_or_default(),
            |item| repository(ask.region(), item),
        )
        .await;
    Snapshot { ecr: Ecr { repositories }, ..Snapshot::default() }
}

fn repository(region: &str, repository: types::Repository) -> Option<Repository> {
    let arn = repository.repository_arn?;
    let name = repository.repository_name?;
    Some(Repository {
        uri: repository.repository_uri.or_else(|| uri(&arn, &name))?,
        arn,
        region: region.to_owned(),
        name,
        // CreateRepository documents off and MUTABLE for repositories that say nothing.
        scan_on_push: repository.image_scanning_configuration.is_some_and(|scanning| scanning.scan_on_push),
        tag_mutability: repository
            .image_tag_mutability
            .map_or("MUTABLE".to_owned(), |mutability| mutability.as_str().to_owned()),
    })
}

/// The address of a private repository, as Amazon ECR documents it, where an answer leaves it out.
fn uri(arn: &str, name: &str) -> Option<String> {
    let arn = Arn::parse(arn)?;
    let domain = if arn.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    Some(format!("{}.dkr.ecr.{}.{domain}/{name}", arn.account, arn.region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_documented_where_nothing_is_said() {
        let answer = types::Repository::builder()
            .repository_arn("arn:1")
            .repository_name("shop")
            .repository_uri("uri");
        let plain = repository("ap-northeast-1", answer.clone().build()).unwrap();
        assert_eq!((plain.scan_on_push, plain.tag_mutability.as_str()), (false, "MUTABLE"));
        let scanning = types::ImageScanningConfiguration::builder().scan_on_push(true).build();
        let strict = answer
            .image_scanning_configuration(scanning)
            .image_tag_mutability(types::ImageTagMutability::Immutable)
            .build();
        let strict = repository("ap-northeast-1", strict).unwrap();
        assert_eq!((strict.scan_on_push, strict.tag_mutability.as_str()), (true, "IMMUTABLE"));
    }

    #[test]
    fn has_an_address_whether_it_is_said_or_not() {
        let answer = types::Repository::builder()
            .repository_arn("arn:aws:ecr:us-west-2:012345678910:repository/ubuntu")
            .repository_name("ubuntu")
            .build();
        let found = repository("us-west-2", answer).unwrap();
        assert_eq!(found.uri, "012345678910.dkr.ecr.us-west-2.amazonaws.com/ubuntu");
    }
}
