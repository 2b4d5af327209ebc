//! Parameters by name; never a value.

use super::{Collector, Scope};
use crate::ask::Ask;
use crate::ask::listed::{filled, listed};
use crate::snapshot::Snapshot;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::ssm::{Parameter, Ssm};
use aws_sdk_ssm::{Client, types};
use std::pin::Pin;

const PARAMETERS: &Operation = named("ssm", "DescribeParameters");

/// Collects the names of parameters.
pub struct Parameters;

impl Collector for Parameters {
    fn service(&self) -> &'static str {
        "ssm"
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
            // Pages may be empty while the list goes on: only the token tells.
            let pages = ask
                .pages(
                    PARAMETERS,
                    None,
                    |token| {
                        let request = client.describe_parameters().max_results(PARAMETERS.page_size);
                        request.set_next_token(token).send()
                    },
                    |page| page.next_token.clone(),
                )
                .await;
            let parameters = listed(
                ask,
                PARAMETERS,
                pages,
                |page| page.parameters.unwrap_or_default(),
                |metadata| parameter(ask, metadata),
            );
            Snapshot { ssm: Ssm { parameters }, ..Snapshot::default() }
        })
    }
}

fn parameter(ask: &Ask, metadata: types::ParameterMetadata) -> Option<Parameter> {
    let name = metadata.name?;
    let arn = filled(metadata.arn).unwrap_or_else(|| ask.arn("ssm", &resource(&name)));
    Some(Parameter { arn, region: ask.region().to_owned(), kind: metadata.r#type?.as_str().to_owned(), name })
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
