use super::*;
use crate::conclude::network::site::{self, REGION};
use crate::snapshot::cloudfront::Origin;
use crate::snapshot::wafv2::WebAclRule;

const ACL: &str = "arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/shop/1";

fn acl(load_balancer_arns: Known<Vec<String>>, rules: Vec<WebAclRule>) -> WebAcl {
    WebAcl {
        arn: ACL.into(),
        region: REGION.into(),
        name: "shop".into(),
        scope: "REGIONAL".into(),
        default_action: Known::Yes("allow".into()),
        rules: Known::Yes(rules),
        load_balancer_arns,
        ..WebAcl::default()
    }
}

fn edge(snapshot: &Snapshot) -> LoadBalancerEdge {
    load_balancer_edge(snapshot, &snapshot.elb.load_balancers.items[0])
}

fn distribution(id: &str, origin: &str) -> Distribution {
    Distribution {
        id: id.into(),
        region: "us-east-1".into(),
        enabled: true,
        origins: vec![Origin { domain_name: origin.into(), ..Default::default() }],
        ..Default::default()
    }
}

#[test]
fn a_web_acl_on_the_load_balancer() {
    let mut snapshot = site::before();
    assert_eq!(edge(&snapshot).has_web_acl, Known::Yes(false));
    assert_eq!(edge(&snapshot).web_acl_arn, Known::Yes(None));
    let arn = snapshot.elb.load_balancers.items[0].arn.clone();
    snapshot.wafv2.web_acls.items = vec![acl(Known::Yes(vec!["arn:other".into()]), Vec::new())];
    assert_eq!(edge(&snapshot).has_web_acl, Known::Yes(false));
    snapshot.wafv2.web_acls.items = vec![acl(Known::Yes(vec![arn.clone()]), Vec::new())];
    assert_eq!(edge(&snapshot).web_acl_arn, Known::Yes(Some(ACL.into())));
    snapshot.wafv2.web_acls.items[0].scope = "CLOUDFRONT".into();
    assert_eq!(edge(&snapshot).has_web_acl, Known::Yes(false));
}

#[test]
fn hidden_web_acls_matter_only_where_none_is_found() {
    let mut snapshot = site::before();
    let arn = snapshot.elb.load_balancers.items[0].arn.clone();
    let listed = GapId::new("wafv2:ListWebACLs", REGION, None);
    snapshot.wafv2.web_acls.incomplete = vec![listed.clone()];
    assert_eq!(edge(&snapshot).has_web_acl, Known::No(listed.clone()));
    snapshot.wafv2.web_acls.items = vec![acl(Known::Yes(vec![arn]), Vec::new())];
    assert_eq!(edge(&snapshot).has_web_acl, Known::Yes(true));
    let resources = GapId::new("wafv2:ListResourcesForWebACL", REGION, Some(ACL));
    snapshot.wafv2.web_acls.incomplete = vec![GapId::new("wafv2:ListWebACLs", "eu-west-1", None)];
    snapshot.wafv2.web_acls.items = vec![acl(Known::No(resources.clone()), Vec::new())];
    assert_eq!(edge(&snapshot).has_web_acl, Known::No(resources));
}

#[test]
fn distributions_by_the_load_balancer_s_name() {
    let mut snapshot = site::before();
    let name = snapshot.elb.load_balancers.items[0].dns_name.clone();
    assert_eq!(edge(&snapshot).is_behind_distribution, Known::Yes(false));
    snapshot.cloudfront.distributions.items = vec![
        distribution("E1", &name.to_uppercase()),
        distribution("E2", &format!("dualstack.{name}")),
        distribution("E3", "images.s3.ap-northeast-1.amazonaws.com"),
        Distribution { enabled: false, ..distribution("E4", &name) },
    ];
    assert_eq!(edge(&snapshot).distribution_ids, Known::Yes(site::ids(&["E1", "E2"])));
    snapshot.cloudfront.distributions.items.drain(..2);
    assert_eq!(edge(&snapshot).is_behind_distribution, Known::Yes(false));
}

#[test]
fn names_that_distributions_fetch_by() {
    let mut snapshot = site::before();
    let name = snapshot.elb.load_balancers.items[0].dns_name.clone();
    snapshot.cloudfront.distributions.items = vec![distribution("E1", &name), distribution("E2", &name)];
    snapshot.cloudfront.distributions.items[1].origins.push(Default::default());
    let listener = Listener {
        load_balancer_arn: snapshot.elb.load_balancers.items[0].arn.clone(),
        ..Listener::default()
    };
    assert_eq!(edge(&snapshot).origin_names, Known::Yes(vec![name.clone()]));
    assert_eq!(listener_origin_names(&snapshot, &listener), Known::Yes(vec![name]));
    let gone = Listener { load_balancer_arn: "arn:gone".into(), ..Listener::default() };
    assert_eq!(listener_origin_names(&snapshot, &gone), Known::No(GapId::default()));
}

#[test]
fn hidden_distributions_and_names_that_may_lead_here() {
    let mut snapshot = site::before();
    let listed = GapId::new("cloudfront:ListDistributions", "us-east-1", None);
    snapshot.cloudfront.distributions.incomplete = vec![listed.clone()];
    assert_eq!(edge(&snapshot).is_behind_distribution, Known::No(listed));
    assert_eq!(edge(&snapshot).has_web_acl, Known::Yes(false));
    let name = snapshot.elb.load_balancers.items[0].dns_name.clone();
    snapshot.cloudfront.distributions.items = vec![distribution("E1", &name)];
    assert_eq!(edge(&snapshot).is_behind_distribution, Known::Yes(true));
    snapshot.cloudfront.distributions.incomplete.clear();
    snapshot.cloudfront.distributions.items = vec![distribution("E1", "origin.example.com")];
    let nowhere = GapId::new("route53:ListHostedZones", "us-east-1", Some("origin.example.com"));
    assert_eq!(edge(&snapshot).is_behind_distribution, Known::No(nowhere));
}
