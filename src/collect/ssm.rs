//! Parameters by name; never a value.

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::ask::listed::filled;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::ssm::{Parameter, Ssm};
use crate::snapshot::{Known, Snapshot};
use aws_sdk_ssm::types;

const PARAMETERS: &Operation = named("ssm", "DescribeParameters");

/// The names of a region's parameters.
pub(crate) async fn collect(ask: &Ask, _found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_ssm, ask.config());
    let parameters = ask
        .list(
            PARAMETERS,
            |token| {
                // Pages may be empty while the list goes on: only the token tells.
                let request = client.describe_parameters().max_results(PARAMETERS.page_size);
                request.set_next_token(token).send()
            },
            |page| page.next_token.clone(),
            |page| page.parameters.unwrap_or_default(),
            |metadata| parameter(ask, metadata),
        )
        .await;
    Snapshot { ssm: Ssm { parameters }, ..Snapshot::default() }
}

fn parameter(ask: &Ask, metadata: types::ParameterMetadata) -> Option<Parameter> {
    let name = metadata.name?;
    let arn = filled(metadata.arn).unwrap_or_else(|| ask.arn("ssm", &resource(&name)));
    Some(Parameter {
        arn,
        region: ask.region().to_owned(),
        kind: metadata.r#type?.as_str().to_owned(),
        kms_key_id: Known::Yes(filled(metadata.key_id)),
        name,
    })
}

/// A parameter in a hierarchy has its slash already.
fn resource(name: &str) -> String {
    format!("parameter/{}", name.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slash_only() {
        assert_eq!(resource("/shop/db"), "parameter/shop/db");
        assert_eq!(resource("shop"), "parameter/shop");
    }
}
