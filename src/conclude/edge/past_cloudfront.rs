//! Whether a load balancer can be reached past the distribution in front of it.

use super::origin::origins_of;
use super::{PastCloudFront, distributions_of, web_acl_of};
use crate::conclude::exposure::{Exposure, load_balancer_exposure};
use crate::conclude::network::{all, any, not};
use crate::snapshot::cloudfront::{Distribution, OriginHeader};
use crate::snapshot::elb::{ListenerAction, ListenerRule, LoadBalancer};
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use crate::text::Text;
use std::collections::BTreeSet;

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn past_cloudfront(snapshot: &Snapshot, lb: &LoadBalancer) -> PastCloudFront {
    let distributions = distributions_of(snapshot, lb);
    let headers = distributions.as_ref().map(|found| sent_headers(snapshot, found, lb)).unwrap_or_default();
    // CloudFront's prefix list has only CloudFront's addresses.
    let exposure = load_balancer_exposure(snapshot, lb);
    let open = open_places(lb, &headers);
    let is_asked = match &open {
        (places, _) if !places.is_empty() => Known::Yes(false),
        (_, Some(gap)) => Known::No(gap.clone()),
        (_, None) => Known::Yes(true),
    };
    let is_behind = Known::from(distributions.as_ref().map(|found| !found.is_empty()).map_err(Clone::clone));
    let is_open = all([is_behind, exposure.is_reachable.clone(), not(is_asked.clone())]);
    let is_reachable_past = match is_open {
        // What a web ACL asks for is not looked at, so that it may ask for the header.
        Known::Yes(true) => match web_acl_may_ask(snapshot, lb) {
            Ok(false) => Known::Yes(true),
            Ok(true) => Known::No(GapId::default()),
            Err(gap) => Known::No(gap),
        },
        other => other,
    };
    let names: BTreeSet<String> = headers.iter().map(|header| header.name.clone()).collect();
    let places = open.0;
    PastCloudFront {
        summary: summary(lb, &is_reachable_past, &exposure, &places, &names),
        is_reachable_from_internet: exposure.is_reachable,
        asks_for_header: is_asked,
        header_names: names.into_iter().collect(),
        open_places: match open.1 {
            Some(gap) if places.is_empty() => Known::No(gap),
            _ => Known::Yes(places),
        },
        is_reachable_past,
    }
}

/// What the distributions add to their requests to this load balancer.
pub(super) fn sent_headers<'a>(
    snapshot: &Snapshot,
    distributions: &[&'a Distribution],
    lb: &LoadBalancer,
) -> Vec<&'a OriginHeader> {
    let origins = distributions.iter().flat_map(|distribution| origins_of(snapshot, distribution, lb));
    origins.flat_map(|origin| &origin.custom_headers).collect()
}

/// Where listeners forward without asking for such a header, and what hides more places.
pub(super) fn open_places(lb: &LoadBalancer, headers: &[&OriginHeader]) -> (Vec<String>, Option<GapId>) {
    let listeners = match lb.listeners.ask() {
        Ok(listeners) => listeners,
        Err(gap) => return (Vec::new(), Some(gap)),
    };
    let (mut places, mut hidden) = (Vec::new(), None);
    for listener in listeners {
        let port = listener.port.map_or_else(|| "?".to_owned(), |port| port.to_string());
        if listener.default_actions.iter().any(forwards) {
            places.push(format!("{port}/default"));
        }
        match listener.rules.ask() {
            Ok(rules) => {
                let open = rules.iter().filter(|rule| is_open(rule, headers));
                places.extend(open.map(|rule| format!("{port}/{}", rule.priority)));
            }
            Err(gap) => hidden = hidden.or(Some(gap)),
        }
    }
    (places, hidden)
}

fn forwards(action: &ListenerAction) -> bool {
    action.kind == "forward"
}

