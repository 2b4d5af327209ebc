//! Private image repositories, and the images that run.

use crate::arn::Arn;
use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::ecr::{Ecr, Image, ImageName, Repository};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{GapId, Listing, Snapshot};
use aws_sdk_ecr::{Client, types};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::collections::BTreeSet;

const IMAGES: &Operation = named("ecr", "DescribeImages");
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
    Snapshot { ecr: Ecr { repositories, ..Ecr::default() }, ..Snapshot::default() }
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

/// The images in the region's private repositories that task definitions in use refer to.
pub(crate) async fn images(ask: &Ask, found: &Snapshot) -> Snapshot {
    let client = &client!(aws_sdk_ecr, ask.config());
    let definitions = &found.ecs.task_definitions;
    let containers = definitions.iter().flat_map(|definition| &definition.containers);
    let uris: BTreeSet<&str> = containers.map(|container| container.image.as_str()).collect();
    let named = uris.into_iter().filter_map(ImageName::parse);
    let own = named.filter(|image| image.account == ask.account() && image.region == ask.region());
    let items = ask
        .each(own, |image| async move {
            let about = ask.arn("ecr", &format!("repository/{}", image.repository));
            let digest = digest(ask, client, &about, &image).await;
            Image {
                uri: image.uri.to_owned(),
                region: ask.region().to_owned(),
                repository_name: image.repository.to_owned(),
                digest: digest.into(),
            }
        })
        .await;
    // A task definition that could not be read names images that are not here.
    let images = Listing { items, incomplete: definitions.incomplete.clone() };
    Snapshot { ecr: Ecr { images, ..Ecr::default() }, ..Snapshot::default() }
}

/// The digest behind a tag or digest; `None` when there is no such image, or no such repository.
async fn digest(
    ask: &Ask,
    client: &Client,
    about: &str,
    image: &ImageName<'_>,
) -> Result<Option<String>, GapId> {
    let id = types::ImageIdentifier::builder();
    let id = match image.digest {
        Some(digest) => id.image_digest(digest),
        None => id.image_tag(image.tag),
    };
    let request = client.describe_images().registry_id(image.account).repository_name(image.repository);
    let call = async {
        match request.image_ids(id.build()).send().await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.code().is_some_and(is_missing) => Ok(None),
            Err(error) => Err(error),
        }
    };
    let about = format!("{about}:{}", image.digest.unwrap_or(image.tag));
    let Some(answer) = ask.once(IMAGES, Some(&about), call).await? else { return Ok(None) };
    let details = answer.image_details.unwrap_or_default();
    let digest = details.into_iter().find_map(|detail| detail.image_digest);
    digest.map(Some).ok_or_else(|| ask.broken(IMAGES, Some(&about)))
}

fn is_missing(code: &str) -> bool {
    ["ImageNotFoundException", "RepositoryNotFoundException"].contains(&code)
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
