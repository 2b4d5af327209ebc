use super::*;
use aws_sdk_wafv2::primitives::Blob;
use aws_sdk_wafv2::types::{
    AllowAction, AndStatement, BlockAction, ByteMatchStatement, CountAction, DefaultAction, ExcludedRule,
    FieldToMatch, FirewallManagerRuleGroup, FirewallManagerStatement, GeoMatchStatement,
    ManagedRuleGroupStatement, NoneAction, NotStatement, OverrideAction, PositionalConstraint,
    RateBasedStatement, RateBasedStatementAggregateKeyType, Rule, RuleAction, RuleActionOverride,
    RuleGroupReferenceStatement, Statement, TextTransformation, TextTransformationType, VisibilityConfig,
    WebAcl,
};

fn metrics() -> VisibilityConfig {
    VisibilityConfig::builder().metric_name("m").build().unwrap()
}

fn block() -> RuleAction {
    RuleAction::builder().block(BlockAction::builder().build()).build()
}

fn count() -> RuleAction {
    RuleAction::builder().count(CountAction::builder().build()).build()
}

fn no_override() -> OverrideAction {
    OverrideAction::builder().none(NoneAction::builder().build()).build()
}

fn byte_match() -> Statement {
    let transformation =
        TextTransformation::builder().priority(0).r#type(TextTransformationType::None).build().unwrap();
    let content = ByteMatchStatement::builder()
        .search_string(Blob::new("s3cret"))
        .field_to_match(FieldToMatch::builder().build())
        .text_transformations(transformation)
        .positional_constraint(PositionalConstraint::Exactly)
        .build()
        .unwrap();
    Statement::builder().byte_match_statement(content).build()
}

fn common_rules() -> ManagedRuleGroupStatement {
    let change = |name: &str, action: RuleAction| {
        RuleActionOverride::builder().name(name).action_to_use(action).build().unwrap()
    };
    ManagedRuleGroupStatement::builder()
        .vendor_name("AWS")
        .name("AWSManagedRulesCommonRuleSet")
        .excluded_rules(ExcludedRule::builder().name("SizeRestrictions_BODY").build().unwrap())
        .rule_action_overrides(change("SizeRestrictions_BODY", count()))
        .rule_action_overrides(change("NoUserAgent_HEADER", count()))
        .rule_action_overrides(change("EC2MetaDataSSRF_BODY", block()))
        .scope_down_statement(byte_match())
        .build()
        .unwrap()
}

fn acl(rules: Vec<Rule>) -> types::builders::WebAclBuilder {
    WebAcl::builder().name("shop").id("1").arn("arn:acl").set_rules(Some(rules))
}

fn plain(name: &str, priority: i32, action: RuleAction, statement: Statement) -> Rule {
    Rule::builder()
        .name(name)
        .priority(priority)
        .action(action)
        .statement(statement)
        .visibility_config(metrics())
        .build()
        .unwrap()
}

#[test]
fn a_managed_group_keeps_what_only_counts_apart_from_what_was_changed() {
    let rule = Rule::builder()
        .name("common")
        .priority(1)
        .override_action(no_override())
        .statement(Statement::builder().managed_rule_group_statement(common_rules()).build())
        .visibility_config(metrics())
        .build()
        .unwrap();
    let kept = rules(&acl(vec![rule]).build().unwrap()).unwrap();
    let expected = WebAclRule {
        name: "common".to_owned(),
        priority: 1,
        statement: "managed-rule-group".to_owned(),
        vendor: Some("AWS".to_owned()),
        managed_rule_group: Some("AWSManagedRulesCommonRuleSet".to_owned()),
        action: "none".to_owned(),
        counted_rules: vec!["SizeRestrictions_BODY".to_owned(), "NoUserAgent_HEADER".to_owned()],
        overridden_rules: vec!["EC2MetaDataSSRF_BODY".to_owned()],
        has_scope_down: true,
        nested_statements: Known::Yes(Vec::new()),
        rule_group_arn: Known::Yes(None),
        rule_group_rules: Known::Yes(Vec::new()),
        ..WebAclRule::default()
    };
    assert_eq!(kept, [expected]);
}

#[test]
fn a_rate_limit_keeps_its_numbers() {
    let rate = |window: Option<i64>| {
        let content = RateBasedStatement::builder()
            .limit(2000)
            .set_evaluation_window_sec(window)
            .aggregate_key_type(RateBasedStatementAggregateKeyType::ForwardedIp)
            .build()
            .unwrap();
        rate_based(&content)
    };
    let kept = rate(Some(60));
    assert_eq!((kept.rate_limit, kept.rate_window_seconds), (Some(2000), Some(60)));
    assert_eq!(kept.rate_key.as_deref(), Some("FORWARDED_IP"));
    assert!(!kept.has_scope_down);
    assert_eq!(rate(None).rate_window_seconds, None);
}