/// Whether a rule forwards what lacks the header. One of several accepted values is enough,
/// as while the secret is changed; a bare wildcard accepts anything.
fn is_open(rule: &ListenerRule, headers: &[&OriginHeader]) -> bool {
    let asks = rule.conditions.iter().any(|condition| {
        let name = condition.header_name.as_deref().unwrap_or_default();
        let sent = headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
        condition.field == "http-header"
            && condition.values.is_empty()
            && sent.into_iter().any(|header| condition.value_fingerprints.contains(&header.value_fingerprint))
    });
    rule.actions.iter().any(forwards) && !asks
}

/// Whether a web ACL stands before the load balancer that blocks what it was not told to let
/// through: such rules often ask for the header.
fn web_acl_may_ask(snapshot: &Snapshot, lb: &LoadBalancer) -> Result<bool, GapId> {
    let Some(arn) = web_acl_of(snapshot, lb)? else { return Ok(false) };
    let acl = snapshot.wafv2.web_acls.iter().find(|acl| acl.arn == arn).ok_or_else(GapId::default)?;
    let blocks_by_default = acl.default_action.clone().map(|action| action == "block");
    let has_rule = acl.rules.clone().map(|rules| {
        let may_ask = |statement: &str| matches!(statement, "not" | "and" | "or" | "rule-group");
        rules.iter().any(|rule| rule.action != "allow" && rule.action != "count" && may_ask(&rule.statement))
    });
    any([blocks_by_default, has_rule]).ask().copied()
}

