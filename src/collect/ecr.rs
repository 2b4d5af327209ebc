//! Private image repositories.

use super::{Collector, Scope};
use crate::ask::Ask;
use crate::ask::listed::listed;
use crate::snapshot::Snapshot;
use crate::snapshot::ecr::{Ecr, Repository};
use crate::snapshot::operation::{Operation, named};
use aws_sdk_ecr::{Client, types};
use std::pin::Pin;

const REPOSITORIES: &Operation = named("ecr", "DescribeRepositories");

/// Collects image repositories.
pub struct Repositories;

impl Collector for Repositories {
    fn service(&self) -> &'static str {
        "ecr"
    }

    fn scope(&self) -> Scope {
        Scope::Regional
    }

    fn collect<'a>(
        &'a self,
        ask: &'a Ask,
        _found: &'a Snapshot,
    ) -> Pin<Box<dyn Future<Output = Snapshot> + 'a>> {
        Box::pin(async move {
            let client = Client::new(ask.config());
            let pages = ask
                .pages(
                    REPOSITORIES,
                    None,
                    |token| {
                        let request = client.describe_repositories().max_results(REPOSITORIES.page_size);
                        request.set_next_token(token).send()
                    },
                    |page| page.next_token.clone(),
                )
                .await;
            let repositories = listed(
                ask,
                REPOSITORIES,
                pages,
                |page| page.repositories.unwrap_or_default(),
                |item| repository(ask.region(), item),
            );
            Snapshot { ecr: Ecr { repositories }, ..Snapshot::default() }
        })
    }
}

fn repository(region: &str, repository: types::Repository) -> Option<Repository> {
    Some(Repository {
        arn: repository.repository_arn?,
        region: region.to_owned(),
        name: repository.repository_name?,
        uri: repository.repository_uri?,
        // CreateRepository documents off and MUTABLE for repositories that say nothing.
        scan_on_push: repository.image_scanning_configuration.is_some_and(|scanning| scanning.scan_on_push),
        tag_mutability: repository
            .image_tag_mutability
            .map_or("MUTABLE".to_owned(), |mutability| mutability.as_str().to_owned()),
    })
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
}
