use super::*;

#[test]
fn wildcards() {
    for (pattern, text) in [
        ("s3:get*", "s3:getobject"),
        ("s3:?etobject", "s3:getobject"),
        ("*", ""),
        ("**", "a"),
        ("a*c*e", "abcde"),
        ("a*bc", "abcbc"),
    ] {
        assert!(wildcard(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in [("a*c", "abcd"), ("", "a"), ("?", ""), ("a?", "a"), ("*b", "abc")] {
        assert!(!wildcard(pattern, text), "{pattern} {text}");
    }
    assert!(!wildcard(&"*a".repeat(40), &"a".repeat(39)), "and is quick");
}

#[test]
fn resources_are_completed() {
    let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-AbCdEf";
    for pattern in [
        "*",
        "arn:aws:*",
        "arn:aws:secretsmanager",
        "arn:aws:secretsmanager:*",
        "arn:aws:secretsmanager:*:*",
        "arn:aws:secretsmanager:*:123456789012:secret:*",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret*",
        "arn:*:secret:*-??????",
    ] {
        assert!(matches_resource(pattern, secret), "{pattern}");
    }
    for pattern in
        ["arn:aws:s3:*", "arn:aws:secretsmanager:us-east-1", "arn:aws:secretsmanager:*:*:secret:Shop/*"]
    {
        assert!(!matches_resource(pattern, secret), "{pattern}");
    }
}

fn statement(effect: &str, action: &str, resource: &str) -> Statement {
    Statement {
        effect: effect.into(),
        actions: vec![action.into()],
        resources: vec![resource.into()],
        ..Statement::default()
    }
}

fn role(managed: &[&str], statements: Vec<Statement>) -> Role {
    Role {
        region: "us-east-1".into(),
        attached_policy_arns: Known::Yes(managed.iter().map(|arn| (*arn).to_owned()).collect()),
        statements: Known::Yes(statements),
        permissions_boundary_arn: Known::Yes(None),
        boundary_statements: Known::Yes(Vec::new()),
        ..Role::default()
    }
}

#[test]
fn a_right_is_lacking_only_where_nothing_unread_may_give_it() {
    let may =
        |managed: &[&str], statements| Rights::of(&role(managed, statements)).may("s3:GetObject", "arn:1");
    let allow = || statement("Allow", "s3:*", "*");
    let unknown = "arn:aws:iam::aws:policy/SomethingNew";
    assert_eq!(may(&[], vec![allow()]), Known::Yes(true));
    assert_eq!(may(&[], vec![]), Known::Yes(false));
    let unread = GapId::new("iam:GetPolicyVersion", "us-east-1", Some(unknown));
    assert_eq!(may(&[unknown], vec![]), Known::No(unread));
    assert_eq!(may(&[unknown], vec![statement("Deny", "s3:*", "*")]), Known::Yes(false));
    let narrowed = Statement { has_conditions: true, ..allow() };
    assert_eq!(may(&[], vec![narrowed]), Known::No(GapId::default()));
    let own = "arn:aws:iam::123456789012:policy/SomethingNew";
    assert_eq!(may(&[own], vec![]), Known::Yes(false), "its statements are among the others");
}

#[test]
fn roles_are_passed_to_the_services_that_are_named() {
    let passing = |has_conditions, services: &[&str]| Statement {
        has_conditions,
        passed_to_services: services.iter().map(|service| (*service).to_owned()).collect(),
        ..statement("Allow", "iam:PassRole", "arn:aws:iam::1:role/*")
    };
    let passes = |statements: Vec<Statement>, service: &str| {
        Rights::of(&role(&[], statements)).passes("arn:aws:iam::1:role/a", service)
    };
    let ecs = "ecs-tasks.amazonaws.com";
    assert_eq!(passes(vec![passing(false, &[])], ecs), Ok(true));
    assert_eq!(passes(vec![passing(true, &[ecs])], ecs), Ok(true));
    assert_eq!(passes(vec![passing(true, &["ecs*.amazonaws.com"])], ecs), Ok(true));
    assert_eq!(passes(vec![passing(true, &[ecs])], "lambda.amazonaws.com"), Ok(false));
    assert_eq!(passes(vec![passing(true, &[])], ecs), Ok(false), "what else it says is not kept");
    let deny = statement("Deny", "iam:*", "*");
    assert_eq!(passes(vec![passing(false, &[]), deny], ecs), Ok(false));
}

#[test]
fn a_role_has_more_rights_when_one_is_lacking_here() {
    let rights = |statements| Rights::of(&role(&[], statements));
    let wide = rights(vec![statement("Allow", "s3:*", "*")]);
    let narrow = rights(vec![statement("Allow", "s3:GetObject", "arn:aws:s3:::shop/*")]);
    let other = rights(vec![statement("Allow", "sqs:*", "*")]);
    let all_but = Statement { negated_actions: true, ..statement("Allow", "iam:*", "*") };
    assert_eq!(wide.lacks_of(&narrow), Ok(false));
    assert_eq!(narrow.lacks_of(&wide), Ok(true));
    assert_eq!(wide.lacks_of(&other), Ok(true));
    assert_eq!(wide.lacks_of(&rights(vec![all_but])), Ok(true));
    assert_eq!(wide.lacks_of(&rights(vec![])), Ok(false));
    let unread = Rights::of(&role(&["arn:aws:iam::aws:policy/SomethingNew"], vec![]));
    assert!(wide.lacks_of(&unread).is_err());
}

const BOUNDARY: &str = "arn:aws:iam::123456789012:policy/boundary";

fn bounded(statements: Vec<Statement>, boundary: Known<Vec<Statement>>) -> Rights {
    Rights::of(&Role {
        permissions_boundary_arn: Known::Yes(Some(BOUNDARY.into())),
        boundary_statements: boundary,
        ..role(&[], statements)
    })
}

fn narrowed(statement: Statement) -> Statement {
    Statement { has_conditions: true, ..statement }
}

fn denied(operation: &str) -> GapId {
    GapId::new(operation, "us-east-1", Some("shop"))
}

/// "The effective permissions are the intersection": an action has to be allowed by a policy and by
/// the boundary, and a denial in either outweighs
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>).
#[test]
fn a_boundary_bounds_what_the_policies_allow() {
    let never = |rights: &Rights| rights.allows("s3:GetObject", "arn:1", Conditions::Never);
    let all = || vec![statement("Allow", "*", "*")];
    let deny = || statement("Deny", "s3:Get*", "*");
    let hidden = denied("iam:GetPolicyVersion");
    let unbounded = Rights::of(&role(&[], all()));
    let within = bounded(all(), Known::Yes(vec![statement("Allow", "s3:*", "*")]));
    let beyond = bounded(all(), Known::Yes(vec![statement("Allow", "sqs:*", "*")]));
    let denying = bounded(all(), Known::Yes(vec![statement("Allow", "*", "*"), deny()]));
    let unseen = bounded(all(), Known::No(hidden.clone()));
    assert_eq!(never(&unbounded), Ok(true));
    assert_eq!(never(&within), Ok(true));
    assert_eq!(never(&beyond), Ok(false));
    assert_eq!(never(&denying), Ok(false));
    assert_eq!(never(&unseen), Err(hidden.clone()));
    assert_eq!(never(&bounded(Vec::new(), Known::No(hidden))), Ok(false), "nothing is left to bound");
    for (rights, is_bounded, denies) in [
        (&unbounded, false, false),
        (&within, true, false),
        (&beyond, true, false),
        (&denying, true, true),
        (&unseen, false, false),
    ] {
        assert_eq!(rights.is_bounded(), is_bounded);
        assert_eq!(rights.denies("s3:GetObject", "arn:1"), denies);
    }
}

/// "An explicit deny in any of these policies overrides the allow"
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>); one under
/// conditions does not always hold.
#[test]
fn a_denial_outweighs_what_it_is_about() {
    let deny = statement("Deny", "s3:Delete*", "arn:aws:s3:::shop/*");
    let rights = |deny: Statement| Rights::of(&role(&[], vec![statement("Allow", "s3:*", "*"), deny]));
    let (plain, narrow) = (rights(deny.clone()), rights(narrowed(deny)));
    let cases = [
        ("s3:DeleteObject", "arn:aws:s3:::shop/1", true),
        ("s3:DeleteObject", "arn:aws:s3:::bank/1", false),
        ("s3:GetObject", "arn:aws:s3:::shop/1", false),
    ];
    for (action, resource, is_denied) in cases {
        assert_eq!(plain.denies(action, resource), is_denied, "{action} {resource}");
        assert_eq!(plain.may(action, resource), Known::Yes(!is_denied), "{action} {resource}");
        assert!(!narrow.denies(action, resource), "{action} {resource}");
        assert_eq!(narrow.may(action, resource), Known::Yes(true), "{action} {resource}");
    }
    assert!(!rights(statement("Allow", "s3:*", "*")).denies("s3:GetObject", "arn:1"));
}

#[test]
fn an_allowance_under_conditions_counts_where_they_may_be_met() {
    let rights = Rights::of(&role(&[], vec![narrowed(statement("Allow", "s3:*", "*"))]));
    assert_eq!(rights.allows("s3:GetObject", "arn:1", Conditions::Never), Ok(false));
    assert_eq!(rights.allows("s3:GetObject", "arn:1", Conditions::Perhaps), Ok(true));
    assert_eq!(rights.allows_somewhere("s3:GetObject", Conditions::Never), Ok(false));
    assert_eq!(rights.allows_somewhere("s3:GetObject", Conditions::Perhaps), Ok(true));
    assert_eq!(rights.allows_somewhere("sqs:SendMessage", Conditions::Perhaps), Ok(false));
}

#[test]
fn the_resource_is_named_as_a_policy_writes_it() {
    let key = "arn:aws:s3:::shop/*";
    let somewhere = |statements: Vec<Statement>| {
        let rights = Rights::of(&role(&[], statements));
        rights.somewhere("s3:GetObject", Conditions::Never).unwrap().map(str::to_owned)
    };
    assert_eq!(somewhere(vec![statement("Allow", "s3:*", key)]).as_deref(), Some(key));
    assert_eq!(somewhere(vec![statement("Allow", "sqs:*", key)]), None);
    let all_but = Statement { negated_resources: true, ..statement("Allow", "s3:*", key) };
    assert_eq!(somewhere(vec![all_but]).as_deref(), Some("*"), "all but one");
    let taken = vec![statement("Allow", "s3:*", key), statement("Deny", "s3:*", key)];
    assert_eq!(somewhere(taken), None);
    let rest = vec![
        statement("Allow", "s3:*", key),
        statement("Deny", "s3:*", key),
        statement("Allow", "s3:*", "arn:aws:s3:::bank"),
    ];
    assert_eq!(somewhere(rest).as_deref(), Some("arn:aws:s3:::bank"));
}

#[test]
fn a_role_is_passed_within_the_boundary() {
    let passes = |boundary: Known<Vec<Statement>>, has_right: bool| {
        let own = has_right.then(|| statement("Allow", "iam:PassRole", "*"));
        let rights = bounded(own.into_iter().collect(), boundary);
        rights.passes("arn:aws:iam::1:role/a", "ecs-tasks.amazonaws.com")
    };
    let hidden = denied("iam:GetPolicyVersion");
    assert_eq!(passes(Known::Yes(vec![statement("Allow", "iam:*", "*")]), true), Ok(true));
    let conditional = narrowed(statement("Allow", "iam:*", "*"));
    assert_eq!(passes(Known::Yes(vec![conditional]), true), Ok(true), "they may be met");
    assert_eq!(passes(Known::Yes(vec![statement("Allow", "s3:*", "*")]), true), Ok(false));
    assert_eq!(passes(Known::No(hidden.clone()), true), Err(hidden.clone()));
    assert_eq!(passes(Known::No(hidden), false), Ok(false));
}

#[test]
fn what_hides_rights_is_kept() {
    let attached = denied("iam:ListAttachedRolePolicies");
    let own = denied("iam:ListRolePolicies");
    let with = |attached: Known<Vec<String>>, statements: Known<Vec<Statement>>| {
        let rights = Rights::of(&Role { attached_policy_arns: attached, statements, ..role(&[], vec![]) });
        (rights.hidden.clone(), rights.may("s3:GetObject", "arn:1"))
    };
    let none = || Known::Yes(Vec::new());
    let unknown = |gap: &GapId| (Some(gap.clone()), Known::No(gap.clone()));
    assert_eq!(with(none(), Known::Yes(Vec::new())), (None, Known::Yes(false)));
    assert_eq!(with(Known::No(attached.clone()), Known::Yes(Vec::new())), unknown(&attached));
    assert_eq!(with(none(), Known::No(own.clone())), unknown(&own));
    assert_eq!(with(Known::No(attached.clone()), Known::No(own)), unknown(&attached));
    let allow = Known::Yes(vec![statement("Allow", "s3:*", "*")]);
    assert_eq!(with(Known::No(attached.clone()), allow), (Some(attached), Known::Yes(true)));
    let unseen = Role { permissions_boundary_arn: Known::No(denied("iam:GetRole")), ..role(&[], vec![]) };
    let mut unseen_and_allowed = unseen.clone();
    unseen_and_allowed.statements = Known::Yes(vec![statement("Allow", "*", "*")]);
    assert_eq!(Rights::of(&unseen).may("s3:GetObject", "arn:1"), Known::Yes(false));
    let gap = Known::No(denied("iam:GetRole"));
    assert_eq!(Rights::of(&unseen_and_allowed).may("s3:GetObject", "arn:1"), gap);
}

/// As the AWS managed policy reference has them:
/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>.
#[test]
fn policies_of_aws_give_what_their_reference_says() {
    for (policy, action, expected) in [
        ("AdministratorAccess", "iam:CreateUser", true),
        ("PowerUserAccess", "ec2:RunInstances", true),
        ("PowerUserAccess", "iam:CreateUser", false),
        ("IAMFullAccess", "iam:CreateUser", true),
        ("IAMFullAccess", "ec2:RunInstances", false),
        ("service-role/AmazonECSTaskExecutionRolePolicy", "ecr:BatchGetImage", true),
        ("service-role/AmazonECSTaskExecutionRolePolicy", "logs:PutLogEvents", true),
        ("service-role/AmazonECSTaskExecutionRolePolicy", "logs:CreateLogGroup", false),
        ("AmazonS3ReadOnlyAccess", "s3:GetObject", true),
        ("AmazonS3ReadOnlyAccess", "s3:PutObject", false),
    ] {
        let arn = format!("arn:aws:iam::aws:policy/{policy}");
        let rights = Rights::of(&role(&[arn.as_str()], vec![]));
        assert_eq!(rights.may(action, "arn:1"), Known::Yes(expected), "{policy} {action}");
    }
    let own = "arn:aws:iam::123456789012:policy/AdministratorAccess";
    assert_eq!(Rights::of(&role(&[own], vec![])).may("iam:CreateUser", "*"), Known::Yes(false));
}

#[test]
fn a_right_that_this_role_has_under_conditions_alone_is_lacking() {
    let rights = |statements| Rights::of(&role(&[], statements));
    let allow = || statement("Allow", "s3:GetObject", "arn:aws:s3:::shop/*");
    let wide = || statement("Allow", "s3:*", "*");
    assert_eq!(rights(vec![narrowed(wide())]).lacks_of(&rights(vec![allow()])), Ok(true));
    assert_eq!(rights(vec![]).lacks_of(&rights(vec![narrowed(allow())])), Ok(true), "they may be met");
    let taken = vec![allow(), statement("Deny", "s3:*", "*")];
    assert_eq!(rights(vec![]).lacks_of(&rights(taken)), Ok(false), "it has none itself");
    let all_but = Statement { negated_resources: true, ..statement("Allow", "s3:*", "arn:aws:s3:::bank/*") };
    assert_eq!(rights(vec![allow()]).lacks_of(&rights(vec![all_but.clone()])), Ok(true));
    assert_eq!(rights(vec![wide()]).lacks_of(&rights(vec![all_but])), Ok(false));
    let hidden = denied("iam:ListRolePolicies");
    let unseen = Rights::of(&Role { statements: Known::No(hidden.clone()), ..role(&[], vec![]) });
    assert_eq!(rights(vec![wide()]).lacks_of(&unseen), Err(hidden));
}