fn summary(
    lb: &LoadBalancer,
    is_reachable: &Known<bool>,
    exposure: &Exposure,
    places: &[String],
    names: &BTreeSet<String>,
) -> Text {
    let name = &lb.name;
    let listed = names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    match is_reachable {
        Known::Yes(true) => {
            let (sent_en, sent_ja) = match names.is_empty() {
                true => (
                    "the distribution sends no header that it could require".to_owned(),
                    "ディストリビューションは確認用のヘッダーを送信していない".to_owned(),
                ),
                false => (
                    format!("it does not require {listed}, which the distribution sends"),
                    format!("ディストリビューションが送信する {listed} を確認していない"),
                ),
            };
            let places = places.join(", ");
            Text::new(
                format!(
                    "{name} admits the whole internet and forwards every request (port/rule {places}): {sent_en}."
                ),
                format!(
                    "{name} はインターネット全体を許可し、届いたリクエストをそのまま転送している（ポート/ルール {places}）。{sent_ja}。"
                ),
            )
        }
        Known::Yes(false) if exposure.is_reachable == Known::Yes(false) => exposure.summary.clone(),
        Known::Yes(false) if places.is_empty() && !listed.is_empty() => Text::new(
            format!("{name} forwards only requests with the value of {listed} that the distribution sends."),
            format!(
                "{name} は、ディストリビューションが送信する {listed} の値を持つリクエストだけを転送する。"
            ),
        ),
        Known::Yes(false) => Text::new(
            format!("{name} cannot be reached except through a distribution."),
            format!("{name} にディストリビューションを経由せず到達することはできない。"),
        ),
        Known::No(_) => Text::new(
            format!("Whether {name} can be reached without going through the distribution is not known."),
            format!("{name} にディストリビューションを経由せず到達できるかは確認できない。"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conclude::network::site::{self, REGION, gap, ids, rule};
    use crate::snapshot::cloudfront::Origin;
    use crate::snapshot::ec2::PrefixList;
    use crate::snapshot::elb::{Listener, RuleCondition};
    use crate::snapshot::wafv2::{WebAcl, WebAclRule};

    fn forward() -> ListenerAction {
        ListenerAction { kind: "forward".into(), ..ListenerAction::default() }
    }

    fn fixed() -> ListenerAction {
        ListenerAction { kind: "fixed-response".into(), ..ListenerAction::default() }
    }

    /// The review's load balancer behind a distribution that sends X-Origin-Verify.
    fn behind() -> Snapshot {
        let mut snapshot = site::before();
        let balancer = &mut snapshot.elb.load_balancers.items[0];
        let mut listener = site::listener(443, "HTTPS");
        listener.default_actions = vec![forward()];
        listener.rules = Known::Yes(Vec::new());
        balancer.listeners = Known::Yes(vec![listener]);
        let header = OriginHeader { name: "X-Origin-Verify".into(), value_fingerprint: "f00d".into() };
        let origin = Origin {
            domain_name: balancer.dns_name.clone(),
            custom_headers: vec![header],
            ..Origin::default()
        };
        snapshot.cloudfront.distributions.items = vec![Distribution {
            id: "E1".into(),
            enabled: true,
            origins: vec![origin],
            ..Distribution::default()
        }];
        admit(&mut snapshot, "0.0.0.0/0");
        snapshot
    }

    fn admit(snapshot: &mut Snapshot, peer: &str) {
        snapshot.ec2.security_groups.items[0].ingress = vec![rule("tcp", 443, 443, peer)];
    }

    fn listener(snapshot: &mut Snapshot) -> &mut Listener {
        let Known::Yes(listeners) = &mut snapshot.elb.load_balancers.items[0].listeners else {
            unreachable!()
        };
        &mut listeners[0]
    }

    fn asking(name: &str, fingerprints: &[&str], values: &[&str]) -> ListenerRule {
        let condition = RuleCondition {
            field: "http-header".into(),
            header_name: Some(name.into()),
            values: ids(values),
            value_fingerprints: ids(fingerprints),
        };
        ListenerRule {
            priority: "1".into(),
            conditions: vec![condition],
            actions: vec![forward()],
            ..ListenerRule::default()
        }
    }

    fn past(snapshot: &Snapshot) -> PastCloudFront {
        past_cloudfront(snapshot, &snapshot.elb.load_balancers.items[0])
    }

    #[test]
    fn open_groups_and_no_question_are_a_way_past() {
        let found = past(&behind());
        assert_eq!(found.is_reachable_past, Known::Yes(true));
        assert_eq!(found.open_places, Known::Yes(ids(&["443/default"])));
        assert_eq!(found.header_names, ["X-Origin-Verify"]);
        assert!(found.summary.en.contains("does not require X-Origin-Verify"), "{}", found.summary.en);
    }

    #[test]
    fn the_prefix_list_of_cloudfront_closes_it() {
        let mut snapshot = behind();
        admit(&mut snapshot, "pl-cloudfront");
        snapshot.ec2.prefix_lists.items = vec![PrefixList {
            owner: "AWS".into(),
            name: "com.amazonaws.global.cloudfront.origin-facing".into(),
            ..site::prefix_list("pl-cloudfront", Known::No(gap("ec2:GetManagedPrefixListEntries")))
        }];
        let found = past(&snapshot);
        assert_eq!(
            (found.is_reachable_from_internet, found.is_reachable_past),
            (Known::Yes(false), Known::Yes(false))
        );
        snapshot.ec2.security_groups.items[0].ingress.push(rule("tcp", 0, 1000, "::/0"));
        assert_eq!(past(&snapshot).is_reachable_past, Known::Yes(false), "it has no IPv6 address");
        snapshot.ec2.security_groups.items[0].ingress.push(rule("tcp", 0, 1000, "0.0.0.0/0"));
        assert_eq!(past(&snapshot).is_reachable_past, Known::Yes(true));
        snapshot.elb.load_balancers.items[0].subnet_ids = ids(&["subnet-private-a"]);
        assert_eq!(past(&snapshot).is_reachable_past, Known::Yes(false), "no way in");
    }

    #[test]
    fn every_rule_that_forwards_must_ask_for_the_secret() {
        let mut snapshot = behind();
        listener(&mut snapshot).default_actions = vec![fixed()];
        type Rules = Vec<ListenerRule>;
        let cases: Vec<(&str, Rules, bool)> = vec![
            ("nothing is forwarded", vec![], false),
            ("the same name and value", vec![asking("x-origin-verify", &["f00d"], &[])], false),
            ("the old value as well", vec![asking("X-Origin-Verify", &["0ld", "f00d"], &[])], false),
            ("another value", vec![asking("X-Origin-Verify", &["0ld"], &[])], true),
            ("any value", vec![asking("X-Origin-Verify", &["f00d", "57a2"], &["*"])], true),
            ("another header", vec![asking("User-Agent", &["f00d"], &[])], true),
            (
                "one rule asks and one does not",
                vec![
                    asking("X-Origin-Verify", &["f00d"], &[]),
                    ListenerRule {
                        priority: "2".into(),
                        actions: vec![forward()],
                        ..ListenerRule::default()
                    },
                ],
                true,
            ),
        ];
        for (what, rules, expected) in cases {
            listener(&mut snapshot).rules = Known::Yes(rules);
            assert_eq!(past(&snapshot).is_reachable_past, Known::Yes(expected), "{what}");
        }
        assert_eq!(past(&snapshot).open_places, Known::Yes(ids(&["443/2"])));
    }

    #[test]
    fn without_a_distribution_there_is_nothing_to_get_past() {
        let mut snapshot = behind();
        snapshot.cloudfront.distributions.items[0].enabled = false;
        assert_eq!(past(&snapshot).is_reachable_past, Known::Yes(false));
        let mut snapshot = behind();
        snapshot.elb.load_balancers.items[0].scheme = "internal".into();
        assert_eq!(past(&snapshot).is_reachable_past, Known::Yes(false));
    }

    #[test]
    fn a_web_acl_that_may_ask_leaves_it_open() {
        let mut snapshot = behind();
        let acl = |default: &str, action: &str, statement: &str| WebAcl {
            arn: "arn:acl".into(),
            region: REGION.into(),
            scope: "REGIONAL".into(),
            default_action: Known::Yes(default.into()),
            rules: Known::Yes(vec![WebAclRule {
                statement: statement.into(),
                action: action.into(),
                ..WebAclRule::default()
            }]),
            load_balancer_arns: Known::Yes(vec![snapshot.elb.load_balancers.items[0].arn.clone()]),
            ..WebAcl::default()
        };
        let cases = [
            (acl("allow", "none", "managed-rule-group"), Known::Yes(true)),
            (acl("allow", "count", "not"), Known::Yes(true)),
            (acl("allow", "block", "not"), Known::No(GapId::default())),
            (acl("block", "allow", "byte-match"), Known::No(GapId::default())),
        ];
        for (acl, expected) in cases {
            snapshot.wafv2.web_acls.items = vec![acl];
            assert_eq!(past(&snapshot).is_reachable_past, expected);
        }
    }

    #[test]
    fn what_is_hidden_leaves_only_what_depends_on_it_open() {
        let denied = Known::No(gap("elasticloadbalancing:DescribeRules"));
        let mut snapshot = behind();
        listener(&mut snapshot).rules = denied.clone().map(|_: bool| Vec::new());
        assert_eq!(past(&snapshot).is_reachable_past, Known::Yes(true), "the default action decides");
        listener(&mut snapshot).default_actions = vec![fixed()];
        assert_eq!(past(&snapshot).is_reachable_past, denied);
        admit(&mut snapshot, "203.0.113.0/24");
        assert_eq!(past(&snapshot).is_reachable_past, Known::Yes(false), "the groups decide");
        let mut snapshot = behind();
        snapshot.ec2.security_groups.items.clear();
        snapshot.ec2.security_groups.incomplete = vec![gap("ec2:DescribeSecurityGroups")];
        assert_eq!(past(&snapshot).is_reachable_past, Known::No(gap("ec2:DescribeSecurityGroups")));
        let mut snapshot = behind();
        snapshot.wafv2.web_acls.incomplete = vec![gap("wafv2:ListWebACLs")];
        assert_eq!(past(&snapshot).is_reachable_past, Known::No(gap("wafv2:ListWebACLs")));
        let mut snapshot = behind();
        snapshot.cloudfront.distributions = Default::default();
        let everywhere = GapId::new("cloudfront:ListDistributions", "us-east-1", None);
        snapshot.cloudfront.distributions.incomplete = vec![everywhere.clone()];
        assert_eq!(past(&snapshot).is_reachable_past, Known::No(everywhere));
    }
}
