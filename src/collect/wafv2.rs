//! Web ACLs: those for load balancers in each region, those for CloudFront once.

mod record;

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::wafv2::{Wafv2, WebAcl};
use crate::snapshot::{Known, Listing, Snapshot};
use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::types::{ResourceType, Scope, WebAclSummary};

const WEB_ACLS: &Operation = named("wafv2", "ListWebACLs");
const WEB_ACL: &Operation = named("wafv2", "GetWebACL");
const RESOURCES: &Operation = named("wafv2", "ListResourcesForWebACL");

/// The web ACLs of a region.
pub(crate) async fn collect(ask: &Ask, _found: &Snapshot) -> Snapshot {
    web_acls(ask, Scope::Regional).await
}

/// The web ACLs of CloudFront, which are kept in us-east-1.
pub(crate) async fn collect_of_cloudfront(ask: &Ask, _found: &Snapshot) -> Snapshot {
    web_acls(ask, Scope::Cloudfront).await
}

/// What the list says about a web ACL, all of it needed to ask for the rest.
struct Listed {
    arn: String,
    id: String,
    name: String,
}

async fn web_acls(ask: &Ask, scope: Scope) -> Snapshot {
    let client = client!(aws_sdk_wafv2, ask.config());
    let summaries = ask
        .list(
            WEB_ACLS,
            |marker| {
                let request = client.list_web_acls().scope(scope.clone()).limit(WEB_ACLS.page_size);
                request.set_next_marker(marker).send()
            },
            // A full last page has a marker as well; the empty page behind it ends the list.
            |page| page.next_marker.clone().filter(|_| !page.web_acls().is_empty()),
            |page| page.web_acls.unwrap_or_default(),
            |summary: WebAclSummary| Some(Listed { arn: summary.arn?, id: summary.id?, name: summary.name? }),
        )
        .await;
    let acls = ask.each(summaries.items, |listed| web_acl(ask, &client, &scope, listed)).await;
    let web_acls = Listing { items: acls, incomplete: summaries.incomplete };
    Snapshot { wafv2: Wafv2 { web_acls }, ..Snapshot::default() }
}

async fn web_acl(ask: &Ask, client: &Client, scope: &Scope, listed: Listed) -> WebAcl {
    let call = client.get_web_acl().scope(scope.clone()).id(&listed.id).name(&listed.name).send();
    let content = async {
        let answer = ask.once(WEB_ACL, Some(&listed.arn), call).await?;
        answer.web_acl.ok_or_else(|| ask.broken(WEB_ACL, Some(&listed.arn)))
    };
    let (content, load_balancer_arns) =
        tokio::join!(content, load_balancers(ask, client, scope, &listed.arn));
    let (default_action, rules) = match content {
        Ok(acl) => {
            let gap = || ask.broken(WEB_ACL, Some(&listed.arn));
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

async fn load_balancers(ask: &Ask, client: &Client, scope: &Scope, arn: &str) -> Known<Vec<String>> {
    if *scope == Scope::Cloudfront {
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
