//! Web ACLs: those for load balancers in each region, those for CloudFront once.

mod record;

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::wafv2::{RuleGroupRule, Wafv2, WebAcl, WebAclRule};
use crate::snapshot::{GapId, Known, Listing, Snapshot};
use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::types::{LoggingConfiguration, ResourceType, Scope, WebAclSummary};
use std::collections::{BTreeMap, BTreeSet};

const WEB_ACLS: &Operation = named("wafv2", "ListWebACLs");
const WEB_ACL: &Operation = named("wafv2", "GetWebACL");
const RULE_GROUP: &Operation = named("wafv2", "GetRuleGroup");
const LOGGING: &Operation = named("wafv2", "ListLoggingConfigurations");
const RESOURCES: &Operation = named("wafv2", "ListResourcesForWebACL");

/// The web ACLs of a region.
pub(crate) async fn collect(ask: &Ask, _found: &Snapshot) -> Snapshot {
    web_acls(ask, Scope::Regional).await
}

/// The web ACLs of CloudFront, which are kept in us-east-1. Without a distribution there is nothing
/// that they could protect, and they are not asked for.
pub(crate) async fn collect_of_cloudfront(ask: &Ask, found: &Snapshot) -> Snapshot {
    let distributions = &found.cloudfront.distributions;
    if distributions.items.is_empty() {
        let web_acls = Listing::with_gaps(distributions.incomplete.clone());
        return Snapshot { wafv2: Wafv2 { web_acls }, ..Snapshot::default() };
    }
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
    // One list tells of all logs; without a web ACL there is nothing to log.
    let logging = async {
        match summaries.items.is_empty() {
            true => Listing::of(Vec::new()),
            false => logging(ask, &client, &scope).await,
        }
    };
    let (mut acls, logging) = tokio::join!(
        ask.each(summaries.items.iter(), |listed| web_acl(ask, &client, &scope, listed)),
        logging
    );
    let groups = rule_groups(ask, &client, &acls).await;
    for acl in &mut acls {
        acl.log_destination_arns = log_of(&logging, ask.region(), &acl.arn);
        if let Known::Yes(rules) = &mut acl.rules {
            rules.iter_mut().for_each(|rule| fill(rule, &groups));
        }
    }
    let web_acls = Listing { items: acls, incomplete: summaries.incomplete };
    Snapshot { wafv2: Wafv2 { web_acls }, ..Snapshot::default() }
}

/// The logs of the web ACLs of a scope.
async fn logging(ask: &Ask, client: &Client, scope: &Scope) -> Listing<(String, Vec<String>)> {
    ask.list(
        LOGGING,
        |marker| {
            let request = client.list_logging_configurations().scope(scope.clone()).limit(LOGGING.page_size);
            request.set_next_marker(marker).send()
        },
        |page| page.next_marker.clone().filter(|_| !page.logging_configurations().is_empty()),
        |page| page.logging_configurations.unwrap_or_default(),
        |log: LoggingConfiguration| Some((log.resource_arn, log.log_destination_configs)),
    )
    .await
}

fn log_of(logging: &Listing<(String, Vec<String>)>, region: &str, acl_arn: &str) -> Known<Vec<String>> {
    let mut own = logging.iter().filter(|(arn, _)| arn == acl_arn).peekable();
    if own.peek().is_none() {
        return logging.complete_in(region).map(|()| Vec::new()).into();
    }
    Known::Yes(own.flat_map(|(_, destinations)| destinations.iter().cloned()).collect())
}

type RuleGroups = BTreeMap<String, Result<Vec<RuleGroupRule>, GapId>>;

/// The rule groups that web ACLs refer to, each asked for once. Firewall Manager's and Shield's belong
/// to other accounts, which may refuse.
async fn rule_groups(ask: &Ask, client: &Client, acls: &[WebAcl]) -> RuleGroups {
    let rules = acls.iter().filter_map(|acl| acl.rules.known()).flatten();
    let arns: BTreeSet<String> = rules.filter_map(|rule| rule.rule_group_arn.known().cloned()?).collect();
    let asked = ask.each(arns, |arn| async move {
        let call = client.get_rule_group().arn(&arn).send();
        let answer = ask.once(RULE_GROUP, Some(&arn), call).await;
        let rules = answer.and_then(|answer| {
            let rules = answer.rule_group.as_ref().and_then(record::group_rules);
            rules.ok_or_else(|| ask.broken(RULE_GROUP, Some(&arn)))
        });
        (arn, rules)
    });
    asked.await.into_iter().collect()
}

fn fill(rule: &mut WebAclRule, groups: &RuleGroups) {
    if let Some(found) = rule.rule_group_arn.known().and_then(Option::as_ref).and_then(|arn| groups.get(arn))
    {
        rule.rule_group_rules = found.clone().into();
    }
}

async fn web_acl(ask: &Ask, client: &Client, scope: &Scope, listed: &Listed) -> WebAcl {
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
        arn: listed.arn.clone(),
        region: ask.region().to_owned(),
        name: listed.name.clone(),
        scope: scope.as_str().to_owned(),
        default_action,
        rules,
        load_balancer_arns,
        ..WebAcl::default()
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
