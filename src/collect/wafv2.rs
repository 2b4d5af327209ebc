//! Web ACLs: those for load balancers in each region, those for CloudFront once.

mod record;

use super::{Collector, Scope};
use crate::ask::Ask;
use crate::ask::listed::{broken, listed};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::wafv2::{Wafv2, WebAcl};
use crate::snapshot::{Known, Listing, Snapshot};
use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::types::{ResourceType, Scope as WafScope, WebAclSummary};
use std::pin::Pin;

const WEB_ACLS: &Operation = named("wafv2", "ListWebACLs");
const WEB_ACL: &Operation = named("wafv2", "GetWebACL");
const RESOURCES: &Operation = named("wafv2", "ListResourcesForWebACL");

/// Collects the web ACLs of a region.
pub struct RegionalWebAcls;

/// Collects the web ACLs of CloudFront, which are kept in us-east-1.
pub struct CloudfrontWebAcls;

impl Collector for RegionalWebAcls {
    fn service(&self) -> &'static str {
        "wafv2"
    }

    fn scope(&self) -> Scope {
        Scope::Regional
    }

    fn collect<'a>(
        &'a self,
        ask: &'a Ask,
        _found: &'a Snapshot,
    ) -> Pin<Box<dyn Future<Output = Snapshot> + 'a>> {
        Box::pin(web_acls(ask, WafScope::Regional))
    }
}

impl Collector for CloudfrontWebAcls {
    fn service(&self) -> &'static str {
        "wafv2"
    }

    fn scope(&self) -> Scope {
        Scope::Global
    }

    fn collect<'a>(
        &'a self,
        ask: &'a Ask,
        _found: &'a Snapshot,
    ) -> Pin<Box<dyn Future<Output = Snapshot> + 'a>> {
        Box::pin(web_acls(ask, WafScope::Cloudfront))
    }
}

/// What the list says about a web ACL, all of it needed to ask for the rest.
struct Listed {
    arn: String,
    id: String,
    name: String,
}

async fn web_acls(ask: &Ask, scope: WafScope) -> Snapshot {
    let client = Client::new(ask.config());
    let pages = ask
        .pages(
            WEB_ACLS,
            None,
            |marker| {
                client
                    .list_web_acls()
                    .scope(scope.clone())
                    .limit(WEB_ACLS.page_size)
                    .set_next_marker(marker)
                    .send()
            },
            // A full last page has a marker as well; the empty page behind it ends the list.
            |page| page.next_marker.clone().filter(|_| !page.web_acls().is_empty()),
        )
        .await;
    let summary =
        |summary: WebAclSummary| Some(Listed { arn: summary.arn?, id: summary.id?, name: summary.name? });
    let summaries = listed(ask, WEB_ACLS, pages, |page| page.web_acls.unwrap_or_default(), summary);
    let acls = ask.each(summaries.items, |listed| web_acl(ask, &client, &scope, listed)).await;
    let web_acls = Listing { items: acls, incomplete: summaries.incomplete };
    Snapshot { wafv2: Wafv2 { web_acls }, ..Snapshot::default() }
}

async fn web_acl(ask: &Ask, client: &Client, scope: &WafScope, listed: Listed) -> WebAcl {
    let call = client.get_web_acl().scope(scope.clone()).id(&listed.id).name(&listed.name).send();
    let content = async {
        let answer = ask.once(WEB_ACL, Some(&listed.arn), call).await?;
        answer.web_acl.ok_or_else(|| broken(ask, WEB_ACL, Some(&listed.arn)))
    };
    let (content, load_balancer_arns) =
        tokio::join!(content, load_balancers(ask, client, scope, &listed.arn));
    let (default_action, rules) = match content {
        Ok(acl) => {
            let gap = || broken(ask, WEB_ACL, Some(&listed.arn));
            let default_action = record::default_action(&acl).ok_or_else(gap);
            (Known::from(default_action), Known::from(record::rules(&acl).ok_or_else(gap)))
        }
        Err(gap) => (Known::No(gap.clone()), Known::No(gap)),
    };
    WebAcl {
        arn: listed.arn,
        region: ask.region().to_owned(),
        name: listed.name,
        scope: scope.as_str().to_owned(),
        default_action,
        rules,
        load_balancer_arns,
    }
}

async fn load_balancers(ask: &Ask, client: &Client, scope: &WafScope, arn: &str) -> Known<Vec<String>> {
    if *scope == WafScope::Cloudfront {
        return Known::Yes(Vec::new());
    }
    let call = client
        .list_resources_for_web_acl()
        .web_acl_arn(arn)
        .resource_type(ResourceType::ApplicationLoadBalancer)
        .send();
    let answer = ask.once(RESOURCES, Some(arn), call).await;
    answer.map(|answer| answer.resource_arns.unwrap_or_default()).into()
}