#[test]
fn nested_statements_keep_the_outer_kind_and_no_content() {
    let not =
        Statement::builder().not_statement(NotStatement::builder().statement(byte_match()).build()).build();
    let geo = Statement::builder().geo_match_statement(GeoMatchStatement::builder().build()).build();
    let later = Statement::builder().build();
    let all = vec![
        plain("later", 30, count(), later),
        plain("bytes", 20, block(), byte_match()),
        plain("not", 0, block(), not),
        plain("geo", 10, count(), geo),
    ];
    let kept = rules(&acl(all).build().unwrap()).unwrap();
    let kinds: Vec<(&str, &str)> =
        kept.iter().map(|rule| (rule.statement.as_str(), rule.action.as_str())).collect();
    assert_eq!(
        kinds,
        [("not", "block"), ("geo-match", "count"), ("byte-match", "block"), ("other", "count")]
    );
    assert!(!format!("{kept:?}").contains("s3cret"));
}

#[test]
fn firewall_manager_goes_first_whatever_its_priority() {
    let statement = FirewallManagerStatement::builder().managed_rule_group_statement(common_rules()).build();
    let first = FirewallManagerRuleGroup::builder()
        .name("central")
        .priority(99)
        .firewall_manager_statement(statement)
        .override_action(no_override())
        .visibility_config(metrics())
        .build()
        .unwrap();
    let content = acl(vec![plain("own", 0, block(), byte_match())])
        .pre_process_firewall_manager_rule_groups(first)
        .build()
        .unwrap();
    let kept = rules(&content).unwrap();
    let names: Vec<&str> = kept.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["central", "own"]);
}

#[test]
fn an_action_that_is_not_known_is_not_guessed() {
    let content = acl(vec![plain("new", 0, RuleAction::builder().build(), byte_match())]).build().unwrap();
    assert_eq!(rules(&content), None);
    assert_eq!(default_action(&content), None);
    let allow = DefaultAction::builder().allow(AllowAction::builder().build()).build();
    let content = acl(Vec::new()).default_action(allow).build().unwrap();
    assert_eq!(default_action(&content).as_deref(), Some("allow"));
    assert_eq!(rules(&content), Some(Vec::new()));
}

#[test]
fn what_is_within_others_is_named_once() {
    let geo = || Statement::builder().geo_match_statement(GeoMatchStatement::builder().build()).build();
    let not = NotStatement::builder().statement(byte_match()).build();
    let inner = Statement::builder().not_statement(not).build();
    let and = AndStatement::builder().statements(geo()).statements(inner).statements(geo()).build().unwrap();
    let rule = plain("both", 1, block(), Statement::builder().and_statement(and).build());
    let kept = rules(&acl(vec![rule]).build().unwrap()).unwrap().remove(0);
    assert_eq!(kept.statement, "and");
    let nested = ["geo-match", "not", "byte-match"].map(str::to_owned).to_vec();
    assert_eq!(kept.nested_statements, Known::Yes(nested));
    assert_eq!(kept.rule_group_rules, Known::Yes(Vec::new()), "it is no group");
}

#[test]
fn a_rule_group_is_named_and_its_rules_are_read_apart() {
    let reference = RuleGroupReferenceStatement::builder().arn("arn:group").build().unwrap();
    let rule = Rule::builder()
        .name("ours")
        .priority(1)
        .override_action(no_override())
        .statement(Statement::builder().rule_group_reference_statement(reference).build())
        .visibility_config(metrics())
        .build()
        .unwrap();
    let kept = rules(&acl(vec![rule]).build().unwrap()).unwrap().remove(0);
    assert_eq!(kept.rule_group_arn, Known::Yes(Some("arn:group".to_owned())));
    assert_eq!(kept.rule_group_rules, Known::default(), "not asked yet");
    let group = types::RuleGroup::builder()
        .name("ours")
        .id("1")
        .capacity(10)
        .arn("arn:group")
        .visibility_config(metrics())
        .rules(plain("second", 2, count(), byte_match()))
        .rules(plain("first", 1, block(), byte_match()))
        .build()
        .unwrap();
    let kept: Vec<(String, String, String)> = group_rules(&group)
        .unwrap()
        .into_iter()
        .map(|rule| (rule.name, rule.statement, rule.action))
        .collect();
    let text = |name: &str, action: &str| (name.to_owned(), "byte-match".to_owned(), action.to_owned());
    assert_eq!(kept, [text("first", "block"), text("second", "count")]);
}
